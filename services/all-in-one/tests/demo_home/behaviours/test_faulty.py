"""Faulty devices fail as intended."""

from __future__ import annotations

from collections.abc import Callable

from ha_ingestor.demo_home import House
from ha_ingestor.demo_home.behaviours.faulty import FlappingSensor, SilentSensor
from ha_ingestor.demo_home.history import HistoryRequest
from ha_ingestor.demo_home.simulation import Thing
from ha_ingestor_core.clock import NS_PER_S

Live = Callable[..., float]
NOON_NS = (1_799_971_200 + 12 * 3600) * NS_PER_S


def test_silent_sensor_stops_without_a_word(house: House, live: Live) -> None:
    live(SilentSensor(Thing("sensor.a", {}), silent_from_ns=NOON_NS + 60 * NS_PER_S), turns=100)
    states = house.recorder.during(["sensor.a"], HistoryRequest(start=0.0))["sensor.a"]
    assert 2 <= len(states) <= 6
    assert states[-1]["s"] != "unavailable"


def test_flapping_sensor_comes_and_goes(house: House, live: Live) -> None:
    live(FlappingSensor(Thing("sensor.a", {"friendly_name": "A"})), turns=6)
    states = house.recorder.during(["sensor.a"], HistoryRequest(start=0.0))["sensor.a"]
    assert [state["s"] == "unavailable" for state in states] == [False, True, False, True, False, True]
