"""The question for the newest values of service_metrics, and the units of all metrics."""

from __future__ import annotations

from ha_ingestor_core.clock import ns_to_rfc3339
from ha_ingestor_core.service_metrics import LATENCY_BUCKETS, LATENCY_SUM, Counter, Level
from ha_ingestor_store.time_range import MINUTE_NS
from msgspec import Struct

from admin_api.http.errors import unknown_name
from admin_api.http.time_range import ttl_of
from admin_api.http.views import View
from admin_api.stats.questions.question import AnswerContext, check_service
from admin_api.stats.sources.period_statistics import StatisticsSource

TOTAL_EVENTS = "total_events"
TREND_METRICS = (TOTAL_EVENTS, *(c.value for c in Counter), *(level.value for level in Level))


class MetricsQuestion(Struct, frozen=True):
    """The newest value of every field of service_metrics."""

    metric_name: str | None = None
    service: str | None = None
    limit: int = 100
    endpoint = "stats/metrics"

    @property
    def ttl_s(self) -> float:
        """Seconds for which the answer is cached."""
        return ttl_of(MINUTE_NS)

    async def answer(self, source: StatisticsSource, context: AnswerContext) -> list[View]:
        """Return the newest values as a list; a header has the source. Raises NotFoundError."""
        found = await source.latest(self.service, _MOST_METRICS)
        if self.service is not None and not found:
            await check_service(source, context, self.service)
        if self.metric_name is not None:
            known = {*TREND_METRICS, *LATENCY_BUCKETS, LATENCY_SUM, *(metric.name for metric in found)} - {TOTAL_EVENTS}
            if self.metric_name not in known:
                raise unknown_name("metric", self.metric_name, known)
        return [
            {
                "name": metric.name,
                "value": metric.value,
                "unit": unit_of(metric.name),
                "timestamp": ns_to_rfc3339(metric.time_ns),
                "tags": {"service": metric.service, "instance": metric.instance},
            }
            for metric in found
            if self.metric_name in (None, metric.name)
        ][: self.limit]


_MOST_METRICS = 10_000


def unit_of(name: str) -> str:
    """Return the unit of a field of service_metrics."""
    if name in (Counter.WRITE_ATTEMPTS, Counter.WRITE_ERRORS):
        return "writes"
    if name in (Level.PROCESSING_TIME_MS, Level.PROCESSING_TIME_MS_P95) or name.endswith("_ms_sum"):
        return "ms"
    return {Level.SUCCESS_RATE: "percent", Level.LAG_S: "s"}.get(name, "events")  # type: ignore[call-overload, no-any-return]
