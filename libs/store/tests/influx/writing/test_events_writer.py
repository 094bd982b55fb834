"""Batches of events: what is written, what is counted as what, and in which order things are done."""

from __future__ import annotations

from collections.abc import AsyncIterable, AsyncIterator, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from typing import Any, cast

import pytest
from ha_ingestor_core.clock import FakeClock
from ha_ingestor_core.errors import StoreUnavailableError
from ha_ingestor_core.events import OriginKind
from ha_ingestor_store.answers import RejectedPoint, WriteResult
from ha_ingestor_store.influx.database import Database
from ha_ingestor_store.influx.queries.rows import Head
from ha_ingestor_store.influx.rollups.rollups import Rollups
from ha_ingestor_store.influx.server.version import WriteTarget
from ha_ingestor_store.influx.server.write_answers import RefusalKey
from ha_ingestor_store.influx.writing.batch_writer import BatchWriter, RefusedLine
from ha_ingestor_store.influx.writing.event_encoder import EventEncoder
from ha_ingestor_store.influx.writing.events_writer import EventsWriter
from ha_ingestor_store.points import EventPoint, SeriesKey
from ha_ingestor_store.time_range import HOUR_NS
from hypothesis import given
from hypothesis import strategies as st

NOW = 1_000 * HOUR_NS
LIVE, SNAPSHOT, BACKFILL = OriginKind.LIVE, OriginKind.SNAPSHOT, OriginKind.BACKFILL


class FakeStore:
    """Dialect, writer and rollups in one: an event is stored when its line was written; `log` is what was done."""

    def __init__(self) -> None:
        self.stored: dict[tuple[SeriesKey, int], EventPoint] = {}
        self.coming: Sequence[EventPoint] = ()
        self.log: list[str] = []
        self.lines: list[str] = []
        self.facts: list[str] = []
        self.refuses: set[str] = set()
        self.fails = False
        self.captured: list[int] = []
        self.guarded = False
        self.counted: list[EventPoint] = []

    def put(self, *points: EventPoint) -> None:
        self.stored |= {(point.series_key, point.time_ns): point for point in points}

    async def heads(self, start_ns: int, end_ns: int) -> Iterable[Head]:
        newest = {key[0]: point for key, point in sorted(self.stored.items(), key=lambda item: item[0][1])}
        return [Head(key, point.time_ns, point.origin_kind) for key, point in newest.items()]

    async def keys(self, entity_ids: Sequence[str] | None, start_ns: int, end_ns: int) -> Iterable[Head]:
        points = (point for point in self.stored.values() if start_ns <= point.time_ns < end_ns)
        return [Head(point.series_key, point.time_ns, point.origin_kind) for point in points]

    def write_target(self, *, rollups: bool) -> WriteTarget:
        return WriteTarget(path="rollups" if rollups else "raw", params={}, headers={}, name="")

    async def write(self, target: WriteTarget, lines: Sequence[str], **_: Any) -> list[RefusedLine]:
        assert target.path == "raw"
        are_facts = bool(lines) and lines[0].startswith("entities,")
        kind = "write facts" if are_facts else "write"
        self.log.append(f"{kind}, guarded" if self.guarded else kind)
        if self.fails:
            raise StoreUnavailableError("away")
        if are_facts:
            self.facts += lines
        else:
            self.lines += lines
        return [
            RefusedLine(at, RefusalKey.BEYOND_RETENTION if "beyond" in line else RefusalKey.OTHER, "no")
            for at, line in enumerate(lines)
            if any(word in line for word in self.refuses)
        ]

    async def write_slices(
        self,
        target: WriteTarget,
        slices: AsyncIterable[Sequence[str]],
        *,
        may_repeat: Callable[[int], bool],
    ) -> list[RefusedLine]:
        self.may_repeat = may_repeat
        return await self.write(target, [line async for lines in slices for line in lines])

    def count(self, points: Iterable[EventPoint]) -> None:
        assert self.guarded
        self.counted += points

    @asynccontextmanager
    async def writing(self, times_ns: Iterable[int]) -> AsyncIterator[None]:
        self.log.append(f"guard {sorted(times_ns)}")
        self.guarded = True
        try:
            yield
        finally:
            self.guarded = False

    async def note_captured(self, time_ns: int) -> None:
        self.captured.append(time_ns)


def writer_over(store: FakeStore) -> EventsWriter:
    anything: Any = store
    dialect, writer, rollups = cast("Database", anything), cast("BatchWriter", anything), cast("Rollups", anything)
    return EventsWriter(dialect, writer, rollups, clock=FakeClock(NOW))


def event(time_ns: int = NOW, kind: OriginKind = LIVE, entity_id: str = "light.a", **fields: Any) -> EventPoint:
    return EventPoint("home", "state_changed", time_ns, "light", entity_id, origin_kind=kind, **fields)


