"""The contract's brute force, with the questions about services that it leaves out."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import fmean

from ha_ingestor_core.clock import NS_PER_S
from ha_ingestor_core.service_metrics import (
    LATENCY_BUCKETS,
    LATENCY_SUM,
    Counter,
    Level,
    ServiceMetricsPoint,
    latency_quantile,
    success_rate,
)
from ha_ingestor_store import answers
from ha_ingestor_store.influx.schema import LEVEL_METRICS, SUMMED_METRICS
from ha_ingestor_store.time_range import TimeRange

from tests.contract.oracle import Oracle


class Truth(Oracle):
    """Every question of the store, answered from plain lists."""

    def reports(self, time_range: TimeRange, service: str) -> list[ServiceMetricsPoint]:
        """The reports of a service, oldest first."""
        found = [p for p in self.metrics.values() if p.service == service]
        return sorted(
            (p for p in found if time_range.start_ns <= p.time_ns < time_range.end_ns), key=lambda p: p.time_ns
        )

    def service_statistics(self, time_range: TimeRange, service: str | None) -> list[answers.ServiceStatistics]:
        names = sorted({p.service for p in self.metrics.values() if service in (None, p.service)})
        return [self._service(name, found) for name in names if (found := self.reports(time_range, name))]

    def _service(self, service: str, found: Sequence[ServiceMetricsPoint]) -> answers.ServiceStatistics:
        counters = {c.value: sum(p.counters.get(c, 0) for p in found) for c in Counter}
        buckets = [sum(p.counters.get(name, 0) for p in found) for name in LATENCY_BUCKETS]
        latency_sum = sum(p.levels.get(LATENCY_SUM, 0.0) for p in found)
        finished = success_rate(counters)
        newest = list({p.instance: p for p in found}.values())
        reporting = [p.levels for p in newest if p.time_ns >= found[-1].time_ns - 30 * NS_PER_S]
        queues = [levels[Level.QUEUE_DEPTH] for levels in reporting if Level.QUEUE_DEPTH in levels]
        return answers.ServiceStatistics(
            service=service,
            counters=counters,
            processing_time_ms=(
                latency_sum / buckets[-1] if buckets[-1] else _mean_level(found, Level.PROCESSING_TIME_MS)
            ),
            processing_time_ms_p95=(
                latency_quantile(0.95, buckets) if buckets[-1] else _mean_level(found, Level.PROCESSING_TIME_MS_P95)
            ),
            success_rate=finished if finished is not None else _mean_level(found, Level.SUCCESS_RATE),
            queue_depth=sum(queues) if queues else None,
            lag_s=max((levels[Level.LAG_S] for levels in reporting if Level.LAG_S in levels), default=None),
            last_seen_ns=found[-1].time_ns,
        )

    def latest_metrics(self, service: str | None) -> list[answers.LatestMetric]:
        newest: dict[tuple[str, str], ServiceMetricsPoint] = {}
        for point in sorted(self.metrics.values(), key=lambda p: p.time_ns):
            if service in (None, point.service):
                newest[point.service, point.instance] = point
        return [
            answers.LatestMetric(point.service, point.instance, name, fields[name], point.time_ns)
            for _, point in sorted(newest.items())
            for fields in ({**point.counters, **point.levels},)
            for name in (*SUMMED_METRICS, *LEVEL_METRICS)
            if name in fields
        ]


def _mean_level(found: Sequence[ServiceMetricsPoint], level: Level) -> float | None:
    values = [p.levels[level] for p in found if level in p.levels]
    return fmean(values) if values else None
