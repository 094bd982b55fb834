"""deliver(batch) → acknowledged."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from enrichment_pipeline.main import EnrichmentPipeline
from ha_ingestor_core.delivery import Receipt
from ha_ingestor_core.errors import BackpressureError, InvalidInputError, RegistryUnknownError
from ha_ingestor_core.events import EventBatch, Registries
from msgspec import Raw
from prometheus_client import CollectorRegistry

Start = Callable[..., Awaitable[EnrichmentPipeline]]
Batch = Callable[..., EventBatch]
Changes = Callable[..., list[dict[str, Any]]]


async def test_the_recorded_session_is_stored(
    start: Start, batch: Batch, store: Any, recorded: list[dict[str, Any]]
) -> None:
    pipeline = await start()
    results = {message["id"]: message.get("result") for message in recorded if message.get("type") == "result"}
    lists: dict[str, Any] = {
        name: Raw(json.dumps(results[at]).encode()) for name, at in (("areas", 4), ("devices", 5), ("entities", 6))
    }
    await pipeline.deliver_registries(Registries(home="home", version="v1", **lists))
    events = [message["event"] for message in recorded if message.get("type") == "event"]
    receipt = await pipeline.deliver(batch(*events, registry_version="v1"))
    distinct = {json.dumps(event, sort_keys=True) for event in events}
    assert (receipt.written, receipt.duplicate, receipt.rejected) == (len(distinct), len(events) - len(distinct), [])
    sent = {
        e["data"]["new_state"]["state"] for e in events if e["event_type"] == "state_changed" and e["data"]["new_state"]
    }
    points = list(store.points.values())
    assert {point.state for point in points if point.state is not None} == sent
    lights = [point for point in points if point.entity_id == "light.kitchen_lights"]
    assert {(point.device, point.friendly_name) for point in lights} == {("Kitchen Lights", "Kitchen Lights")}
    outdoor = [point for point in points if point.entity_id == "sensor.outdoor_temperature"]
    assert {point.friendly_name for point in outdoor if point.value is not None} == {"Außentemperatur 屋外"}
    assert [point.entity_id for point in points if point.removed] == ["sensor.energy_total"]


async def test_a_short_batch_does_not_overtake_a_long_one(
    start: Start, batch: Batch, changes: Changes, store: Any
) -> None:
    pipeline = await start()
    long, short = batch(*changes(3_000)), batch(*changes(1, "sensor.hall"))
    await asyncio.gather(pipeline.deliver(long), pipeline.deliver(short))
    assert list(store.points.values())[-1].entity_id == "sensor.hall"


async def test_the_same_batch_again_changes_nothing(start: Start, batch: Batch, changes: Changes, store: Any) -> None:
    pipeline = await start()
    sent = batch(*changes(10))
    assert await pipeline.deliver(sent) == Receipt(written=10)
    before = dict(store.points)
    assert await pipeline.deliver(sent) == Receipt(duplicate=10)
    assert store.points == before


async def test_a_batch_that_names_unknown_registries_is_refused_whole(
    start: Start, batch: Batch, changes: Changes, store: Any
) -> None:
    pipeline = await start()
    with pytest.raises(RegistryUnknownError):
        await pipeline.deliver(batch(*changes(1), registry_version="v1"))
    assert store.writes == []
    await pipeline.deliver_registries(Registries(home="home", version="v1"))
    assert await pipeline.deliver(batch(*changes(1), registry_version="v1")) == Receipt(written=1)


async def test_an_empty_batch_is_acknowledged_without_a_write(start: Start, batch: Batch, store: Any) -> None:
    assert await (await start()).deliver(batch()) == Receipt()
    assert store.writes == []


async def test_a_batch_without_a_home_is_refused(start: Start, batch: Batch, changes: Changes) -> None:
    with pytest.raises(InvalidInputError, match="home must not be empty"):
        await (await start()).deliver(batch(*changes(1), home=""))


async def test_a_full_pipeline_refuses_and_takes_again_when_there_is_room(
    start: Start, batch: Batch, changes: Changes, store: Any, registry: CollectorRegistry
) -> None:
    pipeline = await start(queue_limit=10)
    store.gate.clear()
    first = asyncio.create_task(pipeline.deliver(batch(*changes(8, "a.a"))))
    await store.entered.wait()
    with pytest.raises(BackpressureError):
        await pipeline.deliver(batch(*changes(3, "a.b")))
    assert registry.get_sample_value("ha_ingestor_enrichment_pipeline_queue_events") == 8
    assert registry.get_sample_value("ha_ingestor_enrichment_pipeline_refused_batches_total") == 1
    store.gate.set()
    await first
    assert await pipeline.deliver(batch(*changes(3, "a.b"))) == Receipt(written=3)


BAD_EVENTS: list[tuple[Any, str]] = [
    ("a frame that was no JSON", "malformed"),
    (b"{", "malformed"),
    (b'{"event_type":"\xff"}', "malformed"),
    (b"[" * 100_000, "malformed"),
    ({}, "missing_field"),
    ({"event_type": "x"}, "missing_field"),
    ({"event_type": "x", "time_fired": "2026-11-23T08:07:54"}, "time_without_offset"),
    ({"event_type": "x", "time_fired": "yesterday"}, "invalid_time"),
    ({"event_type": "x", "time_fired": "1600-01-01T00:00:00Z"}, "time_out_of_range"),
    ({"event_type": "", "time_fired": "2026-11-23T08:07:54Z"}, "empty_field"),
    ({"event_type": "x", "time_fired": "2026-11-23T08:07:54Z", "data": []}, "wrong_type"),
    ({"event_type": "state_changed", "time_fired": "2026-11-23T08:07:54Z"}, "missing_field"),
]


@pytest.mark.parametrize(("bad", "key"), BAD_EVENTS)
async def test_bad_events_are_rejected_and_kept_and_stop_nothing(
    start: Start, batch: Batch, changes: Changes, kept: Any, bad: Any, key: str
) -> None:
    before, after = changes(2)
    receipt = await (await start()).deliver(batch(before, bad, after))
    assert (receipt.written, [(r.index, r.key) for r in receipt.rejected]) == (2, [(1, key)])
    assert [entry.key for entry in kept()] == [key]


async def test_attributes_that_are_no_object_are_rejected(start: Start, batch: Batch, change: Any) -> None:
    receipt = await (await start()).deliver(batch(change(attributes=[1])))
    assert receipt.rejected[0].message == "data.new_state.attributes must be an object, got an array"
