"""The question about gaps in InfluxDB."""

from __future__ import annotations

from functools import partial

from ha_ingestor_core.gaps import Gap

from ha_ingestor_store import answers
from ha_ingestor_store.influx.database import Database
from ha_ingestor_store.influx.reading.newest_spans import SortKey, newest_spans
from ha_ingestor_store.questions import GapCursor, RecentGaps


async def recent_gaps(database: Database, question: RecentGaps) -> answers.GapPage:
    """Return the gaps of a range, newest first, and how many are open."""
    cursor = question.cursor
    after = (-cursor.start_ns, cursor.home, cursor.reason) if cursor else None
    ask = partial(database.gaps, home=question.home)
    page, more = await newest_spans(ask, question.time_range, question.limit, key=_sort_key, after=after)
    return answers.GapPage(
        gaps=page,
        next_cursor=GapCursor(page[-1].start_ns, page[-1].home, page[-1].reason) if more else None,
        open=await database.open_gaps(question.home),
    )


def _sort_key(gap: Gap) -> SortKey:
    return (-gap.start_ns, gap.home, gap.reason)
