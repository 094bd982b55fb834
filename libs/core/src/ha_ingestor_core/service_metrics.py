"""`service_metrics`: the counters of every service, and its reports."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import Protocol

from msgspec import Struct


class Counter(StrEnum):
    """The counters of an interval.

    received = processed + duplicate + filtered + rejected + expired + failed + the change of what is queued.
    Expired events are older than the retention of the store.
    """

    RECEIVED = "events_received"
    PROCESSED = "events_processed"
    DUPLICATE = "events_duplicate"
    FILTERED = "events_filtered"
    REJECTED = "events_rejected"
    EXPIRED = "events_expired"
    FAILED = "events_failed"
    WRITE_ATTEMPTS = "write_attempts"
    WRITE_ERRORS = "write_errors"


class Level(StrEnum):
    """The gauges at the end of an interval, as floats."""

    PROCESSING_TIME_MS = "processing_time_ms"
    PROCESSING_TIME_MS_P95 = "processing_time_ms_p95"
    SUCCESS_RATE = "success_rate"
    QUEUE_DEPTH = "queue_depth"
    LAG_S = "lag_s"


LATENCY_BOUNDS_MS: tuple[float, ...] = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10000, float("inf"))
"""Upper bounds of the latency histogram, in ms; its buckets are cumulative, as Prometheus has them."""

LATENCY_BUCKETS: tuple[str, ...] = tuple(
    f"processing_time_ms_le_{'inf' if bound == float('inf') else int(bound)}" for bound in LATENCY_BOUNDS_MS
)
LATENCY_SUM = "processing_time_ms_sum"
"""Sum of the latencies of an interval in ms, from which the mean over any period is computed."""


class ServiceMetricsPoint(Struct, frozen=True):
    """The report of one service over one interval that ended at `time_ns`; missing fields are unknown, not 0.

    `counters` holds `Counter` names and the latency buckets (integers), `levels` the `Level` names and
    `processing_time_ms_sum` (floats).
    """

    service: str
    time_ns: int
    instance: str = ""
    counters: dict[str, int] = {}
    levels: dict[str, float] = {}


class ServiceMetricsSink(Protocol):
    """Stores reports."""

    async def write_service_metrics(self, points: Sequence[ServiceMetricsPoint]) -> None:
        """Store the points, all or none; raises IngestorError."""
        ...


class ServiceCounters:
    """The counters of one service since its start, used by the reporter and /stats."""

    def __init__(self) -> None:
        self.totals: dict[Counter, int] = dict.fromkeys(Counter, 0)
        self.latency_counts = [0] * len(LATENCY_BOUNDS_MS)
        self.latency_sum_ms = 0.0

    def add(self, counter: Counter, amount: int = 1) -> None:
        """Increase a counter."""
        self.totals[counter] += amount

    def observe_latency(self, milliseconds: float, events: int = 1) -> None:
        """Record the latency of events, from their arrival to their outcome."""
        index = next(i for i, bound in enumerate(LATENCY_BOUNDS_MS) if milliseconds <= bound)
        self.latency_counts[index] += events
        self.latency_sum_ms += milliseconds * events

    def snapshot(self) -> ServiceCounters:
        """Return a copy."""
        copy = ServiceCounters()
        copy.totals = dict(self.totals)
        copy.latency_counts = list(self.latency_counts)
        copy.latency_sum_ms = self.latency_sum_ms
        return copy


def interval_point(
    service: str,
    instance: str,
    time_ns: int,
    before: ServiceCounters,
    after: ServiceCounters,
    levels: dict[Level, float | None],
) -> ServiceMetricsPoint:
    """Return the report of the interval between two snapshots; `levels` are its gauges, None is left out."""
    counters: dict[str, int] = {c.value: after.totals[c] - before.totals[c] for c in Counter}
    cumulative = 0
    for name, now, then in zip(LATENCY_BUCKETS, after.latency_counts, before.latency_counts, strict=True):
        cumulative += now - then
        counters[name] = cumulative
    latency_sum = after.latency_sum_ms - before.latency_sum_ms
    measured: dict[str, float | None] = {
        LATENCY_SUM: latency_sum,
        Level.PROCESSING_TIME_MS.value: latency_sum / cumulative if cumulative else None,
        Level.PROCESSING_TIME_MS_P95.value: latency_quantile(0.95, [counters[name] for name in LATENCY_BUCKETS]),
        Level.SUCCESS_RATE.value: success_rate(counters),
    }
    measured.update({level.value: value for level, value in levels.items()})
    return ServiceMetricsPoint(
        service=service,
        instance=instance,
        time_ns=time_ns,
        counters=counters,
        levels={name: float(value) for name, value in measured.items() if value is not None},
    )


def sum_of_points(first: ServiceMetricsPoint, second: ServiceMetricsPoint) -> ServiceMetricsPoint:
    """Return the sum of two consecutive reports, with the time and the gauges of the later one."""
    names = first.counters.keys() | second.counters.keys()
    latency = {LATENCY_SUM: first.levels.get(LATENCY_SUM, 0.0) + second.levels.get(LATENCY_SUM, 0.0)}
    return ServiceMetricsPoint(
        service=second.service,
        time_ns=second.time_ns,
        instance=second.instance,
        counters={name: first.counters.get(name, 0) + second.counters.get(name, 0) for name in names},
        levels={**second.levels, **latency},
    )


def success_rate(counters: dict[str, int]) -> float | None:
    """Return the percentage of finished events that were not rejected and did not fail; None when none finished.

    Reports of earlier releases have no `events_expired`.
    """
    good = counters[Counter.PROCESSED] + counters[Counter.DUPLICATE] + counters[Counter.FILTERED]
    good += counters.get(Counter.EXPIRED, 0)
    finished = good + counters[Counter.REJECTED] + counters[Counter.FAILED]
    return 100.0 * good / finished if finished else None


def latency_quantile(quantile: float, cumulative: Sequence[int]) -> float | None:
    """Return the quantile (0-1) in ms of a cumulative histogram over LATENCY_BOUNDS_MS; None when it is empty.

    Linear within a bucket, the last finite bound beyond it, like histogram_quantile of Prometheus.
    """
    total = cumulative[-1]
    if not total:
        return None
    rank = quantile * total
    lower_bound, lower_count = 0.0, 0
    for bound, count in zip(LATENCY_BOUNDS_MS, cumulative, strict=True):
        if count >= rank and count > lower_count:
            if bound == float("inf"):
                return lower_bound
            return lower_bound + (bound - lower_bound) * (rank - lower_count) / (count - lower_count)
        if bound != float("inf"):
            lower_bound, lower_count = float(bound), count
    return lower_bound
