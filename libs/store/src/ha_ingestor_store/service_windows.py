"""Services by window: ratios and percentiles from the sums of a window, levels as the highest of its reports."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from ha_ingestor_core.service_metrics import (
    LATENCY_BUCKETS,
    LATENCY_SUM,
    Counter,
    Level,
    latency_quantile,
    success_rate,
)

from ha_ingestor_store.answers import ServiceWindow

HIGHEST_LEVELS = (Level.QUEUE_DEPTH.value, Level.LAG_S.value)
"""Levels of which windows and rollups keep the highest value: unlike a mean it can be merged."""

Key = tuple[str, int]
"""A service and the start of a window."""


def service_windows(parts: Iterable[tuple[Key, Mapping[str, float]]]) -> list[ServiceWindow]:
    """Return the windows of all services, by name and time, merged from sums and highest levels of parts."""
    found: dict[Key, dict[str, float]] = {}
    for key, values in parts:
        if values:
            known = found.setdefault(key, {})
            for name, value in values.items():
                known[name] = merged(name, known.get(name), value)
    return [_window(key, found[key]) for key in sorted(found)]


def merged(name: str, known: float | None, value: float) -> float:
    """Return a metric of two parts of one window, merged."""
    if known is None:
        return value
    return max(known, value) if name in HIGHEST_LEVELS else known + value


def _window(key: Key, values: Mapping[str, float]) -> ServiceWindow:
    service, start_ns = key
    counters = {counter.value: int(values.get(counter, 0)) for counter in Counter}
    buckets = [int(values.get(name, 0)) for name in LATENCY_BUCKETS]
    return ServiceWindow(
        service=service,
        start_ns=start_ns,
        counters=counters,
        processing_time_ms=values.get(LATENCY_SUM, 0.0) / buckets[-1] if buckets[-1] else None,
        processing_time_ms_p50=latency_quantile(0.5, buckets),
        processing_time_ms_p95=latency_quantile(0.95, buckets),
        success_rate=success_rate(counters),
        queue_depth_max=values.get(Level.QUEUE_DEPTH),
        lag_s_max=values.get(Level.LAG_S),
    )
