"""When the oldest point of a measurement is: over years at once a server opens every shard, so slices are asked."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable

from ha_ingestor_store.influx.queries.rows import Head
from ha_ingestor_store.influx.queries.time_slices import Range, slices_back
from ha_ingestor_store.influx.schema import MAX_TIME_NS, MIN_TIME_NS
from ha_ingestor_store.time_range import DAY_NS

_GROWTH = 1.5
"""What is asked at once is a third of all there is at most; 28 slices without a point cost 6 ms each."""


async def oldest_ns(first_ns: Callable[[int, int], Awaitable[int | None]], now_ns: int) -> int | None:
    """The time of the oldest point, None where there is none; `first_ns` tells that of the first in [start, end)."""
    for start_ns, end_ns in slices_until(now_ns):
        found = await first_ns(start_ns, end_ns)
        if found is not None:
            return found
    return None


async def first_in(first_ns: Callable[[int, int], Awaitable[int | None]], start_ns: int, end_ns: int) -> int | None:
    """The time of the first point in [start, end), None where there is none: mostly it is within the first day."""
    near_ns = min(start_ns + DAY_NS, end_ns)
    for begin, end in [(start_ns, near_ns), *reversed(slices_back(near_ns, end_ns, DAY_NS, _GROWTH))]:
        found = await first_ns(begin, end)
        if found is not None:
            return found
    return None


def slices_until(now_ns: int) -> list[Range]:
    """All time, oldest first: the longer ago, the longer the slice; what is to come is the last one."""
    return [*reversed(slices_back(MIN_TIME_NS, now_ns, DAY_NS, _GROWTH)), (max(now_ns, MIN_TIME_NS), MAX_TIME_NS)]


async def newest_ns(heads: Callable[[int, int], Awaitable[Iterable[Head]]], now_ns: int) -> int | None:
    """The time of the newest event, None where there is none; `heads` tells the newest of every series in a range."""
    for start_ns, end_ns in reversed(slices_until(now_ns)):
        found = max((head.time_ns for head in await heads(start_ns, end_ns)), default=None)
        if found is not None:
            return found
    return None
