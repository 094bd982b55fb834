"""How a gap is filled: the time range to request, its windows, and the entities of each request."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator

from ha_ingestor_core.clock import NS_PER_S, ns_to_datetime
from ha_ingestor_core.gaps import Gap
from msgspec import Struct

DAY_NS = 24 * 3600 * NS_PER_S
MARGIN_NS = 10 * NS_PER_S
"""Requested beyond both ends of a gap: for small steps of Home Assistant's clock, and for events in flight."""
_SHORTEST_WINDOW_NS = 60 * NS_PER_S
_LONGEST_WINDOW_NS = DAY_NS
_FEW_ROWS = 1_000
_MANY_ROWS = 10_000
_NAMES = 20
# Home Assistant refuses a whole request for one malformed id.
_ENTITY_ID = re.compile(r"(?!.+__)(?!_)[\da-z_]+(?<!_)\.(?!_)[\da-z_]+(?<!_)")


class FillingLimits(Struct, frozen=True):
    """How fast the history is requested; times in seconds."""

    enabled: bool = True
    entities: int = 25
    window_s: float = 3600.0
    rest_s: float = 0.1
    settle_s: float = 10.0
    """The recorder commits every 5 s: younger changes may not be in the history yet."""
    retry_s: float = 30.0
    queue_limit: int = 10_000
    """Events in the spool above which no changes are added: live events go first."""
    keep_days: int = 10
    first_start_days: int = 0
    """Days before the first start ever that are requested."""


def history_range(gap: Gap, keep_days: int) -> tuple[int, int]:
    """Return the [start, end) to request: the gap and its margins, as far back from its end as the recorder may reach.

    A day more than it keeps, since it purges once a night.
    """
    return max(gap.start_ns - MARGIN_NS, gap.end_ns - (keep_days + 1) * DAY_NS), gap.end_ns + MARGIN_NS


def done_share(
    start_ns: int, end_ns: int, *, done_ns: int | None, window_ns: int | None, share_of_window: float
) -> float:
    """Return how much of [start, end) was read, 0 to 1: all until `done_ns`, and a share of the window after it."""
    at_ns = max(start_ns, done_ns or start_ns)
    window_ns = min(window_ns or 0, end_ns - at_ns)
    return min(1.0, (at_ns - start_ns + window_ns * share_of_window) / (end_ns - start_ns))


def chunks(entities: Collection[str], size: int) -> Iterator[list[str]]:
    """Split the entities by requests."""
    ordered = sorted(entities)
    for start in range(0, len(ordered), size):
        yield ordered[start : start + size]


def is_valid_entity_id(entity_id: str) -> bool:
    """Whether Home Assistant accepts the id as that of an entity."""
    return _ENTITY_ID.fullmatch(entity_id) is not None


def first_window(usual_ns: int, tried_ns: int | None) -> int:
    """Return the length of the first window of time; half of one that was tried before and never ended.

    An answer beyond the socket's limit ends the connection, and so would the same request on the next one.
    """
    return usual_ns if tried_ns is None else max(min(usual_ns, tried_ns // 2), _SHORTEST_WINDOW_NS)


def next_window(window_ns: int, most_rows: int) -> int:
    """Return the length of the next window of time, after one whose largest answer had so many rows."""
    if most_rows > _MANY_ROWS:
        return max(window_ns // 2, _SHORTEST_WINDOW_NS)
    if most_rows < _FEW_ROWS:
        return min(window_ns * 2, max(_LONGEST_WINDOW_NS, window_ns))
    return window_ns


def shortened(entities: Collection[str]) -> str:
    """Return the first names, and how many more there are."""
    names = sorted(entities)
    more = f" and {len(names) - _NAMES} more" if len(names) > _NAMES else ""
    return ", ".join(names[:_NAMES]) + more


def summary(gap: Gap) -> str:
    """Return a closed gap as a sentence for the log."""
    start, end = ns_to_datetime(gap.start_ns), ns_to_datetime(gap.end_ns)
    form = "%H:%M" if start.date() == end.date() else "%Y-%m-%d %H:%M"
    return f"gap {start.strftime(form)}–{end.strftime(form)} UTC closed, {gap.recovered:,} changes recovered"
