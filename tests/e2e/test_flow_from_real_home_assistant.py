"""From a real Home Assistant to the API: changes appear with correct values, area and time."""

from __future__ import annotations

from datetime import datetime
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


async def newest(ingestor: Ingestor, entity_id: str, state: str) -> dict[str, Any]:
    """Return the newest event of the entity when it has this state."""
    (event,) = await ingestor.api.eventually(
        lambda: ingestor.api.events(entity_id=entity_id, event_type="state_changed", limit=1),
        lambda events: events and events[0]["state"] == state,
    )
    return dict(event)


async def test_a_toggled_light_is_seen_everywhere(home_assistant: RealHomeAssistant, tmp_path: Path) -> None:
    await home_assistant.put_into_area("light.bed_light", "Salon d'été")
    await home_assistant.call_service("light", "turn_off", {"entity_id": "light.bed_light"})
    async with Ingestor(tmp_path, url=home_assistant.url, token=home_assistant.token) as ingestor:
        await newest(ingestor, "light.bed_light", "off")  # from the snapshot
        before = await ingestor.api.total()
        await home_assistant.call_service("light", "turn_on", {"entity_id": "light.bed_light"})
        event = await newest(ingestor, "light.bed_light", "on")

        truth = await home_assistant.get_state("light.bed_light")
        assert event["time"] == datetime.fromisoformat(truth["last_updated"]).isoformat(timespec="microseconds")
        assert event["old_state"] == "off"
        assert event["value"] == 1.0
        assert event["area"] == "Salon d'été"
        assert event["device"]
        assert event["friendly_name"] == truth["attributes"]["friendly_name"]
        assert event["attributes"] == truth["attributes"]
        assert event["context_id"] == truth["context"]["id"]
        assert event["origin_kind"] == "live"

        calls = await ingestor.api.events(event_type="call_service", limit=1)
        assert calls[0]["data"]["service"] == "turn_on"
        assert calls[0]["context_id"] == event["context_id"]
        await ingestor.api.eventually(ingestor.api.total, lambda total: total >= before + 2)

        history = await ingestor.api.get("/api/v1/entities/light.bed_light/history")
        assert [p["state"] for p in history["points"]][-2:] == ["off", "on"]
        assert history["points"][-1]["time"] == event["time"]


async def test_numbers_keep_their_value_unit_and_windows(home_assistant: RealHomeAssistant, tmp_path: Path) -> None:
    attributes = {"unit_of_measurement": "µg/m³", "friendly_name": "Außen 屋外"}
    async with Ingestor(tmp_path, url=home_assistant.url, token=home_assistant.token) as ingestor:
        for state in ("1.5", "2.5", "unavailable", "-4", "ünïcode 😀", ""):
            await home_assistant.set_state("sensor.outside", state, attributes)
        await home_assistant.set_state("sensor.outside", "6", attributes)
        await newest(ingestor, "sensor.outside", "6")
        raw = await ingestor.api.get("/api/v1/entities/sensor.outside/history")
        assert [(p["state"], p["value"]) for p in raw["points"]] == [
            ("1.5", 1.5),
            ("2.5", 2.5),
            ("unavailable", None),
            ("-4", -4.0),
            ("ünïcode 😀", None),
            ("", None),
            ("6", 6.0),
        ]
        assert raw["unit"] == "μg/m³", "the micro sign is the Greek letter, whatever the release"
        windows = (await ingestor.api.get("/api/v1/entities/sensor.outside/history", window="1d"))["points"]
        assert sum(w["count"] for w in windows) == 4
        assert min(w["min"] for w in windows) == -4
        assert max(w["max"] for w in windows) == 6


async def test_a_removed_entity_and_a_custom_event_are_captured(
    home_assistant: RealHomeAssistant, tmp_path: Path
) -> None:
    async with Ingestor(tmp_path, url=home_assistant.url, token=home_assistant.token) as ingestor:
        await home_assistant.set_state("sensor.gone", "1", {})
        await home_assistant.remove_state("sensor.gone")
        await home_assistant.fire_event("my_event", {"a": [1, None, {"ü": "x"}]})
        (fired,) = await ingestor.api.eventually(lambda: ingestor.api.events(event_type="my_event"), bool)
        assert fired["data"] == {"a": [1, None, {"ü": "x"}]}
        removed, added = await ingestor.api.events(entity_id="sensor.gone")
        assert (removed["removed"], removed["state"], removed["old_state"]) == (True, None, "1")
        assert (added["removed"], added["state"], added["old_state"]) == (False, "1", None)


async def test_a_wrong_token_is_reported_and_the_rest_works(home_assistant: RealHomeAssistant, tmp_path: Path) -> None:
    ingestor = Ingestor(tmp_path, url=home_assistant.url, token="wrong")
    await ingestor.process.start()
    try:
        health = await ingestor.api.eventually(
            lambda: ingestor.api.get("/api/v1/health"),
            lambda h: h["ingestion_service"]["websocket_connection"]["state"] == "auth_invalid",
        )
        assert health["overall_status"] != "healthy"
        assert "token" in health["ingestion_service"]["websocket_connection"]["last_error"]
        assert await ingestor.api.total() == 0
    finally:
        await ingestor.process.end()
        await ingestor.api.close()