def lines_of(*points: EventPoint) -> list[str]:
    return list(map(EventEncoder().line, points))


def replacing(point: EventPoint) -> list[str]:
    return [EventEncoder().replacing_line(point)]


async def test_new_events_are_written_under_the_guard_of_the_rollups() -> None:
    store = FakeStore()
    batch = [event(), event(NOW + 1)]
    assert await writer_over(store).write(batch) == WriteResult(written=2)
    assert store.log == [f"guard [{NOW}, {NOW + 1}]", "write, guarded"]
    assert store.lines == lines_of(*batch)


async def test_repeats_are_counted_and_not_written() -> None:
    store = FakeStore()
    store.put(event())
    result = await writer_over(store).write([event(), event(NOW + 1), event(NOW + 1)])
    assert result == WriteResult(written=1, duplicates=[0, 2])
    assert store.lines == lines_of(event(NOW + 1))


async def test_a_batch_of_repeats_writes_nothing_at_all() -> None:
    store = FakeStore()
    store.put(event())
    assert await writer_over(store).write([event()]) == WriteResult(duplicates=[0])
    assert store.log == []


async def test_a_better_version_is_written_and_counted_as_a_repeat() -> None:
    store = FakeStore()
    store.put(event(kind=SNAPSHOT, state="on"))
    better = event(kind=LIVE, state="on", old_state="off")
    assert await writer_over(store).write([better]) == WriteResult(duplicates=[0])
    assert store.lines == replacing(better)


async def test_facts_are_acknowledged_before_the_events_that_name_them() -> None:
    store = FakeStore()
    writer = writer_over(store)
    await writer.write([event(unit="W"), event(NOW + 1, unit="W"), event(NOW + 2, unit="kW")])
    assert store.log[1:] == ["write facts, guarded", "write, guarded"]
    assert [line.partition(" ")[2].split(",")[1].split(" ")[0] for line in store.facts] == ['unit="W"', 'unit="kW"']
    await writer.write([event(NOW + 3, unit="W")])
    assert store.log[3:] == [f"guard [{NOW + 3}]", "write, guarded"]


async def test_without_an_acknowledgement_of_facts_no_event_is_sent_and_they_come_again() -> None:
    store = FakeStore()
    writer = writer_over(store)
    store.fails = True
    with pytest.raises(StoreUnavailableError):
        await writer.write([event(unit="W")])
    assert store.lines == []
    store.fails = False
    assert await writer.write([event(unit="W")]) == WriteResult(written=1)
    assert len(store.facts) == 1
    assert store.log[-2:] == ["write facts, guarded", "write, guarded"]


async def test_after_a_failure_all_facts_are_written_again_since_the_server_may_be_another() -> None:
    store = FakeStore()
    writer = writer_over(store)
    await writer.write([event(unit="W")])
    store.fails = True
    with pytest.raises(StoreUnavailableError):
        await writer.write([event(NOW + 1)])
    store.fails = False
    await writer.write([event(NOW + 2, unit="W")])
    assert len(store.facts) == 2
    assert store.facts[0] == store.facts[1]


async def test_events_whose_facts_are_refused_are_refused_with_them_and_no_others() -> None:
    store = FakeStore()
    store.refuses = {"poison"}
    batch = [event(), event(NOW + 1, area="poison"), event(NOW + 2, unit="W"), event(NOW + 3, area="poison")]
    result = await writer_over(store).write(batch)
    refused = [RejectedPoint(at, RefusalKey.OTHER, "no") for at in (1, 3)]
    assert result == WriteResult(written=2, rejected=refused)
    assert store.lines == lines_of(batch[0], batch[2])


async def test_several_refused_sets_of_facts_are_found_one_after_the_other() -> None:
    store = FakeStore()
    store.refuses = {"poison"}
    batch = [event(NOW + n, area=f"poison {n}") for n in range(3_000)]
    result = await writer_over(store).write(batch)
    assert [point.index for point in result.rejected] == list(range(3_000))


async def test_refused_facts_and_refused_lines_are_told_in_order() -> None:
    store = FakeStore()
    store.refuses = {"poison", "bad"}
    batch = [event(state="bad"), event(NOW + 1, area="poison"), event(NOW + 2, state="bad"), event(NOW + 3)]
    result = await writer_over(store).write(batch)
    assert [point.index for point in result.rejected] == [0, 1, 2]
    assert result.written == 1


async def test_a_refused_event_is_told_by_its_place_in_the_batch() -> None:
    store = FakeStore()
    store.put(event())
    store.refuses = {"bad"}
    batch = [event(), event(NOW + 1), event(NOW + 2, state="bad"), event(NOW + 3)]
    result = await writer_over(store).write(batch)
    assert result == WriteResult(2, [0], [RejectedPoint(2, RefusalKey.OTHER, "no")])


