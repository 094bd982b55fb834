"""Doors, music and presence change plausibly."""

from __future__ import annotations

from collections.abc import Callable

from ha_ingestor.demo_home import House
from ha_ingestor.demo_home.behaviours.people import MediaPlayer, Opening, Presence
from ha_ingestor.demo_home.history import HistoryRequest
from ha_ingestor.demo_home.simulation import Thing

Live = Callable[..., float]


def states(house: House, entity_id: str) -> list[str]:
    rows = house.recorder.during([entity_id], HistoryRequest(start=0.0))
    return [state["s"] for state in rows[entity_id]]


def test_door_opens_and_closes_with_its_lock(house: House, live: Live) -> None:
    live(Opening(Thing("binary_sensor.door", {}), Thing("lock.door", {})), turns=4)
    assert states(house, "binary_sensor.door") == ["off", "on", "off", "on"]
    assert states(house, "lock.door") == ["locked", "unlocked", "locked", "unlocked"]


def test_music_plays_titles_of_the_list_and_pauses(house: House, live: Live) -> None:
    live(MediaPlayer(Thing("media_player.a", {}), ["La Mer"]), turns=40)
    assert set(states(house, "media_player.a")) == {"playing", "idle"}


def test_everybody_is_at_home_in_the_night(house: House, live: Live) -> None:
    live(Presence(Thing("person.a", {})), turns=10, hour=20)
    assert states(house, "person.a") == ["home"]


def test_people_leave_by_day(house: House, live: Live) -> None:
    live(Presence(Thing("person.a", {})), turns=20, hour=9)
    assert "not_home" in states(house, "person.a")
