"""The queries of statistics: hashable values that build their JSON answer, the same from every source."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any, Protocol

import msgspec
from ha_ingestor_core.clock import ns_to_rfc3339
from ha_ingestor_core.errors import InvalidInputError
from ha_ingestor_core.service_metrics import LATENCY_BUCKETS, LATENCY_SUM, Counter, Level, success_rate
from ha_ingestor_store.answers import ErrorRate, ServiceStatistics
from ha_ingestor_store.periods import DAY_NS, HOUR_NS, MINUTE_NS, TimeRange, nice_window, parse_window, window_starts
from msgspec import Struct

from admin_api.http.parameters import refusal
from admin_api.http.time_range import AskedRange, ttl_of
from admin_api.http.unknown_name import unknown_name
from admin_api.http.views import View, coverage_view
from admin_api.peers.names import SERVICES
from admin_api.rollout.source import StatsSource
from admin_api.stats.rate_alerts import rate_alerts
from admin_api.stats.recommendations import recommendations
from admin_api.stats.service_trends import service_trends
from admin_api.stats.sources.from_services import WRITER
from admin_api.stats.sources.period_statistics import Facts, StatisticsSource
from admin_api.stats.sources.rates import covered_range, rate_minutes
from admin_api.stats.views import services_view

TOTAL_EVENTS = "total_events"
TREND_METRICS = (TOTAL_EVENTS, *(c.value for c in Counter), *(level.value for level in Level))


class Told(Struct, frozen=True):
    """Metadata of an answer: its time, its source, and the reason for a fallback."""

    now_ns: int
    source: StatsSource
    warning: str | None = None
    alerts: Sequence[View] = ()

    def view(self) -> View:
        """Return the members common to all answers."""
        return {"timestamp": ns_to_rfc3339(self.now_ns), "source": self.source, "warning": self.warning}


class Question(Protocol):
    """A query of statistics; hashable, used as cache key."""

    @property
    def endpoint(self) -> str:
        """The endpoint label of its metrics."""
        ...

    @property
    def ttl_s(self) -> float:
        """Seconds for which the answer is cached; raises InvalidInputError for invalid parameters."""
        ...

    async def answer(self, source: StatisticsSource, told: Told) -> Any:
        """Return the JSON-ready answer; raises InvalidInputError, NotFoundError, and what the source raises."""
        ...


class OfTime(Struct, frozen=True):
    """A query about a time range."""

    time: AskedRange

    @property
    def ttl_s(self) -> float:
        """Seconds for which the answer is cached; raises InvalidInputError for an invalid time."""
        return self.time.ttl_s


class StatsQuestion(OfTime, frozen=True):
    """Key figures, services and the trend of a time range."""

    window: str | None = None
    service: str | None = None
    endpoint = "stats"

    async def answer(self, source: StatisticsSource, told: Told) -> View:
        """Return metrics, trend, alerts and coverage; raises InvalidInputError and NotFoundError."""
        time_range = self.time.at(told.now_ns)
        window_ns = parse_window(self.window, time_range) if self.window else nice_window(time_range)
        facts = await _facts_of_service(source, told, self.service, time_range, window_ns)
        metrics = {
            "total_events": facts.total_events,
            "events_per_minute": facts.events_per_minute,
            **_writes(facts, self.service),
            "services": _services(facts, time_range),
        }
        return {
            **told.view(),
            **self.time.view(told.now_ns),
            "metrics": metrics,
            "trends": [{"time": ns_to_rfc3339(point.start_ns), "count": point.count} for point in facts.trend],
            "alerts": [*told.alerts, *_rate_alerts(facts, told, self.service)],
            "coverage": coverage_view(facts.coverage),
        }


class AlertsQuestion(OfTime, frozen=True):
    """The active alerts, and the alerts on the rates of a time range."""

    endpoint = "stats/alerts"

    @property
    def ttl_s(self) -> float:
        """0: not cached, so that an acknowledgement is visible immediately."""
        return 0.0

    async def answer(self, source: StatisticsSource, told: Told) -> View:
        """Return alerts and coverage."""
        facts = await source.facts(self.time.at(told.now_ns))
        alerts = [*told.alerts, *_rate_alerts(facts, told)]
        return {
            **told.view(),
            **self.time.view(told.now_ns),
            "alerts": alerts,
            "coverage": coverage_view(facts.coverage),
        }


class ServicesQuestion(OfTime, frozen=True):
    """The services that reported in a time range."""

    endpoint = "stats/services"

    async def answer(self, source: StatisticsSource, told: Told) -> View:
        """Return the metrics of each service and the coverage."""
        time_range = self.time.at(told.now_ns)
        facts = await source.facts(time_range)
        services = _services(facts, time_range)
        return {
            **told.view(),
            **self.time.view(told.now_ns),
            "services": services,
            "coverage": coverage_view(facts.coverage),
        }


class PerformanceQuestion(OfTime, frozen=True):
    """The performance of the services, together and each, with recommendations."""

    endpoint = "stats/performance"

    async def answer(self, source: StatisticsSource, told: Told) -> View:
        """Return overall and service metrics, recommendations and coverage."""
        time_range = self.time.at(told.now_ns)
        facts = await source.facts(time_range)
        minutes = rate_minutes(covered_range(time_range, facts.coverage))
        found = recommendations(facts.services, facts.unknown, told.now_ns)
        return {
            **told.view(),
            **self.time.view(told.now_ns),
            "overall": _overall(facts, minutes),
            "services": _services(facts, time_range),
            "recommendations": found,
            "coverage": coverage_view(facts.coverage),
        }


class TrendsQuestion(OfTime, frozen=True):
    """A metric over time: the stored events, or a counter or level of a service."""

    window: str | None = None
    metric: str | None = None
    service: str | None = None
    endpoint = "stats/trends"

    async def answer(self, source: StatisticsSource, told: Told) -> View:
        """Return the metric by window; raises InvalidInputError and NotFoundError."""
        metric = self._metric()
        time_range = self.time.at(told.now_ns)
        window_ns = parse_window(self.window, time_range) if self.window else nice_window(time_range)
        if metric == TOTAL_EVENTS:
            facts = await source.facts(time_range, None, window_ns)
            values: list[tuple[int, float | None]] = [(point.start_ns, point.count) for point in facts.trend]
        else:
            facts = await _facts_of_service(source, told, self.service, time_range)
            series = await source.series(metric, self.service, time_range, window_ns)
            values = [(point.start_ns, point.value) for point in series]
        return {
            **told.view(),
            **self.time.view(told.now_ns),
            "window": window_text(window_ns),
            "metric": metric,
            "service": self.service,
            "unit": unit_of(metric),
            "trends": [{"time": ns_to_rfc3339(start_ns), "value": value} for start_ns, value in values],
            "unknown": facts.unknown,
            "coverage": coverage_view(facts.coverage),
        }

    def _metric(self) -> str:
        metric = self.metric or (Counter.RECEIVED.value if self.service else TOTAL_EVENTS)
        if metric not in TREND_METRICS:
            raise refusal("metric", f"one of {', '.join(TREND_METRICS)}")
        if metric == TOTAL_EVENTS and self.service:
            message = (
                f"service cannot be combined with the metric {TOTAL_EVENTS}. Remove service, or choose another metric"
            )
            raise InvalidInputError(message, field="service", expected="no service")
        if metric in _LEVELS and not self.service:
            message = f"service is required with the metric {metric}, which cannot be summed over services"
            raise InvalidInputError(message, field="service", expected="the name of a service")
        return metric


class ServiceTrendsQuestion(OfTime, frozen=True):
    """All metrics of all services over time."""

    window: str | None = None
    service: str | None = None
    endpoint = "stats/services/trends"

    async def answer(self, source: StatisticsSource, told: Told) -> View:
        """Return the metrics of each service by window, as columns; raises InvalidInputError and NotFoundError."""
        time_range = self.time.at(told.now_ns)
        window_ns = parse_window(self.window, time_range) if self.window else nice_window(time_range)
        facts, windows = await asyncio.gather(
            _facts_of_service(source, told, self.service, time_range),
            source.service_windows(time_range, window_ns, self.service),
        )
        return {
            **told.view(),
            **self.time.view(told.now_ns),
            "window": window_text(window_ns),
            "times": [ns_to_rfc3339(start) for start in window_starts(time_range, window_ns)],
            "trends": service_trends(windows, time_range, window_ns),
            "unknown": facts.unknown,
            "coverage": coverage_view(facts.coverage),
        }


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

    async def answer(self, source: StatisticsSource, told: Told) -> list[View]:
        """Return the newest values as a list; a header has the source. Raises NotFoundError."""
        found = await source.latest(self.service, _MOST_METRICS)
        if self.service is not None and not found:
            await _check_service(source, told, self.service)
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


_LEVELS = frozenset(level.value for level in Level)
_MOST_METRICS = 10_000


def unit_of(name: str) -> str:
    """Return the unit of a field of service_metrics."""
    if name in (Counter.WRITE_ATTEMPTS, Counter.WRITE_ERRORS):
        return "writes"
    if name in (Level.PROCESSING_TIME_MS, Level.PROCESSING_TIME_MS_P95) or name.endswith("_ms_sum"):
        return "ms"
    return {Level.SUCCESS_RATE: "percent", Level.LAG_S: "s"}.get(name, "events")  # type: ignore[call-overload, no-any-return]


def window_text(window_ns: int) -> str:
    """Format a window as the parameter `window`."""
    for unit, length_ns in (("d", DAY_NS), ("h", HOUR_NS)):
        if window_ns % length_ns == 0:
            return f"{window_ns // length_ns}{unit}"
    return f"{window_ns // MINUTE_NS}m"


def _services(facts: Facts, time_range: TimeRange) -> dict[str, View]:
    return services_view(facts.services, rate_minutes(covered_range(time_range, facts.coverage)), facts.unknown)


async def _facts_of_service(
    source: StatisticsSource, told: Told, service: str | None, time_range: TimeRange, window_ns: int | None = None
) -> Facts:
    """Return the facts of a period; `unknown` contains the service if it has not reported. Raises NotFoundError."""
    facts = await source.facts(time_range, service, window_ns)
    if service is None or service in facts.unknown or any(each.service == service for each in facts.services):
        return facts
    await _check_service(source, told, service)
    return msgspec.structs.replace(facts, unknown={**facts.unknown, service: "no report in this period"})


async def _check_service(source: StatisticsSource, told: Told, service: str) -> None:
    """Raise NotFoundError for an unknown service; not during a fallback, since the store may know it."""
    if told.source is StatsSource.SERVICES_FALLBACK:
        return
    known = {*SERVICES, *await source.service_names()}
    if service not in known:
        raise unknown_name("service", service, known)


def _rate_alerts(facts: Facts, told: Told, service: str | None = None) -> list[View]:
    """Return the alerts on rates; the error rate of the system only without `service`."""
    error_rate_percent = None if service else _writes(facts)["error_rate_percent"]
    return rate_alerts(error_rate_percent, facts.services, told.now_ns)


def _writes(facts: Facts, service: str | None = None) -> View:
    """Return the writes of a service, or of all; None if the service that writes has not reported."""
    writers = [s for s in facts.services if s.service == (service or WRITER) or s.counters.get(Counter.WRITE_ATTEMPTS)]
    if WRITER in facts.unknown or not writers:
        return {"total_writes": None, "write_errors": None, "error_rate_percent": None}
    errors = ErrorRate(
        total_writes=_sum(facts.services, Counter.WRITE_ATTEMPTS),
        write_errors=_sum(facts.services, Counter.WRITE_ERRORS),
    )
    return {
        "total_writes": errors.total_writes,
        "write_errors": errors.write_errors,
        "error_rate_percent": errors.percent,
    }


def _overall(facts: Facts, minutes: float) -> View:
    """Return the sums over all services; None if a service did not answer, or none has reported."""
    names = ("total_requests", "total_errors", "average_response_time", "success_rate", "throughput")
    if facts.unknown or not facts.services:
        return dict.fromkeys(names)
    sums = {counter.value: _sum(facts.services, counter) for counter in Counter}
    timed = [(s.processing_time_ms, _finished(s)) for s in facts.services if s.processing_time_ms is not None]
    weight = sum(count for _, count in timed)
    return {
        "total_requests": sums[Counter.RECEIVED],
        "total_errors": sums[Counter.REJECTED] + sums[Counter.FAILED],
        "average_response_time": sum(ms * count for ms, count in timed) / weight if weight else None,
        "success_rate": success_rate(sums),
        "throughput": sums[Counter.RECEIVED] / minutes,
    }


def _finished(service: ServiceStatistics) -> int:
    ends = (Counter.PROCESSED, Counter.DUPLICATE, Counter.FILTERED, Counter.REJECTED, Counter.EXPIRED, Counter.FAILED)
    return sum(service.counters.get(end, 0) for end in ends)


def _sum(services: Sequence[ServiceStatistics], counter: Counter) -> int:
    return sum(service.counters.get(counter, 0) for service in services)