async def test_a_refused_better_version_is_rejected_and_no_repeat() -> None:
    store = FakeStore()
    store.put(event(kind=SNAPSHOT))
    store.refuses = {"bad"}
    result = await writer_over(store).write([event(kind=LIVE, state="bad")])
    assert result == WriteResult(0, [], [RejectedPoint(0, RefusalKey.OTHER, "no")])


async def test_of_several_versions_of_a_new_event_the_first_counts_unless_none_is_written() -> None:
    store = FakeStore()
    store.refuses = {"bad"}
    batch = [event(kind=SNAPSHOT), event(kind=LIVE), event(NOW + 1, SNAPSHOT), event(NOW + 1, LIVE, state="bad")]
    result = await writer_over(store).write(batch)
    assert result == WriteResult(1, [1, 2], [RejectedPoint(3, RefusalKey.OTHER, "no")])


async def test_a_refused_event_is_no_repeat_when_it_comes_again() -> None:
    store = FakeStore()
    store.refuses = {"bad"}
    writer = writer_over(store)
    await writer.write([event(state="bad")])
    store.refuses = set()
    assert await writer.write([event(state="bad")]) == WriteResult(written=1)


async def test_a_batch_without_an_answer_is_written_again_and_counted_once() -> None:
    store = FakeStore()
    store.put(event())
    writer = writer_over(store)
    batch = [event(), event(NOW + 1)]
    store.fails = True
    with pytest.raises(StoreUnavailableError):
        await writer.write(batch)
    store.put(*batch)  # it arrived all the same
    store.fails = False
    assert await writer.write([*batch, event(NOW + 2)]) == WriteResult(written=2, duplicates=[0])
    assert await writer.write(batch) == WriteResult(duplicates=[0, 1])


async def test_a_better_version_of_what_may_still_arrive_says_everything() -> None:
    store = FakeStore()
    writer = writer_over(store)
    await writer.write([event(NOW - 1)])
    store.fails = True
    with pytest.raises(StoreUnavailableError):
        await writer.write([event(kind=BACKFILL, data="{}")])
    store.fails = False
    store.lines.clear()
    better = event(kind=LIVE)
    assert await writer.write([better]) == WriteResult(written=1)
    assert store.lines == replacing(better)


async def test_what_was_witnessed_begins_the_capture_and_a_snapshot_does_not() -> None:
    store = FakeStore()
    writer = writer_over(store)
    await writer.write([event(NOW - 9, SNAPSHOT), event(NOW, LIVE), event(NOW - 1, BACKFILL, "light.b")])
    assert store.captured == [NOW - 1]
    await writer.write([event(NOW + 1, SNAPSHOT)])
    assert store.captured == [NOW - 1]


async def test_what_is_older_than_the_server_keeps_has_expired_and_is_not_rejected() -> None:
    store = FakeStore()
    store.refuses = {"bad", "beyond"}
    batch = [event(), event(NOW - 2, state="beyond"), event(NOW - 1, state="bad"), event(NOW - 3, state="beyond")]
    result = await writer_over(store).write(batch)
    assert result == WriteResult(1, [], [RejectedPoint(2, RefusalKey.OTHER, "no")], [1, 3])
    assert store.captured == [NOW], "what is not kept was not captured"


async def test_only_lines_that_no_better_version_replaces_may_be_written_again_as_a_probe() -> None:
    store = FakeStore()
    batch = [event(NOW, SNAPSHOT), event(NOW + 1, LIVE), event(NOW + 2, BACKFILL)]
    await writer_over(store).write(batch)
    assert [store.may_repeat(at) for at in range(3)] == [False, True, False]


points = st.builds(
    event,
    st.integers(NOW - 3, NOW + 3),
    st.sampled_from(OriginKind),
    st.sampled_from(["light.a", "light.b"]),
    state=st.sampled_from(["good", "bad"]),
)


@given(st.lists(points, max_size=12, unique_by=lambda p: (p.entity_id, p.time_ns)), st.lists(points, max_size=12))
async def test_every_event_of_a_batch_is_counted_once(stored: list[EventPoint], batch: list[EventPoint]) -> None:
    store = FakeStore()
    store.put(*stored)
    store.refuses = {"bad"}
    result = await writer_over(store).write(batch)
    assert result.written + result.duplicate + len(result.rejected) == len(batch)
    assert result.written >= 0
    assert result.duplicate >= 0
    assert {batch[point.index].state for point in result.rejected} <= {"bad"}
    assert len(store.lines) == len(set(store.lines))
    assert len(store.counted) == result.written


async def test_a_large_batch_lets_others_go_on_meanwhile() -> None:
    store = FakeStore()
    batch = [event(NOW + n) for n in range(1_200)]
    assert (await writer_over(store).write(batch)).written == 1_200
    assert store.lines == lines_of(*batch)
