"""Gaps and alerts in InfluxDB: what a refusal means, and how few slices are asked."""

from __future__ import annotations

from typing import Any, cast

from ha_ingestor_core.gaps import Gap, GapReason
from ha_ingestor_store.influx.database import Database
from ha_ingestor_store.influx.reading.gaps import recent_gaps
from ha_ingestor_store.influx.server.write_answers import RefusalKey
from ha_ingestor_store.influx.writing.batch_writer import BatchWriter, RefusedLine
from ha_ingestor_store.influx.writing.line_protocol import gap_line
from ha_ingestor_store.influx.writing.spans_writer import SpansWriter
from ha_ingestor_store.questions import GapCursor, RecentGaps
from ha_ingestor_store.time_range import DAY_NS, TimeRange

END_NS = 20_000 * DAY_NS


class FakeParts:
    """A dialect and its writer: gaps by the time they begin, and what was asked."""

    def __init__(self, *starts_ns: int) -> None:
        self.kept = [gap(start_ns) for start_ns in starts_ns]
        self.asked: list[tuple[int, int, int | None]] = []
        self.lines: list[str] = []
        self.refused: list[RefusedLine] = []

    async def gaps(self, start_ns: int, end_ns: int, home: str | None, *, reaching_ns: int | None) -> list[Gap]:
        self.asked.append((start_ns, end_ns, reaching_ns))
        return [each for each in self.kept if start_ns <= each.start_ns < end_ns]

    async def open_gaps(self, home: str | None) -> int:
        return len(self.kept)

    def write_target(self, *, rollups: bool) -> str:
        return "rollups" if rollups else "raw"

    async def write(self, target: Any, lines: list[str]) -> list[RefusedLine]:
        assert target == "raw"
        self.lines += lines
        return self.refused


def gap(start_ns: int) -> Gap:
    return Gap(home="home", start_ns=start_ns, end_ns=start_ns + 5, reason=GapReason.RESTART, found_ns=start_ns)


def writer(parts: FakeParts) -> SpansWriter[Gap]:
    return SpansWriter(cast("Database", parts), cast("BatchWriter", parts), gap_line)


async def test_where_the_newest_are_enough_nothing_older_is_read() -> None:
    parts = FakeParts(END_NS - 1, END_NS - 2, END_NS - 400 * DAY_NS)
    page = await recent_gaps(cast("Database", parts), RecentGaps(TimeRange(0, END_NS), limit=1))
    assert [each.start_ns for each in page.gaps] == [END_NS - 1]
    assert parts.asked == [(END_NS - DAY_NS, END_NS, None)]


async def test_the_last_question_is_for_those_that_reach_into_the_range() -> None:
    parts = FakeParts(END_NS - 2 * DAY_NS)
    page = await recent_gaps(cast("Database", parts), RecentGaps(TimeRange(END_NS - DAY_NS, END_NS)))
    assert [each.start_ns for each in page.gaps] == [END_NS - 2 * DAY_NS]
    assert [reaching_ns for _, _, reaching_ns in parts.asked] == [None, END_NS - DAY_NS]


async def test_the_next_page_begins_where_the_one_before_ended() -> None:
    parts = FakeParts(END_NS - 1, END_NS - 2)
    after = GapCursor(END_NS - 1, "home", GapReason.RESTART)
    page = await recent_gaps(cast("Database", parts), RecentGaps(TimeRange(0, END_NS), limit=9, cursor=after))
    assert ([each.start_ns for each in page.gaps], page.next_cursor) == ([END_NS - 2], None)
    assert parts.asked[0] == (END_NS - DAY_NS, END_NS, None)


async def test_one_that_is_refused_is_not_tried_for_ever() -> None:
    parts = FakeParts()
    parts.refused = [RefusedLine(0, RefusalKey.BEYOND_RETENTION, "too old")]
    await writer(parts).write([gap(1)])
    assert len(parts.lines) == 1


async def test_none_are_no_request() -> None:
    parts = FakeParts()
    await writer(parts).write([])
    assert parts.lines == []
