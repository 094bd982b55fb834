"""Renames and former names, with a real Home Assistant."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.e2e.ingestor import Ingestor
from tests.e2e.real_home_assistant import RealHomeAssistant

pytestmark = pytest.mark.home_assistant


@pytest.fixture
def home_assistant(shared_home_assistant: RealHomeAssistant) -> RealHomeAssistant:
    """One Home Assistant for all tests of this module."""
    return shared_home_assistant


async def states(ingestor: Ingestor, entity_id: str, *last: str) -> list[str]:
    """Return the history of an entity without removals, when it ends with these states."""

    async def ask() -> list[str]:
        history = await ingestor.api.get(f"/api/v1/entities/{entity_id}/history")
        return [point["state"] for point in history["points"] if point["state"] is not None]

    found: list[str] = await ingestor.api.eventually(ask, lambda told: tuple(told[-len(last) :]) == last)
    return found


async def toggle(home_assistant: RealHomeAssistant, entity_id: str, *services: str) -> None:
    for service in services:
        await home_assistant.call_service("light", service, {"entity_id": entity_id})


async def rename(home_assistant: RealHomeAssistant, old: str, new: str) -> None:
    await home_assistant.command("config/entity_registry/update", entity_id=old, new_entity_id=new)


async def test_a_renamed_entity_has_one_history(home_assistant: RealHomeAssistant, tmp_path: Path) -> None:
    old, new = "light.bed_light", "light.schlafzimmer"
    await toggle(home_assistant, old, "turn_off")
    async with Ingestor(tmp_path, url=home_assistant.url, token=home_assistant.token) as ingestor:
        await toggle(home_assistant, old, "turn_on", "turn_off")
        before = await states(ingestor, old, "off", "on", "off")
        await rename(home_assistant, old, new)
        await toggle(home_assistant, new, "turn_on")
        assert (await states(ingestor, new, "on"))[: len(before)] == before
        # another entity takes the old name
        await home_assistant.set_state(old, "somebody else")
        assert await states(ingestor, old, "somebody else") == ["somebody else"]
        assert "somebody else" not in await states(ingestor, new, "on")

        changes = await ingestor.api.events(entity_id=new, event_type="state_changed", limit=100)
        assert {event["entity_id"] for event in changes} == {old, new}
        busiest = (await ingestor.api.get("/api/v1/entities/busiest", limit=1000))["entities"]
        counts: dict[str, Any] = {entity["entity_id"]: entity["count"] for entity in busiest}
        assert counts[new] == len(await ingestor.api.events(entity_id=new, limit=1000))


async def test_a_rename_while_nobody_listened_is_found(home_assistant: RealHomeAssistant, tmp_path: Path) -> None:
    old, new = "light.ceiling_lights", "light.decke"
    await toggle(home_assistant, old, "turn_off")
    async with Ingestor(tmp_path, url=home_assistant.url, token=home_assistant.token) as ingestor:
        await toggle(home_assistant, old, "turn_on", "turn_off")
        before = await states(ingestor, old, "off", "on", "off")
    await rename(home_assistant, old, new)
    async with Ingestor(tmp_path, url=home_assistant.url, token=home_assistant.token) as ingestor:
        await toggle(home_assistant, new, "turn_on")
        assert (await states(ingestor, new, "on"))[: len(before)] == before
        (told,) = [
            event
            for event in await ingestor.api.events(event_type="entity_registry_updated")
            if (event["data"] or {}).get("old_entity_id") == old
        ]
        assert told["origin_kind"] == "backfill"
