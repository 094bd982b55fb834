"""The real Home Assistant of the end-to-end tests behaves as these tests expect."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from ha_ingestor.demo_home import House
from ha_ingestor.demo_home.commands import run_command
from ha_ingestor_core.clock import datetime_to_ns

from tests.e2e import real_home_assistant
from tests.e2e.real_home_assistant import (
    RealHomeAssistant,
    Release,
    Release2024,
    Release2026,
    require_home_assistant,
)

HISTORY_FLAGS = ("include_start_time_state", "significant_changes_only", "minimal_response", "no_attributes")


@pytest.fixture
def home_assistant(shared_home_assistant: RealHomeAssistant) -> RealHomeAssistant:
    """One Home Assistant for all tests of this module."""
    return shared_home_assistant


async def history(home_assistant: RealHomeAssistant, entity_id: str, *, states: int) -> list[dict[str, Any]]:
    """Return the recorded states of the entity when the recorder has written that number."""
    start = datetime.now(UTC) - timedelta(minutes=5)
    async with asyncio.timeout(10):
        while True:
            result = await home_assistant.command(
                "history/history_during_period",
                start_time=start.isoformat(),
                entity_ids=[entity_id],
                include_start_time_state=False,
                significant_changes_only=False,
            )
            if len(rows := result.get(entity_id, [])) >= states:
                return list(rows)
            await asyncio.sleep(0.1)


@pytest.mark.home_assistant
async def test_states_change_and_survive_in_the_history(home_assistant: RealHomeAssistant) -> None:
    attributes = {"unit_of_measurement": "°C", "friendly_name": "Außen 屋外"}
    await home_assistant.set_state("sensor.outside", "1.5", attributes)
    live = await home_assistant.get_state("sensor.outside")
    await home_assistant.set_state("sensor.outside", "2.5", attributes)
    await home_assistant.remove_state("sensor.outside")

    rows = await history(home_assistant, "sensor.outside", states=3)

    assert [row["s"] for row in rows] == ["1.5", "2.5", None]
    assert rows[2] == {"s": None, "a": {}, "lu": rows[2]["lu"]}  # a removal
    assert rows[0]["a"] == live["attributes"] == attributes
    assert datetime.fromtimestamp(rows[0]["lu"], UTC) == datetime.fromisoformat(live["last_updated"])


@pytest.mark.home_assistant
async def test_demo_home_remembers_history_as_the_real_one_does(home_assistant: RealHomeAssistant) -> None:
    house = House()
    for state, brightness in (("off", 0), ("on", 1), ("on", 2), ("on", 3), ("off", 0), ("on", 4)):
        for entity_id in ("light.same", "climate.same"):
            await home_assistant.set_state(entity_id, state, {"brightness": brightness, "supported_features": 1})
            live = await home_assistant.get_state(entity_id)
            time_ns = datetime_to_ns(datetime.fromisoformat(live["last_updated"]))
            house.set_state(entity_id, state, live["attributes"], time_ns=time_ns)
    rows = await history(home_assistant, "climate.same", states=6)
    lights = await history(home_assistant, "light.same", states=6)
    between = (lights[1]["lu"] + rows[1]["lu"]) / 2  # after the second light, before the second climate
    period = {
        "start_time": datetime.fromtimestamp(between, UTC).isoformat(),
        "end_time": datetime.fromtimestamp((rows[4]["lu"] + rows[5]["lu"]) / 2, UTC).isoformat(),
        "entity_ids": ["light.same", "climate.same"],
    }
    for flags in product((False, True), repeat=len(HISTORY_FLAGS)):
        asked = {**period, **dict(zip(HISTORY_FLAGS, flags, strict=True))}
        real = await home_assistant.command("history/history_during_period", **asked)
        simulated = run_command(house, {"type": "history/history_during_period", **asked})
        assert to_microseconds(simulated) == to_microseconds(real), asked


def to_microseconds(histories: dict[str, list[dict[str, Any]]]) -> dict[str, list[dict[str, Any]]]:
    """Return the state with times in whole microseconds, since older releases have more digits."""

    def rounded(row: dict[str, Any]) -> dict[str, Any]:
        return {key: datetime.fromtimestamp(v, UTC) if key in ("lu", "lc") else v for key, v in row.items()}

    return {entity_id: [rounded(row) for row in rows] for entity_id, rows in histories.items()}


@pytest.mark.home_assistant
async def test_devices_obey_and_restart_keeps_token_and_area(home_assistant: RealHomeAssistant) -> None:
    before = (await home_assistant.get_state("light.bed_light"))["state"]
    await home_assistant.call_service("light", "toggle", {"entity_id": "light.bed_light"})
    assert {before, (await home_assistant.get_state("light.bed_light"))["state"]} == {"on", "off"}

    await home_assistant.put_into_area("light.bed_light", "Salon d'été")
    await home_assistant.restart()

    areas = {area["area_id"]: area["name"] for area in await home_assistant.command("config/area_registry/list")}
    entity = await home_assistant.command("config/entity_registry/get", entity_id="light.bed_light")
    devices = await home_assistant.command("config/device_registry/list")
    area_id = next(device["area_id"] for device in devices if device["id"] == entity["device_id"])
    assert areas[area_id] == "Salon d'été"


@pytest.mark.parametrize("release", [Release2024(), Release2026()], ids=lambda release: release.name)
def test_missing_home_assistant_fails_in_ci_and_skips_elsewhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, release: Release
) -> None:
    monkeypatch.setattr(real_home_assistant, "VENV", tmp_path / "missing")
    monkeypatch.setattr(real_home_assistant, "TREE", tmp_path / "missing")
    monkeypatch.setenv("CI", "true")
    with pytest.raises(pytest.fail.Exception, match=r"scripts/install-home-assistant.*\.sh"):
        require_home_assistant(release)
    monkeypatch.delenv("CI")
    with pytest.raises(pytest.skip.Exception, match=r"scripts/install-home-assistant.*\.sh"):
        require_home_assistant(release)
