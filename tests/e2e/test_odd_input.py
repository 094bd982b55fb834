"""Every input from a home is stored exactly, or kept as rejected with its reason; nothing stops the flow."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from ha_ingestor.demo_home import House, SimulatedHomeAssistant

from tests.e2e.ingestor import Ingestor
from tests.rejected_events import kept_in

ODD_STATES = [
    "NaN", "inf", "-Infinity", "-0.0", "1_000", "١٢", " 12 ", "1e400", "0x10", "", "x" * 300, 'quo"te', "it's",
    "new\nline", "tab\t", "back\\slash\\", "\\", "emoji 😀", "null", "a,b=c d", "\x00", "\x7f", "%00", "客厅",
]  # fmt: skip
ODD_ENTITIES = [
    "sensor.ünï",
    "sensor.with space",
    'sensor.quo"te',
    "sensor.back\\",
    "nodot",
    "sensor.",
    "a.b.c",
    "%2F/x",
]
STATE = {"state": "on", "attributes": {}, "last_updated": "2026-11-24T00:00:00+00:00"}
CONTEXT = {"id": "01", "parent_id": None, "user_id": None}


@pytest.fixture
async def home_assistant() -> AsyncIterator[SimulatedHomeAssistant]:
    simulated = SimulatedHomeAssistant(House(), "token")
    await simulated.start()
    yield simulated
    await simulated.stop()


def state_changed(entity_id: Any = "sensor.a", **new_state: Any) -> str:
    """Return an event as JSON; a key of the new state with the value `...` is omitted."""
    state = (
        STATE | {"entity_id": entity_id, "last_updated": "2026-11-24T00:00:00+00:00", "context": CONTEXT} | new_state
    )
    return json.dumps(
        {
            "event_type": "state_changed",
            "data": {
                "entity_id": entity_id,
                "old_state": None,
                "new_state": {key: value for key, value in state.items() if value is not ...},
            },
            "origin": "LOCAL",
            "time_fired": "2026-11-24T00:00:00+00:00",
            "context": CONTEXT,
        }
    )


async def test_every_odd_state_comes_back_as_it_was_sent(
    home_assistant: SimulatedHomeAssistant, tmp_path: Path
) -> None:
    async with Ingestor(tmp_path, url=home_assistant.url, token="token") as ingestor:
        for state in ODD_STATES:
            home_assistant.house.set_state("sensor.odd", state, {"big": "ü" * 50_000})
        for entity_id in ODD_ENTITIES:
            home_assistant.house.set_state(entity_id, "1", {})
        home_assistant.house.set_state("sensor.last", "done", {})
        await ingestor.api.eventually(lambda: ingestor.api.events(entity_id="sensor.last"), bool)
        history = await ingestor.api.get("/api/v1/entities/sensor.odd/history")
        assert [point["state"] for point in history["points"]] == ODD_STATES
        assert [p["state"] for p in history["points"] if p["value"] is not None] == ["-0.0"]
        (newest,) = await ingestor.api.events(entity_id="sensor.odd", limit=1)
        assert newest["attributes"]["big"] == "ü" * 50_000
        seen = {event["entity_id"] for event in await ingestor.api.events(limit=1000)}
        assert seen >= set(ODD_ENTITIES)


async def test_what_cannot_be_stored_is_kept_with_its_reason(
    home_assistant: SimulatedHomeAssistant, tmp_path: Path
) -> None:
    async with Ingestor(tmp_path, url=home_assistant.url, token="token") as ingestor:
        bad_events = [
            state_changed(state=...),
            state_changed(state=None),
            state_changed(state=21.5),
            state_changed(entity_id=None),
            state_changed(last_updated="2026-11-24T00:00:00"),
            state_changed(last_updated="yesterday"),
            state_changed(last_updated="0001-01-01T00:00:00+00:00"),
            '{"event_type":"state_changed","data":{},"time_fired":"2026-11-24T00:00:00+00:00"}',
            '{"event_type":"x"}',
            '{"data":{}}',
            "[]",
            "null",
        ]
        for event in bad_events:
            home_assistant.send_event(event)
        bad_frames = ["this is no JSON", '{"id":2,"type":"event","event":{"event_type"', ""]
        for frame in bad_frames:
            home_assistant.send_frame(frame)
        home_assistant.send_event(state_changed("sensor.fine"))
        home_assistant.house.set_state("sensor.last", "done", {})
        await ingestor.api.eventually(lambda: ingestor.api.events(entity_id="sensor.last"), bool)
        assert len(await ingestor.api.events(entity_id="sensor.fine", start="2026-11-01T00:00:00Z")) == 1
        rejected_total = len(bad_events) + len(bad_frames)

        async def rejected() -> int:
            services = (await ingestor.api.get("/api/v1/stats/services"))["services"]
            count: int = services.get("websocket-ingestion", {}).get("events_rejected", 0)
            return count

        await ingestor.api.eventually(rejected, lambda count: count == rejected_total)
    kept = await kept_in(tmp_path / "data")
    assert len(kept) == rejected_total
    assert all(event.key and event.message and event.home == "home" for event in kept)
    assert {json.loads(event.payload) for event in kept if event.payload.startswith('"')} == set(bad_frames)


async def test_bad_parameters_are_refused_by_name(home_assistant: SimulatedHomeAssistant, tmp_path: Path) -> None:
    async with Ingestor(tmp_path, url=home_assistant.url, token="token") as ingestor:
        for name, value in (
            ("period", "1x"),
            ("period", "١h"),
            ("period", "100000000000000000000y"),
            ("period", "1h\x00"),
        ):
            error = (await ingestor.api.get("/api/v1/stats", status=422, **{name: value}))["error"]
            assert name in error["message"]
            assert "<number><m|h|d|w|y>" in json.dumps(error)
