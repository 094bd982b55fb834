"""What lasts a while, gaps and alerts, in InfluxDB: a point each at its beginning, overwritten by its later version.

They are few, so the newest are looked for slice by slice, and those that reach into a range at last.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, Protocol, TypeVar

import structlog

from ha_ingestor_store.influx.database import Database
from ha_ingestor_store.influx.reading.time_slices import slices_back
from ha_ingestor_store.influx.schema import MAX_TIME_NS, MIN_TIME_NS
from ha_ingestor_store.influx.writing.batch_writer import BatchWriter
from ha_ingestor_store.time_range import DAY_NS, TimeRange

_FIRST_SLICE_NS = DAY_NS

_log = structlog.get_logger()

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)
SortKey = tuple[int, str, str]
"""The beginning, negative since the newest are first, and what tells apart those that begin at once."""


class AskForSpans(Protocol[T_co]):
    """Those that begin in a range; with `reaching_ns` only those of them that last longer than until then."""

    async def __call__(self, start_ns: int, end_ns: int, *, reaching_ns: int | None) -> Sequence[T_co]:
        """See above."""
        ...


class SpansWriter(Generic[T]):
    """Writes them, whichever process they come from: no rollup counts them."""

    def __init__(self, database: Database, writer: BatchWriter, line: Callable[[T], str]) -> None:
        self._database = database
        self._writer = writer
        self._line = line

    async def write(self, spans: Sequence[T]) -> None:
        """See GapSink.write_gaps and AlertSink.write_alerts."""
        lines = list(map(self._line, spans))
        refused = await self._writer.write(self._database.write_target(rollups=False), lines) if lines else []
        if refused:  # beyond the retention, as its events are: it would be refused for ever
            first = refused[0]
            _log.error("points_refused", points=len(refused), reason=first.message, first=lines[first.index])


async def newest_spans(
    ask: AskForSpans[T], time_range: TimeRange, limit: int, *, key: Callable[[T], SortKey], after: SortKey | None
) -> tuple[list[T], bool]:
    """The newest that overlap a range, behind a place in that order where one is given; and whether there are more."""
    start_ns = max(time_range.start_ns, MIN_TIME_NS)
    end_ns = min(time_range.end_ns, MAX_TIME_NS)
    if after is not None:
        end_ns = min(end_ns, 1 - after[0])
    found: list[T] = []

    async def take(asked: Awaitable[Sequence[T]]) -> bool:
        found.extend(each for each in await asked if after is None or key(each) > after)
        return len(found) > limit

    for begin, end in slices_back(start_ns, end_ns, _FIRST_SLICE_NS):
        if await take(ask(begin, end, reaching_ns=None)):
            break
    else:
        await take(ask(MIN_TIME_NS, min(start_ns, end_ns), reaching_ns=start_ns))
    return sorted(found, key=key)[:limit], len(found) > limit
