"""Rejected events in InfluxDB: their points lie within the millisecond of their time, which itself is a field."""

from __future__ import annotations

from ha_ingestor_core.clock import NS_PER_MS
from ha_ingestor_core.errors import StoreRefusedError

from ha_ingestor_store import answers
from ha_ingestor_store.influx.batch_writer import BatchWriter
from ha_ingestor_store.influx.language import Dialect, Language, RejectedFilter
from ha_ingestor_store.influx.line_protocol import replay_line
from ha_ingestor_store.influx.schema import MAX_TIME_NS, MIN_TIME_NS
from ha_ingestor_store.points import RejectedEvent, rejected_time_ns
from ha_ingestor_store.questions import RecentRejected, RejectedCursor


class ReplaysWriter:
    """Adds to rejected events how their replay ended; nothing of them is written again."""

    def __init__(self, dialect: Dialect, writer: BatchWriter) -> None:
        self._dialect = dialect
        self._writer = writer

    async def mark(self, replayed: RejectedEvent) -> None:
        """See ReplayStore.mark_replayed."""
        refused = await self._writer.write(self._dialect.write_target(rollups=False), [replay_line(replayed)])
        if refused:
            raise StoreRefusedError(f"the mark of a replay was refused: {refused[0].message}", id=replayed.id)


async def rejected_events(language: Language, question: RecentRejected) -> answers.RejectedPage:
    """See StoreReader.rejected_events."""
    start_ns, end_ns = _bounds(question)
    after = None
    if question.cursor:  # events of the cursor's own nanosecond may be left, behind it
        after = (-question.cursor.time_ns, question.cursor.id)
        end_ns = min(end_ns, question.cursor.time_ns + 1)
    if start_ns >= end_ns:
        return answers.RejectedPage([])
    wanted = _filter(question)
    from_ns, to_ns = _floor_ms(start_ns), _floor_ms(end_ns - 1) + NS_PER_MS
    limit = question.limit + 1
    if to_ns > end_ns or after:  # what is read and then left out: the last millisecond's, at most
        limit += sum((await language.rejected_counts(wanted, to_ns - NS_PER_MS, to_ns)).values())
    found = sorted(
        (
            event
            for event in await language.newest_rejected(wanted, from_ns, to_ns, limit)
            if start_ns <= event.time_ns < end_ns and (after is None or _sort_key(event) > after)
        ),
        key=_sort_key,
    )
    page = found[: question.limit]
    more = len(found) > question.limit
    return answers.RejectedPage(page, RejectedCursor(page[-1].time_ns, page[-1].id) if more else None)


async def rejected_event(language: Language, rejected_id: str) -> RejectedEvent | None:
    """See StoreReader.rejected_event."""
    time_ns = rejected_time_ns(rejected_id)
    if time_ns is None or not MIN_TIME_NS <= time_ns < MAX_TIME_NS:
        return None
    from_ns = _floor_ms(time_ns)
    found = await language.newest_rejected(RejectedFilter(), from_ns, from_ns + NS_PER_MS, 1)
    return next((event for event in found if event.id == rejected_id), None)


async def rejected_counts(language: Language, question: RecentRejected) -> dict[str, int]:
    """See StoreReader.rejected_counts."""
    start_ns, end_ns = _bounds(question)
    return await language.rejected_counts(_filter(question), start_ns, end_ns) if start_ns < end_ns else {}


def _filter(question: RecentRejected) -> RejectedFilter:
    return RejectedFilter(question.home, question.service, question.key)


def _bounds(question: RecentRejected) -> tuple[int, int]:
    return max(question.time_range.start_ns, MIN_TIME_NS), min(question.time_range.end_ns, MAX_TIME_NS)


def _floor_ms(time_ns: int) -> int:
    return time_ns // NS_PER_MS * NS_PER_MS


def _sort_key(event: RejectedEvent) -> tuple[int, str]:
    return (-event.time_ns, event.id)
