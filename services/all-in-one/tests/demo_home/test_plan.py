"""The demo home is a plausible house, of a size that a page can show."""

from __future__ import annotations

from collections import Counter
from datetime import UTC
from random import Random

import pytest
from ha_ingestor.demo_home import House
from ha_ingestor.demo_home.plan import Plan
from ha_ingestor.demo_home.simulation import Simulation
from ha_ingestor_core.clock import NS_PER_S

from tests.odd_names import ODD_ROOMS

MIDNIGHT_NS = 1_799_971_200 * NS_PER_S
HOUR_NS = 3600 * NS_PER_S


@pytest.fixture(scope="module")
def plan() -> Plan:
    return Plan(silent_from_ns=MIDNIGHT_NS)


@pytest.fixture(scope="module")
def noon_events() -> Counter[str]:
    """Events by type of one hour after noon."""
    plan = Plan(silent_from_ns=0)
    house = House(rng=Random(1), registries=plan.registries)
    noon_ns = MIDNIGHT_NS + 12 * HOUR_NS
    simulation = Simulation(house, plan.behaviours, start_ns=noon_ns, rng=Random(1), time_zone=UTC)
    events: Counter[str] = Counter()
    house.listen(lambda event_type, _: events.update([event_type]))
    simulation.run_until(noon_ns + HOUR_NS)
    return events


def test_house_has_rooms_devices_and_entities(plan: Plan) -> None:
    assert len(plan.registries.areas) == 5
    assert 15 <= len(plan.registries.devices) <= 25
    assert 50 <= len(plan.registries.entities) <= 70


def test_ids_are_unique_and_the_same_at_every_start(plan: Plan) -> None:
    ids = [entry.id for entry in plan.registries.entities] + [device.id for device in plan.registries.devices]
    again = Plan(silent_from_ns=0).registries
    assert len(set(ids)) == len(ids)
    assert ids == [entry.id for entry in again.entities] + [device.id for device in again.devices]


def test_every_named_device_and_area_exists(plan: Plan) -> None:
    areas = {area.area_id for area in plan.registries.areas} | {None}
    devices = {device.id for device in plan.registries.devices} | {None}
    assert {device.area_id for device in plan.registries.devices} <= areas
    assert {entry.area_id for entry in plan.registries.entities} <= areas
    assert {entry.device_id for entry in plan.registries.entities} <= devices


def test_several_events_happen_each_second(noon_events: Counter[str]) -> None:
    assert 3.0 < noon_events.total() / 3600 < 8.0


def test_nobody_switches_lights_at_noon(noon_events: Counter[str]) -> None:
    assert set(noon_events) == {"state_changed"}


def test_every_name_is_plain_text(plan: Plan) -> None:
    registries = plan.registries
    house = House(rng=Random(1), registries=registries)
    simulation = Simulation(house, plan.behaviours, start_ns=MIDNIGHT_NS - HOUR_NS, rng=Random(1), time_zone=UTC)
    simulation.run_until(MIDNIGHT_NS)
    names = [state.attributes["friendly_name"] for state in house.states()]
    assert len(names) > 50
    names += [area.name for area in registries.areas] + [device.name for device in registries.devices]
    names += [floor.name for floor in registries.floors] + [label.name for label in registries.labels]
    assert [name for name in names if not name.isascii()] == []


def test_rooms_may_have_other_names() -> None:
    registries = Plan(silent_from_ns=0, rooms=ODD_ROOMS).registries
    assert [area.name for area in registries.areas] == [*ODD_ROOMS.values(), "Garden"]
    assert {"sensor.ke_ting_temperature", "light.wohnkuche"} <= {entry.entity_id for entry in registries.entities}
