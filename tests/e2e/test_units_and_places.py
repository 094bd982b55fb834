"""Units that change, and the places from the registries, with a real Home Assistant."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.e2e.ingestor import Ingestor
from tests.e2e.real_home_assistant import RealHomeAssistant, Release

pytestmark = pytest.mark.home_assistant


@pytest.fixture
def home_assistant(shared_home_assistant: RealHomeAssistant) -> RealHomeAssistant:
    """One Home Assistant for all tests of this module."""
    return shared_home_assistant


async def test_a_sensor_that_is_switched_to_another_unit(home_assistant: RealHomeAssistant, tmp_path: Path) -> None:
    sensor = "sensor.switched"
    async with Ingestor(tmp_path, url=home_assistant.url, token=home_assistant.token) as ingestor:
        for state, unit in (("20", "°C"), ("21.5", "°C"), ("68", "°F"), ("70.7", "°F")):
            await home_assistant.set_state(sensor, state, {"unit_of_measurement": unit})
        await ingestor.api.eventually(lambda: ingestor.api.events(entity_id=sensor), lambda found: len(found) == 4)
        raw = await ingestor.api.get(f"/api/v1/entities/{sensor}/history")
        assert [(point["value"], point["unit"]) for point in raw["points"]] == [
            (20.0, "°C"),
            (21.5, "°C"),
            (68.0, "°F"),
            (70.7, "°F"),
        ]
        windows = await ingestor.api.get(f"/api/v1/entities/{sensor}/history", window="1d")
        assert windows["unit"] == "°F"
        for window in windows["points"]:
            assert window["unit"] == "°F"
            assert 68.0 <= window["min"] <= window["mean"] <= window["max"] <= 70.7
        assert windows["points"][0]["converted_from"] == ["°C"]
        nobody = await ingestor.api.get("/api/v1/entities/sensor.swiched/history", status=404)
        assert sensor in nobody["error"]["detail"]["nearest"]


async def test_entities_are_found_by_floor_label_and_integration(
    release: Release, home_assistant: RealHomeAssistant, tmp_path: Path
) -> None:
    light = "light.kitchen_lights"
    has_floors = release.name != "2024.3"
    command = home_assistant.command
    await home_assistant.put_into_area(light, "Große Küche")
    async with Ingestor(tmp_path, url=home_assistant.url, token=home_assistant.token) as ingestor:

        async def found(**wanted: Any) -> set[str]:
            answer = await ingestor.api.get("/api/v1/entities", limit=1000, **wanted)
            return {entity["entity_id"] for entity in answer["entities"]}

        async def eventually(**wanted: str) -> Any:
            await home_assistant.call_service("light", "toggle", {"entity_id": light})
            return light in await found(**wanted)

        await ingestor.api.eventually(lambda: eventually(area="Große Küche", integration="demo"), bool)
        assert light not in await found(integration="sun")
        if has_floors:  # while the ingestor runs, so that it receives the registry events
            floor = await command("config/floor_registry/create", name="Erdgeschoß")
            label = await command("config/label_registry/create", name="Wichtig")
            (area,) = [each for each in await command("config/area_registry/list") if each["name"] == "Große Küche"]
            await command("config/area_registry/update", area_id=area["area_id"], floor_id=floor["floor_id"])
            await command("config/entity_registry/update", entity_id=light, labels=[label["label_id"]])
            await ingestor.api.eventually(lambda: eventually(floor="Erdgeschoß", label="Wichtig"), bool)
        known = await ingestor.api.get(f"/api/v1/entities/{light}")
        assert (known["area"], known["integration"], known["domain"]) == ("Große Küche", "demo", "light")
        assert (known["floor"], known["labels"]) == (("Erdgeschoß", ["Wichtig"]) if has_floors else (None, []))
