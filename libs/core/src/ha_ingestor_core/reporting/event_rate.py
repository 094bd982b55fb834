"""The rate of events over the last five minutes."""

from __future__ import annotations

from collections import deque

from ha_ingestor_core.clock import Clock

_SLOT_S = 5.0
_SLOTS = 60
RECENT_S = _SLOT_S * _SLOTS


class EventRate:
    """Events per minute over the last five minutes, or since the start where that is shorter (at least one minute)."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._started = clock.monotonic()
        self._slots: deque[list[float]] = deque(maxlen=_SLOTS)

    def add(self, events: int) -> None:
        """Count events now."""
        slot = self._clock.monotonic() // _SLOT_S
        if self._slots and self._slots[-1][0] == slot:
            self._slots[-1][1] += events
        else:
            self._slots.append([slot, events])

    def per_minute(self) -> float:
        """Return the rate now."""
        covered_s = min(RECENT_S, max(60.0, self._clock.monotonic() - self._started))
        return self.recent() * 60.0 / covered_s

    def recent(self) -> float:
        """Return the number of events in the last five minutes."""
        oldest = self._clock.monotonic() // _SLOT_S - _SLOTS
        return sum(count for slot, count in self._slots if slot > oldest)
