"""People: doors, the lock, music, and presence."""

from __future__ import annotations

from collections.abc import Sequence

from ha_ingestor.demo_home.daily_patterns import activity
from ha_ingestor.demo_home.simulation import Thing, Turn


class Opening:
    """A door or window that is closed most of the time; its lock, if any, opens and closes with it."""

    def __init__(self, contact: Thing, lock: Thing | None = None) -> None:
        self._contact = contact
        self._lock = lock

    def take_turn(self, turn: Turn) -> float:
        """Open, or close again."""
        opens = turn.state(self._contact) == "off"
        if self._lock:
            turn.set(self._lock, "unlocked" if opens else "locked")
        turn.set(self._contact, "on" if opens else "off")
        return turn.rng.uniform(10, 60) if opens else turn.rng.uniform(120, 600) / activity(turn.hour)


class MediaPlayer:
    """Plays one title after the other, and pauses now and then."""

    def __init__(self, player: Thing, titles: Sequence[str]) -> None:
        self._player = player
        self._titles = titles

    def take_turn(self, turn: Turn) -> float:
        """Play the next title, pause, or turn the volume."""
        playing = turn.rng.random() < activity(turn.hour)
        details = {
            "volume_level": round(turn.rng.uniform(0.1, 0.6), 2),
            "media_title": turn.rng.choice(self._titles),
            "media_content_type": "music",
            "media_duration": turn.rng.randrange(150, 400),
        }
        turn.set(self._player, "playing" if playing else "idle", details if playing else {})
        return turn.rng.uniform(30, 120)


class Presence:
    """A person who is at home or away."""

    def __init__(self, person: Thing) -> None:
        self._person = person

    def take_turn(self, turn: Turn) -> float:
        """Leave during the day, return for the night."""
        away = 8.0 <= turn.hour < 18.0 and turn.rng.random() < 0.5
        turn.set(self._person, "not_home" if away else "home")
        return turn.rng.uniform(600, 1800)
