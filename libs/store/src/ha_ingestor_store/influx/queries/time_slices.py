"""Where the newest events of a range are: over a long one a server opens every shard of it, so slices are asked.

Flux pushes no `sort + limit` down to storage, yet it counts fast:
counts of ever longer slices, newest first, find a short one that holds enough, and that one is read.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence

from ha_ingestor_core.clock import NS_PER_S

Range = tuple[int, int]

_FIRST_SLICE_NS = NS_PER_S
_GROWTH = 16
_SLICES_PER_QUESTION = 4
_MOST_TIMES = 20_000
"""Times read at once to find the exact end: 60 ms; where a slice holds more, it is divided."""


async def newest_range(
    start_ns: int,
    end_ns: int,
    limit: int,
    *,
    counts: Callable[[Sequence[Range]], Awaitable[list[int]]],
    times: Callable[[int, int], Awaitable[list[int]]],
) -> Range | None:
    """The shortest range to the end that holds the newest `limit` events; None where there is none at all.

    `counts` tells how many events each of some ranges holds, `times` when the events of a short one were.
    """
    found = 0
    slices = slices_back(start_ns, end_ns)
    for first in range(0, len(slices), _SLICES_PER_QUESTION):
        asked = slices[first : first + _SLICES_PER_QUESTION]
        for piece, count in zip(asked, await counts(asked), strict=True):
            if found + count >= limit:
                return await _cut(piece, end_ns, limit - found, count, counts, times)
            found += count
    return (start_ns, end_ns) if found else None


def slices_back(start_ns: int, end_ns: int, first_ns: int = _FIRST_SLICE_NS, growth: float = _GROWTH) -> list[Range]:
    """The range in slices, newest first, each `growth` times as long as the one before."""
    slices: list[Range] = []
    length = first_ns
    while end_ns > start_ns:
        begin = max(start_ns, end_ns - length)
        slices.append((begin, end_ns))
        end_ns = begin
        length = round(length * growth)
    return slices


async def _cut(
    piece: Range,
    end_ns: int,
    wanted: int,
    count: int,
    counts: Callable[[Sequence[Range]], Awaitable[list[int]]],
    times: Callable[[int, int], Awaitable[list[int]]],
) -> Range:
    """The range from the wanted-th newest event of a slice, which holds `count` of them, to the end."""
    start, stop = piece
    while count > _MOST_TIMES and stop - start > 1:
        middle = (start + stop) // 2
        (newer,) = await counts([(middle, stop)])
        if newer >= wanted:
            start, count = middle, newer
        else:
            stop, wanted, count = middle, wanted - newer, count - newer
    ordered = sorted(await times(start, stop), reverse=True)
    return (ordered[min(wanted, len(ordered)) - 1] if ordered else start, end_ns)
