"""Gaps in InfluxDB: a point each, overwritten by its later version; the newest are looked for slice by slice."""

from __future__ import annotations

from collections.abc import Sequence

import structlog
from ha_ingestor_core.gaps import Gap

from ha_ingestor_store import answers
from ha_ingestor_store.influx.batch_writer import BatchWriter
from ha_ingestor_store.influx.language import Dialect, Language
from ha_ingestor_store.influx.line_protocol import gap_line
from ha_ingestor_store.influx.newest import slices_back
from ha_ingestor_store.influx.schema import MAX_TIME_NS, MIN_TIME_NS
from ha_ingestor_store.periods import DAY_NS
from ha_ingestor_store.questions import GapCursor, RecentGaps

_FIRST_SLICE_NS = DAY_NS
"""Gaps are few."""

_log = structlog.get_logger()

SortKey = tuple[int, str, str]


class GapsWriter:
    """Writes gaps, whichever process finds them: no rollup counts them."""

    def __init__(self, dialect: Dialect, writer: BatchWriter) -> None:
        self._dialect = dialect
        self._writer = writer

    async def write(self, gaps: Sequence[Gap]) -> None:
        """See GapSink.write_gaps."""
        lines = [gap_line(gap) for gap in gaps]
        refused = await self._writer.write(self._dialect.write_target(rollups=False), lines) if lines else []
        if refused:  # beyond the retention, as its events are: it would be refused for ever
            _log.error("gaps_refused", gaps=len(refused), reason=refused[0].message)


async def recent_gaps(language: Language, question: RecentGaps) -> answers.GapPage:
    """See StoreReader.gaps."""
    start_ns = max(question.time_range.start_ns, MIN_TIME_NS)
    end_ns = min(question.time_range.end_ns, MAX_TIME_NS)
    after: SortKey | None = None
    if question.cursor:
        after = (-question.cursor.start_ns, question.cursor.home, question.cursor.reason)
        end_ns = min(end_ns, question.cursor.start_ns + 1)
    found: list[Gap] = []
    for begin, end in slices_back(start_ns, end_ns, _FIRST_SLICE_NS):
        found += _behind(after, await language.gaps(begin, end, question.home, reaching_ns=None))
        if len(found) > question.limit:
            break
    else:
        reaching = await language.gaps(MIN_TIME_NS, min(start_ns, end_ns), question.home, reaching_ns=start_ns)
        found += _behind(after, reaching)
    page = sorted(found, key=_sort_key)[: question.limit]
    more = len(found) > question.limit
    return answers.GapPage(
        gaps=page,
        next_cursor=GapCursor(page[-1].start_ns, page[-1].home, page[-1].reason) if more else None,
        open=await language.open_gaps(question.home),
    )


def _behind(after: SortKey | None, gaps: Sequence[Gap]) -> list[Gap]:
    return [gap for gap in gaps if after is None or _sort_key(gap) > after]


def _sort_key(gap: Gap) -> SortKey:
    return (-gap.start_ns, gap.home, gap.reason)
