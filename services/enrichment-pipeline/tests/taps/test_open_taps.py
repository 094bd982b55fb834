"""The live tap: what it shows of each event, what it costs, and how it ends."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from enrichment_pipeline.main import EnrichmentPipeline
from enrichment_pipeline.taps import open_taps, tap_view
from ha_ingestor_core.calls.taps import TapPage
from ha_ingestor_core.clock import FakeClock
from ha_ingestor_core.errors import BackpressureError, NotFoundError
from ha_ingestor_core.events import EventBatch, OriginKind, RawEvent, Registries
from ha_ingestor_core.filters.live_filter import EVERY_EVENT, LiveFilter
from ha_ingestor_core.filters.rules import FilterLists, Filters
from msgspec import Raw

Start = Callable[..., Awaitable[EnrichmentPipeline]]
Batch = Callable[..., EventBatch]
Change = Callable[..., dict[str, Any]]
Changes = Callable[..., list[dict[str, Any]]]


def shown(page: TapPage) -> list[Any]:
    return [json.loads(bytes(event)) for event in page.events]


async def tapped(pipeline: EnrichmentPipeline, tap_id: str) -> list[Any]:
    return shown(await pipeline.read_tap(tap_id))


async def test_a_written_event_is_shown_as_it_came_beside_its_point(start: Start, batch: Batch, change: Change) -> None:
    pipeline = await start()
    tap = await pipeline.open_tap(EVERY_EVENT)
    event = change("sensor.kitchen", "21.50", attributes={"unit_of_measurement": "\u00b5g", "friendly_name": "K"})
    await pipeline.deliver(batch(event))
    (reported,) = await tapped(pipeline, tap.id)
    assert json.loads(reported["raw"]) == event
    assert (reported["outcome"], reported["reason"], reported["origin_kind"], reported["is_cut"]) == (
        "written",
        None,
        "live",
        False,
    )
    point = reported["point"]
    assert (point["state"], point["value"], point["unit"]) == ("21.50", 21.5, "\u03bcg")
    assert point["attributes"] == event["data"]["new_state"]["attributes"]
    assert point["time"].startswith("2026-11-23T08:07:54.088501")
    assert point["time_ns"].startswith("1795421274088501")
    assert await tapped(pipeline, tap.id) == []


async def test_a_mistake_of_the_tap_ends_it_and_no_delivery(
    start: Start, batch: Batch, change: Change, monkeypatch: pytest.MonkeyPatch
) -> None:
    pipeline = await start()
    tap = await pipeline.open_tap(EVERY_EVENT)
    monkeypatch.setattr(open_taps, "outcome_view", lambda *_: 1 / 0)
    assert (await pipeline.deliver(batch(change()))).written == 1
    assert (await pipeline.status())["counters"]["events_processed"] == 1
    with pytest.raises(NotFoundError):
        await pipeline.read_tap(tap.id)


async def test_every_end_is_shown_with_its_reason(start: Start, batch: Batch, change: Change, store: Any) -> None:
    pipeline = await start()
    await pipeline.set_filters(Filters(exclude=FilterLists(entities=["sensor.hidden"])))
    store.refuses = lambda point: point.entity_id == "sensor.refused"
    store.expires = lambda point: point.entity_id == "sensor.old"
    tap = await pipeline.open_tap(EVERY_EVENT)
    events = [
        change("sensor.a"),
        change("sensor.hidden"),
        change("sensor.a"),
        change("sensor.old"),
        b"no json",
        change("sensor.refused"),
        change("sensor.b", 5),
    ]
    await pipeline.deliver(batch(*events))
    reported = await tapped(pipeline, tap.id)
    assert [each["outcome"] for each in reported] == [
        "written", "filtered", "duplicate", "expired", "rejected", "rejected", "rejected",
    ]  # fmt: skip
    assert [each["reason"] and each["reason"]["key"] for each in reported] == [
        None, "excluded_entity", None, None, "malformed", "type_conflict", "wrong_type",
    ]  # fmt: skip
    assert reported[4]["raw"] == "no json"
    assert "new_state.state" in reported[6]["reason"]["message"]
    assert [each["point"] is None for each in reported] == [False, True, False, False, True, False, True]


async def test_events_that_expired_before_the_write_are_shown_with_their_points(
    start: Start, batch: Batch, change: Change, store: Any
) -> None:
    pipeline = await start()
    tap = await pipeline.open_tap(EVERY_EVENT)
    store.kept_from = 1_795_000_000_000_000_000
    late = change("sensor.late", new={"last_updated": "2020-01-01T00:00:00+00:00"})
    await pipeline.deliver(batch(change("sensor.a"), late, change("sensor.b")))
    reported = await tapped(pipeline, tap.id)
    assert [(each["outcome"], each["point"]["entity_id"]) for each in reported] == [
        ("written", "sensor.a"), ("expired", "sensor.late"), ("written", "sensor.b"),
    ]  # fmt: skip


async def test_batches_that_are_written_together_keep_their_ends(start: Start, batch: Batch, changes: Changes) -> None:
    pipeline = await start()
    first, *rest = changes(3)
    await pipeline.deliver(batch(first))
    tap = await pipeline.open_tap(EVERY_EVENT)
    await pipeline.deliver(batch(first, *rest))
    assert [each["outcome"] for each in await tapped(pipeline, tap.id)] == ["duplicate", "written", "written"]


@pytest.mark.parametrize(
    ("wanted", "entities"),
    [
        (LiveFilter(entity_id="light.*"), ["light.hidden", "light.hall"]),
        (LiveFilter(domain="sensor"), ["sensor.a"]),
        (LiveFilter(area="Hall"), ["light.hidden"]),
        (LiveFilter(home="cabin"), []),
        (LiveFilter(event_type="call_service"), []),
    ],
)
async def test_a_filter_holds_for_events_that_became_no_point_too(
    start: Start, batch: Batch, change: Change, wanted: LiveFilter, entities: list[str]
) -> None:
    pipeline = await start()
    await pipeline.deliver_registries(
        Registries(
            home="home",
            version="1",
            entities=Raw(b'[{"entity_id":"light.hidden","area_id":"hall"}]'),
            areas=Raw(b'[{"area_id":"hall","name":"Hall"}]'),
        )
    )
    await pipeline.set_filters(Filters(exclude=FilterLists(entities=["light.hidden"])))
    tap = await pipeline.open_tap(wanted)
    events = [change("light.hidden"), change("sensor.a"), change("light.hall"), b"{"]
    await pipeline.deliver(batch(*events, registry_version="1"))
    reported = await tapped(pipeline, tap.id)
    assert [json.loads(each["raw"])["data"]["entity_id"] for each in reported] == entities


async def test_what_is_too_much_is_counted_and_not_kept(
    start: Start, batch: Batch, changes: Changes, clock: FakeClock
) -> None:
    pipeline = await start()
    tap = await pipeline.open_tap(EVERY_EVENT)
    await pipeline.deliver(batch(*changes(open_taps.MAX_PER_SECOND + 7)))
    page = await pipeline.read_tap(tap.id)
    assert (len(page.events), page.left_out) == (open_taps.MAX_PER_SECOND, 7)
    clock.advance(1)
    await pipeline.deliver(batch(*changes(1, "sensor.later")))
    page = await pipeline.read_tap(tap.id)
    assert (len(page.events), page.left_out) == (1, 7)


async def test_a_tap_that_is_read_slowly_holds_a_bounded_number(
    start: Start, batch: Batch, changes: Changes, clock: FakeClock
) -> None:
    pipeline = await start()
    tap = await pipeline.open_tap(EVERY_EVENT)
    for second in range(8):
        await pipeline.deliver(batch(*changes(open_taps.MAX_PER_SECOND, f"sensor.s{second}")))
        clock.advance(1)
    page = await pipeline.read_tap(tap.id)
    assert (len(page.events), page.left_out) == (
        open_taps.MAX_EVENTS,
        8 * open_taps.MAX_PER_SECOND - open_taps.MAX_EVENTS,
    )


async def test_a_long_event_is_cut(start: Start, batch: Batch, change: Change) -> None:
    pipeline = await start()
    tap = await pipeline.open_tap(EVERY_EVENT)
    await pipeline.deliver(batch(change("sensor.long", attributes={"text": "ü" * tap_view.MAX_RAW_BYTES})))
    (reported,) = await tapped(pipeline, tap.id)
    assert (reported["is_cut"], reported["point"]["attributes"], reported["point"]["state"]) == (True, None, "21.5")
    assert len(reported["raw"].encode()) <= tap_view.MAX_RAW_BYTES + 3


async def test_a_tap_ends_after_ten_minutes(start: Start, batch: Batch, changes: Changes, clock: FakeClock) -> None:
    pipeline = await start()
    tap = await pipeline.open_tap(EVERY_EVENT)
    assert tap.remaining_s == 600
    for _ in range(60):
        clock.advance(10)
        remaining_s = (await pipeline.read_tap(tap.id)).remaining_s
    assert remaining_s == 0
    await pipeline.deliver(batch(*changes(1)))
    assert await tapped(pipeline, tap.id) == []
    clock.advance(6)
    with pytest.raises(NotFoundError, match="has ended"):
        await pipeline.read_tap(tap.id)


async def test_a_tap_that_is_not_read_ends(start: Start, batch: Batch, changes: Changes, clock: FakeClock) -> None:
    pipeline = await start()
    tap = await pipeline.open_tap(EVERY_EVENT)
    clock.advance(open_taps.UNREAD_LIMIT_S + 1)
    await pipeline.deliver(batch(*changes(1)))
    assert not pipeline._taps.are_open
    with pytest.raises(NotFoundError):
        await pipeline.read_tap(tap.id)


async def test_a_tap_can_be_closed_and_few_are_open_at_once(start: Start) -> None:
    pipeline = await start()
    opened = [await pipeline.open_tap(EVERY_EVENT) for _ in range(open_taps.MAX_TAPS)]
    with pytest.raises(BackpressureError, match="taps are open"):
        await pipeline.open_tap(EVERY_EVENT)
    for tap in [*opened, opened[0]]:
        await pipeline.close_tap(tap.id)
    assert not pipeline._taps.are_open


async def test_without_a_tap_no_event_is_recorded(
    start: Start, batch: Batch, changes: Changes, monkeypatch: pytest.MonkeyPatch
) -> None:
    pipeline = await start()
    tap = await pipeline.open_tap(EVERY_EVENT)
    await pipeline.close_tap(tap.id)
    monkeypatch.setattr(open_taps.Taps, "publish", None)
    assert (await pipeline.deliver(batch(*changes(3)))).written == 3


async def test_a_backfilled_event_says_so(start: Start, change: Change, raw: Callable[..., RawEvent]) -> None:
    pipeline = await start()
    tap = await pipeline.open_tap(EVERY_EVENT)
    await pipeline.deliver(EventBatch(home="cabin", events=[raw(change(), OriginKind.BACKFILL)]))
    (reported,) = await tapped(pipeline, tap.id)
    assert (reported["home"], reported["origin_kind"], reported["point"]["origin_kind"]) == (
        "cabin",
        "backfill",
        "backfill",
    )
