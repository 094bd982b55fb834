"""Which events of a batch are new, better, or repeats, and what is asked of the store to know it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import cast

from ha_ingestor_core.clock import FakeClock
from ha_ingestor_core.events import OriginKind
from ha_ingestor_store.influx.database import Database
from ha_ingestor_store.influx.queries.rows import Head
from ha_ingestor_store.influx.reading.oldest import slices_until
from ha_ingestor_store.influx.writing.event_keys import EventKeys, Sorted, best_versions
from ha_ingestor_store.points import EventPoint
from ha_ingestor_store.time_range import HOUR_NS

NOW = 1_000 * HOUR_NS
LIVE, SNAPSHOT, BACKFILL = OriginKind.LIVE, OriginKind.SNAPSHOT, OriginKind.BACKFILL


class FakeLanguage:
    """Holds events by their keys, and remembers what it was asked."""

    def __init__(self, *stored: EventPoint) -> None:
        self.stored = stored
        self.asked_heads: list[tuple[int, int]] = []
        self.asked: list[tuple[Sequence[str] | None, int, int]] = []

    async def heads(self, start_ns: int, end_ns: int) -> Iterable[Head]:
        self.asked_heads.append((start_ns, end_ns))
        newest: dict[object, EventPoint] = {}
        for point in sorted(self.stored, key=lambda point: point.time_ns):
            if start_ns <= point.time_ns < end_ns:
                newest[point.series_key] = point
        return [Head(point.series_key, point.time_ns, point.origin_kind) for point in newest.values()]

    async def keys(self, entity_ids: Sequence[str] | None, start_ns: int, end_ns: int) -> Iterable[Head]:
        self.asked.append((entity_ids, start_ns, end_ns))
        return [
            Head(point.series_key, point.time_ns, point.origin_kind)
            for point in self.stored
            if start_ns <= point.time_ns < end_ns and (entity_ids is None or point.entity_id in entity_ids)
        ]


def event(
    time_ns: int = NOW, kind: OriginKind = LIVE, entity_id: str | None = "light.a", state: str = "on"
) -> EventPoint:
    return EventPoint("home", "state_changed", time_ns, "light", entity_id, state=state, origin_kind=kind)


def keys_over(language: FakeLanguage) -> EventKeys:
    return EventKeys(cast("Database", language), FakeClock(NOW))


async def test_events_newer_than_all_of_their_series_are_new_and_nothing_is_looked_up() -> None:
    language = FakeLanguage(event())
    keys = keys_over(language)
    assert await keys.sort([event(NOW + 1), event(entity_id="light.b")]) == Sorted([0, 1], [], 0)
    assert await keys.sort([event(NOW + 2)]) == Sorted([0], [], 0)
    assert (language.asked_heads, language.asked) == (slices_until(NOW), [])


async def test_the_newest_event_again_is_a_repeat_without_a_look() -> None:
    language = FakeLanguage(event())
    assert await keys_over(language).sort([event()]) == Sorted([], [], 1)
    assert language.asked == []


async def test_a_late_event_is_looked_up() -> None:
    language = FakeLanguage(event(), event(NOW - 5))
    batch = [event(NOW - 5), event(NOW - 4), event(NOW + 1)]
    assert await keys_over(language).sort(batch) == Sorted([1, 2], [], 1)
    assert language.asked == [(["light.a"], NOW - 5, NOW - 3)]


async def test_late_events_are_looked_up_hour_by_hour() -> None:
    language = FakeLanguage(event())
    await keys_over(language).sort([event(NOW - 1), event(NOW - 2), event(NOW - 5 * HOUR_NS)])
    assert language.asked == [(["light.a"], NOW - 2, NOW), (["light.a"], NOW - 5 * HOUR_NS, NOW - 5 * HOUR_NS + 1)]


async def test_events_without_an_entity_are_looked_up_among_all() -> None:
    language = FakeLanguage(event(entity_id=None), event(NOW - 1, entity_id=None))
    assert await keys_over(language).sort([event(NOW - 1, entity_id=None)]) == Sorted([], [], 1)
    assert language.asked == [(None, NOW - 1, NOW)]


async def test_many_entities_are_not_named_one_by_one() -> None:
    entities = [f"light.{n}" for n in range(51)]
    language = FakeLanguage(*(event(entity_id=entity) for entity in entities))
    await keys_over(language).sort([event(NOW - 1, entity_id=entity) for entity in entities])
    assert [asked[0] for asked in language.asked] == [None]


async def test_a_series_is_known_by_all_its_tags() -> None:
    other = EventPoint("cabin", "state_changed", NOW, "light", "light.a")
    assert await keys_over(FakeLanguage(event())).sort([other]) == Sorted([0], [], 0)
    late = EventPoint("cabin", "state_changed", NOW - 1, "light", "light.a")
    language = FakeLanguage(event(), event(NOW - 1), other)
    assert await keys_over(language).sort([late]) == Sorted([0], [], 0), "only the other home has it"


async def test_a_better_version_is_written_and_a_poorer_one_is_a_repeat() -> None:
    stored = (event(NOW, SNAPSHOT), event(NOW - 1, SNAPSHOT))
    for time_ns in (NOW, NOW - 1):
        assert await keys_over(FakeLanguage(*stored)).sort([event(time_ns, LIVE)]) == Sorted(
            [0], [0], 1, frozenset({0})
        )
        assert await keys_over(FakeLanguage(*stored)).sort([event(time_ns, SNAPSHOT)]) == Sorted([], [], 1)
        assert await keys_over(FakeLanguage(*stored)).sort([event(time_ns, BACKFILL)]) == Sorted([], [], 1)


async def test_of_repeats_in_one_batch_the_best_is_written() -> None:
    batch = [event(kind=BACKFILL), event(kind=LIVE, state="first"), event(kind=LIVE, state="second")]
    assert best_versions(batch) == {(batch[0].series_key, NOW): 1}
    assert await keys_over(FakeLanguage()).sort(batch) == Sorted([1], [], 2)


async def test_what_was_written_is_known_without_a_look() -> None:
    language = FakeLanguage()
    keys = keys_over(language)
    await keys.sort([event(kind=SNAPSHOT)])
    keys.written([event(kind=SNAPSHOT)])
    assert await keys.sort([event(kind=SNAPSHOT), event(NOW + 1)]) == Sorted([1], [], 1)
    assert await keys.sort([event(kind=LIVE)]) == Sorted([0], [0], 1, frozenset({0}))
    keys.written([event(kind=LIVE)])
    assert await keys.sort([event(kind=LIVE)]) == Sorted([], [], 1)
    assert language.asked == []


async def test_a_late_event_that_was_written_does_not_become_the_newest() -> None:
    language = FakeLanguage(event())
    keys = keys_over(language)
    await keys.sort([event(NOW - 5)])
    keys.written([event(NOW - 5)])
    assert await keys.sort([event()]) == Sorted([], [], 1)


async def test_what_may_have_been_taken_is_no_repeat_when_it_comes_again() -> None:
    language = FakeLanguage()
    keys = keys_over(language)
    await keys.sort([event(), event(NOW + 1)])
    keys.failed([event(), event(NOW + 1)])
    language.stored = (event(), event(NOW + 1))  # it was taken, only the answer was lost
    keys.written([event(NOW + 2)])  # of another batch, so that the first are late
    assert await keys.sort([event(), event(NOW + 1)]) == Sorted([0, 1], [], 0)
    keys.written([event(), event(NOW + 1)])
    assert await keys.sort([event(), event(NOW + 1)]) == Sorted([], [], 2)


async def test_an_event_of_which_another_version_may_arrive_is_replacing_and_no_repeat() -> None:
    keys = keys_over(FakeLanguage())
    await keys.sort([event(kind=BACKFILL)])
    keys.failed([event(kind=BACKFILL)])
    assert await keys.sort([event(kind=BACKFILL), event(NOW + 1)]) == Sorted([0, 1], [], 0)
    assert await keys.sort([event(kind=LIVE), event(NOW + 1)]) == Sorted([0, 1], [], 0, frozenset({0}))


async def test_a_poorer_version_is_a_repeat_of_what_may_have_been_taken() -> None:
    language = FakeLanguage(event(NOW + 1))
    keys = keys_over(language)
    await keys.sort([event(kind=LIVE)])
    keys.failed([event(kind=LIVE)])
    language.stored = (event(NOW + 1), event(kind=LIVE))
    assert await keys.sort([event(kind=BACKFILL)]) == Sorted([], [], 1)
