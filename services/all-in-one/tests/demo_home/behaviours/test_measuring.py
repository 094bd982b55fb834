"""Meters add up what they measure."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from ha_ingestor.demo_home import House
from ha_ingestor.demo_home.behaviours.measuring import Appliance, Measurement, PowerMeter
from ha_ingestor.demo_home.history import HistoryRequest
from ha_ingestor.demo_home.simulation import Thing

Live = Callable[..., float]


def states(house: House, entity_id: str) -> list[str]:
    rows = house.recorder.during([entity_id], HistoryRequest(start=0.0, significant_changes_only=False))
    return [state["s"] for state in rows[entity_id]]


def test_measurement_has_its_digits(house: House, live: Live) -> None:
    live(Measurement(Thing("sensor.a", {}), lambda _: 230.456, every_s=2, digits=2), turns=1)
    assert states(house, "sensor.a") == ["230.46"]


def test_energy_is_power_times_time_and_never_falls(house: House, live: Live) -> None:
    meter = PowerMeter(
        Thing("sensor.power", {}), Thing("sensor.energy", {}), lambda _: 3600.0, every_s=10, energy_kwh=5.0
    )
    passed = live(meter, turns=200)
    energy = [float(state) for state in states(house, "sensor.energy")]
    assert energy == sorted(energy)
    assert energy[-1] == pytest.approx(5.0 + passed / 1000.0, rel=0.01)


def test_power_is_never_negative(house: House, live: Live) -> None:
    live(PowerMeter(Thing("sensor.p", {}), Thing("sensor.e", {}), lambda _: -5.0, every_s=1, energy_kwh=0.0), turns=1)
    assert states(house, "sensor.p") == ["0.0"]


def test_appliance_draws_power_only_while_it_is_on(house: House, live: Live) -> None:
    machine = Appliance(Thing("switch.a", {}), watts=500.0)
    meter = PowerMeter(Thing("sensor.p", {}), Thing("sensor.e", {}), machine.watts, every_s=1, energy_kwh=0.0)
    live(machine, turns=1)
    live(meter, turns=1)
    live(machine, turns=1)
    live(meter, turns=1, hour=13)
    on, off = states(house, "sensor.p")
    assert float(on) > 300.0
    assert float(off) < 1.0
