"""Which events are there already."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, cast

from ha_ingestor_core.events import OriginKind
from ha_ingestor_store.influx.event_keys import EventKeys, Sorted
from ha_ingestor_store.influx.language import Head, Language
from ha_ingestor_store.periods import HOUR_NS
from ha_ingestor_store.points import EventPoint

BACKFILL, LIVE = OriginKind.BACKFILL, OriginKind.LIVE


class Stored:
    """The events of a store, and what was asked of it."""

    def __init__(self, *points: EventPoint) -> None:
        self._points = points
        self.looks: list[tuple[Sequence[str] | None, int, int]] = []

    async def heads(self) -> Iterable[Head]:
        newest: dict[Any, EventPoint] = {}
        for each in sorted(self._points, key=lambda p: p.time_ns):
            newest[each.series_key] = each
        return [Head(p.series_key, p.time_ns, p.origin_kind) for p in newest.values()]

    async def keys(self, entity_ids: Sequence[str] | None, start_ns: int, end_ns: int) -> Iterable[Head]:
        self.looks.append((entity_ids, start_ns, end_ns))
        return [
            Head(p.series_key, p.time_ns, p.origin_kind)
            for p in self._points
            if start_ns <= p.time_ns < end_ns and (entity_ids is None or p.entity_id in entity_ids)
        ]


def point(time_ns: int, kind: OriginKind = LIVE, entity_id: str | None = "sensor.a") -> EventPoint:
    return EventPoint("home", "state_changed", time_ns, "sensor", entity_id, origin_kind=kind)


def keys_of(stored: Stored) -> EventKeys:
    return EventKeys(cast("Language", stored))


async def test_what_is_newer_than_its_series_is_new_without_asking() -> None:
    stored = Stored(point(10))
    assert await keys_of(stored).sort([point(11), point(5, entity_id="sensor.b")]) == Sorted([0, 1], [], 0)
    assert stored.looks == []


async def test_the_newest_itself_again_is_a_repeat_without_asking() -> None:
    stored = Stored(point(10))
    assert await keys_of(stored).sort([point(10)]) == Sorted([], [], 1)
    assert stored.looks == []


async def test_what_is_late_is_looked_up_by_the_hour() -> None:
    stored = Stored(point(3), point(5 * HOUR_NS))
    batch = [point(3), point(4), point(HOUR_NS + 1)]
    assert await keys_of(stored).sort(batch) == Sorted([1, 2], [], 1)
    assert stored.looks == [(["sensor.a"], 3, 5), (["sensor.a"], HOUR_NS + 1, HOUR_NS + 2)]


async def test_events_without_an_entity_are_looked_up_among_all() -> None:
    stored = Stored(point(3, entity_id=None), point(9, entity_id=None))
    assert await keys_of(stored).sort([point(3, entity_id=None)]) == Sorted([], [], 1)
    assert stored.looks == [(None, 3, 4)]


async def test_a_better_version_is_written_and_counts_as_a_repeat() -> None:
    assert await keys_of(Stored(point(3, BACKFILL))).sort([point(3)]) == Sorted([0], [0], 1)
    assert await keys_of(Stored(point(3))).sort([point(3, BACKFILL)]) == Sorted([], [], 1)


async def test_of_one_key_in_a_batch_the_best_is_written_of_equals_the_first() -> None:
    batch = [point(3, BACKFILL), point(3), point(3)]
    assert await keys_of(Stored()).sort(batch) == Sorted([1], [], 2)


async def test_what_was_written_is_known_from_then_on() -> None:
    keys = keys_of(Stored())
    batch = [point(3)]
    await keys.sort(batch)
    keys.written(batch)
    assert await keys.sort(batch) == Sorted([], [], 1)


async def test_what_may_have_arrived_is_nobody_elses_repeat() -> None:
    stored = Stored(point(3), point(9))  # the first arrived although its write had no answer
    keys = keys_of(stored)
    keys.failed([point(3)])
    assert await keys.sort([point(3)]) == Sorted([0], [], 0)
    keys.written([point(3)])
    assert await keys.sort([point(3)]) == Sorted([], [], 1)
