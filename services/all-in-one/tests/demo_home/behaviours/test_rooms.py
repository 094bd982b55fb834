"""Rooms are heated, and motion switches their lights."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from ha_ingestor.demo_home import House
from ha_ingestor.demo_home.behaviours.rooms import MotionLight, RoomClimate
from ha_ingestor.demo_home.simulation import Thing

Live = Callable[..., float]


@pytest.fixture
def motion_light() -> MotionLight:
    return MotionLight(
        motion=Thing("binary_sensor.motion", {}),
        illuminance=Thing("sensor.lux", {}),
        light=Thing("light.a", {}),
        automation=Thing("automation.a", {"friendly_name": "Bewegungslicht"}),
    )


def climate(house: House) -> Any:
    state = house.get_state("climate.a")
    assert state is not None
    return state.attributes


def test_thermostat_keeps_the_room_near_its_target(house: House, live: Live) -> None:
    room = RoomClimate(
        temperature=Thing("sensor.t", {}), humidity=Thing("sensor.h", {}), thermostat=Thing("climate.a", {})
    )
    live(room, turns=500, hour=10)
    assert climate(house)["temperature"] == 21.0
    assert climate(house)["current_temperature"] == pytest.approx(21.0, abs=0.5)


def test_room_without_thermostat_goes_cold(house: House, live: Live) -> None:
    room = RoomClimate(temperature=Thing("sensor.t", {}), humidity=Thing("sensor.h", {}), thermostat=None)
    live(room, turns=1000, hour=0)
    state = house.get_state("sensor.t")
    assert state is not None
    assert float(state.state) < 15.0


def test_motion_in_the_dark_leads_to_the_light_by_contexts(house: House, live: Live, motion_light: MotionLight) -> None:
    events: list[dict[str, Any]] = []
    house.listen(lambda _, event: events.append(json.loads(event)))
    live(motion_light, turns=20, hour=20)
    triggered = next(event for event in events if event["event_type"] == "automation_triggered")
    service = next(event for event in events if event["event_type"] == "call_service")
    motion = next(
        e
        for e in events
        if e["event_type"] == "state_changed"
        and e["data"]["new_state"]["state"] == "on"
        and e["data"]["entity_id"] == "binary_sensor.motion"
    )
    lit = next(
        e
        for e in events
        if e["event_type"] == "state_changed"
        and e["data"]["new_state"]["state"] == "on"
        and e["data"]["entity_id"] == "light.a"
    )
    assert triggered["data"]["source"] == "state of binary_sensor.motion"
    assert triggered["context"]["parent_id"] == motion["context"]["id"]
    assert lit["context"] == service["context"] == triggered["context"]


def test_light_goes_off_again(house: House, live: Live, motion_light: MotionLight) -> None:
    lit: list[str] = []
    house.listen(
        lambda event_type, event: (
            lit.append(json.loads(event)["data"]["service"]) if event_type == "call_service" else None
        )
    )
    live(motion_light, turns=200, hour=0)
    assert lit[:4] == ["turn_on", "turn_off", "turn_on", "turn_off"]


def test_nobody_needs_light_by_day(house: House, live: Live, motion_light: MotionLight) -> None:
    live(motion_light, turns=50, hour=11)
    state = house.get_state("light.a")
    assert state is not None
    assert state.state == "off"
