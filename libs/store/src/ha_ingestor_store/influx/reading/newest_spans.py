"""What lasts a while, gaps and alerts, in InfluxDB: a point each at its beginning, overwritten by its later version.

They are few, so the newest are looked for slice by slice, and those that reach into a range at last.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Protocol, TypeVar

import structlog

from ha_ingestor_store.influx.queries.time_slices import slices_back
from ha_ingestor_store.influx.schema import MAX_TIME_NS, MIN_TIME_NS
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
        """Return them, in any order."""
        ...


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
