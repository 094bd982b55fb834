"""A batch prepared for the store."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from enrichment_pipeline.points.point_builder import PointBuilder
from enrichment_pipeline.points.prepared_batch import prepare, rejected_event
from enrichment_pipeline.validation.fields import MAX_TIME_NS
from ha_ingestor_core.delivery import Rejection
from ha_ingestor_core.events import EventBatch, RawEvent
from ha_ingestor_core.filters.event_filter import EventFilter, FilterRule
from ha_ingestor_core.filters.rules import FilterLists, Filters
from ha_ingestor_store.points import EventPoint
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Raw

Batch = Callable[..., EventBatch]
Changes = Callable[..., list[dict[str, Any]]]


async def test_good_events_become_points_and_bad_ones_rejections(batch: Batch, changes: Changes) -> None:
    good = changes(2)
    prepared = await prepare(batch(good[0], b'"no JSON"', good[1]), PointBuilder("home"))
    assert [point.state for point in prepared.points] == ["0", "1"]
    assert prepared.indices == [0, 2]
    assert [(rejection.index, rejection.key) for rejection in prepared.rejections] == [(1, "malformed")]


async def test_indices_go_on_over_slices(batch: Batch, changes: Changes) -> None:
    prepared = await prepare(batch(*changes(450), b"{}"), PointBuilder("home"))
    assert prepared.indices == list(range(450))
    assert prepared.rejections[0].index == 450


async def test_other_tasks_run_between_slices(batch: Batch, changes: Changes) -> None:
    preparing = asyncio.create_task(prepare(batch(*changes(450)), PointBuilder("home")))
    turns = 0
    while not preparing.done():
        await asyncio.sleep(0)
        turns += 1
    assert turns >= 3


async def test_an_event_that_causes_an_error_does_not_stop_the_others(
    batch: Batch, changes: Changes, monkeypatch: pytest.MonkeyPatch
) -> None:
    build = PointBuilder.build

    def trips(self: PointBuilder, raw: RawEvent) -> EventPoint:
        if b"poison" in bytes(raw.event):
            raise ZeroDivisionError("a mistake")
        return build(self, raw)

    monkeypatch.setattr(PointBuilder, "build", trips)
    prepared = await prepare(batch({"poison": 1}, *changes(1)), PointBuilder("home"))
    assert prepared.rejections == [Rejection(0, "internal_error", "event: ZeroDivisionError: a mistake")]
    assert len(prepared.points) == 1


_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
_times = st.sampled_from(["2026-11-23T08:07:54Z", "2026-11-23T08:07:54", "0001-01-01T00:00:00+14:00", ""]) | _json
_states = st.fixed_dictionaries(
    {},
    optional={"entity_id": st.just("a.b") | _json, "state": st.text() | _json, "last_updated": _times}
    | {"attributes": st.dictionaries(st.sampled_from(["friendly_name", "unit_of_measurement"]), _json) | _json},
)
_data = st.fixed_dictionaries(
    {}, optional={"entity_id": st.just("a.b") | _json, "new_state": _states | _json, "old_state": _states | _json}
)
_events = st.fixed_dictionaries(
    {},
    optional={"event_type": st.sampled_from(["state_changed", "x", ""]) | _json, "data": _data | _json}
    | {"time_fired": _times, "context": _json, "origin": _json},
)


@given(st.lists(st.one_of(_events, _json).map(lambda event: json.dumps(event).encode()) | st.binary(), max_size=4))
def test_any_input_is_a_point_or_a_rejection_with_a_reason(events: list[bytes]) -> None:
    batch = EventBatch(home="home", events=[RawEvent(event=Raw(event), received_ns=0) for event in events])
    prepared = asyncio.run(prepare(batch, PointBuilder("home")))
    ends = prepared.indices + [rejection.index for rejection in prepared.rejections]
    assert sorted(ends) == list(range(len(events)))
    assert "internal_error" not in {rejection.key for rejection in prepared.rejections}


@pytest.mark.parametrize("received_ns", [10**40, -(10**40), MAX_TIME_NS + 1])
def test_what_is_kept_of_a_rejected_event_fits_the_store(received_ns: int) -> None:
    hostile = EventBatch(home="home", events=[RawEvent(event=Raw(b'"\xff\n"'), received_ns=received_ns)])
    kept = rejected_event(hostile, Rejection(0, "malformed", "no"), "service")
    assert -(2**63) <= kept.time_ns < 2**63
    assert kept.payload == '"\\xff\n"'
    assert (kept.home, kept.service, kept.key, kept.message) == ("home", "service", "malformed", "no")


async def test_what_the_filters_do_not_keep_is_counted_by_rule(batch: Batch, change: Any) -> None:
    exclude = FilterLists(entities=["sensor.*_debug"], event_types=["noise"])
    service = {"event_type": "call_service", "time_fired": change()["time_fired"]}
    events = (
        change("sensor.a_debug"),
        change("sensor.b_debug", new={"last_updated": "1600-01-01T00:00:00Z"}),  # filtered before its time is validated
        {**service, "data": {"entity_id": "sensor.c_debug"}},
        {**service, "data": {"entity_id": ["sensor.c_debug", "sensor.d"]}},  # several entities: of no single one
        {**service, "event_type": "noise"},
        change("sensor.kept"),
    )
    prepared = await prepare(batch(*events), PointBuilder("home", filters=EventFilter(Filters(exclude=exclude))))
    assert [point.entity_id for point in prepared.points] == [None, "sensor.kept"]
    assert prepared.indices == [3, 5]
    assert Counter(prepared.filtered.values()) == {FilterRule.EXCLUDED_ENTITY: 3, FilterRule.EXCLUDED_EVENT_TYPE: 1}
    assert not prepared.rejections
