"""Rejected events in InfluxDB: the millisecond in which their points lie, and the marks of replays."""

from __future__ import annotations

from typing import Any, cast

import pytest
from ha_ingestor_core.clock import NS_PER_MS
from ha_ingestor_core.delivery import ReplayOutcome
from ha_ingestor_core.errors import StoreRefusedError
from ha_ingestor_store.influx.batch_writer import BatchWriter, RefusedLine
from ha_ingestor_store.influx.language import Dialect, Language, RejectedFilter
from ha_ingestor_store.influx.rejected import ReplaysWriter, rejected_event, rejected_events
from ha_ingestor_store.influx.write_answers import RefusalKey
from ha_ingestor_store.periods import TimeRange
from ha_ingestor_store.points import RejectedEvent
from ha_ingestor_store.questions import RecentRejected, RejectedCursor
from msgspec import structs

BASE_NS = 1_795_000_000_000_000_000


class FakeParts:
    """A dialect and its writer: rejected events, and what was asked."""

    def __init__(self, *events: RejectedEvent) -> None:
        self.kept = list(events)
        self.asked: list[tuple[int, int, int]] = []
        self.refused: list[RefusedLine] = []

    async def newest_rejected(
        self, wanted: RejectedFilter, start_ns: int, end_ns: int, limit: int
    ) -> list[RejectedEvent]:
        self.asked.append((start_ns, end_ns, limit))
        return self.kept

    async def rejected_counts(self, wanted: RejectedFilter, start_ns: int, end_ns: int) -> dict[str, int]:
        return {"k": sum(start_ns <= each.time_ns < end_ns for each in self.kept)}

    def write_target(self, *, rollups: bool) -> str:
        return "rollups" if rollups else "raw"

    async def write(self, target: Any, lines: list[str]) -> list[RefusedLine]:
        assert (target, len(lines)) == ("raw", 1)
        return self.refused


def event(offset_ns: int) -> RejectedEvent:
    return RejectedEvent("home", BASE_NS + offset_ns, "s", "k", "why", "{")


async def test_whole_milliseconds_are_read_and_cut_at_the_true_times() -> None:
    parts = FakeParts(*(event(offset) for offset in (0, 5, 9)))
    question = RecentRejected(TimeRange(BASE_NS + 5, BASE_NS + 9), limit=2)
    page = await rejected_events(cast("Language", parts), question)
    assert [each.time_ns - BASE_NS for each in page.events] == [5]
    assert parts.asked == [(BASE_NS, BASE_NS + NS_PER_MS, 3 + 3)]  # a page, one more, and the millisecond's


async def test_behind_a_cursor_the_rest_of_its_nanosecond_is_left() -> None:
    first, second = sorted((event(0), structs.replace(event(0), payload="}", id="")), key=lambda each: each.id)
    parts = FakeParts(second, first)
    page = await rejected_events(
        cast("Language", parts), RecentRejected(cursor=RejectedCursor(first.time_ns, first.id))
    )
    assert page.events == [second]


async def test_one_is_found_by_the_millisecond_in_its_id() -> None:
    parts = FakeParts(event(1), event(2))
    assert await rejected_event(cast("Language", parts), event(2).id) == event(2)
    assert parts.asked == [(BASE_NS, BASE_NS + NS_PER_MS, 1)]


@pytest.mark.parametrize("odd", ["", "nothing", "f" * 16 + "-" + "0" * 16, "7" + "f" * 15 + "-" + "0" * 16, "١" * 33])
async def test_an_id_that_is_none_asks_nothing(odd: str) -> None:
    parts = FakeParts(event(1))
    assert await rejected_event(cast("Language", parts), odd) is None
    assert parts.asked == []


async def test_a_mark_that_is_refused_is_told() -> None:
    parts = FakeParts()
    replays = ReplaysWriter(cast("Dialect", parts), cast("BatchWriter", parts))
    replayed = structs.replace(event(0), replayed_ns=5, outcome=ReplayOutcome.WRITTEN)
    await replays.mark(replayed)
    parts.refused = [RefusedLine(0, RefusalKey.BEYOND_RETENTION, "too old")]
    with pytest.raises(StoreRefusedError, match="too old"):
        await replays.mark(replayed)
