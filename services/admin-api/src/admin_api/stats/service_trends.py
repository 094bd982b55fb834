"""Services over time as columns: a list for each metric, with a value for every window of the range."""

from __future__ import annotations

from collections.abc import Iterable

from ha_ingestor_core.clock import NS_PER_S
from ha_ingestor_core.service_metrics import Counter
from ha_ingestor_store.answers import ServiceWindow
from ha_ingestor_store.time_range import MINUTE_NS, TimeRange, window_starts

COLUMNS = (
    "events_per_minute",
    *(counter.value for counter in Counter),
    "processing_time_ms",
    "processing_time_ms_p50",
    "processing_time_ms_p95",
    "success_rate",
    "queue_depth_max",
    "lag_s_max",
)
_SHORTEST_NS = 30 * NS_PER_S
"""A rate over fewer than three reports depends on when they arrive."""
_SMALLEST_PART = 0.1

Columns = dict[str, list[float | None]]


def service_trends(windows: Iterable[ServiceWindow], time_range: TimeRange, window_ns: int) -> dict[str, Columns]:
    """Return the columns of each service, by name; None in windows without a report."""
    places = {start_ns: place for place, start_ns in enumerate(window_starts(time_range, window_ns))}
    found: dict[str, Columns] = {}
    for window in windows:
        if window.start_ns not in places:  # hourly rollups may begin before the range
            continue
        columns = found.setdefault(window.service, {name: [None] * len(places) for name in COLUMNS})
        for name, value in _numbers(window, time_range, window_ns).items():
            columns[name][places[window.start_ns]] = value
    return found


def _numbers(window: ServiceWindow, time_range: TimeRange, window_ns: int) -> dict[str, float | None]:
    return {
        "events_per_minute": _per_minute(window, time_range, window_ns),
        **window.counters,
        **{name: getattr(window, name) for name in COLUMNS[len(Counter) + 1 :]},
    }


def _per_minute(window: ServiceWindow, time_range: TimeRange, window_ns: int) -> float | None:
    """Return the events received per minute in the covered part of a window; None if that part is too short."""
    covered_ns = min(window.start_ns + window_ns, time_range.end_ns) - max(window.start_ns, time_range.start_ns)
    if covered_ns < max(_SMALLEST_PART * window_ns, min(_SHORTEST_NS, window_ns)):
        return None
    return window.counters[Counter.RECEIVED] * MINUTE_NS / covered_ns
