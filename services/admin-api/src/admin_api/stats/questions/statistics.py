"""The queries of statistics: hashable values that build their JSON answer, the same from every source."""

from __future__ import annotations

from collections.abc import Sequence

from ha_ingestor_core.clock import ns_to_rfc3339
from ha_ingestor_core.service_metrics import Counter, success_rate
from ha_ingestor_store.answers import ErrorRate, ServiceStatistics
from ha_ingestor_store.time_range import TimeRange, nice_window, parse_window

from admin_api.http.views import View, coverage_view
from admin_api.stats.questions.question import AnswerContext, TimedQuestion, facts_of_service
from admin_api.stats.rate_alerts import rate_alerts
from admin_api.stats.recommendations import recommendations
from admin_api.stats.sources.from_services import WRITER
from admin_api.stats.sources.period_statistics import Facts, StatisticsSource
from admin_api.stats.sources.rates import covered_range, rate_minutes
from admin_api.stats.views import services_view


class StatsQuestion(TimedQuestion, frozen=True):
    """Key figures, services and the trend of a time range."""

    window: str | None = None
    service: str | None = None
    endpoint = "stats"

    async def answer(self, source: StatisticsSource, context: AnswerContext) -> View:
        """Return metrics, trend, alerts and coverage; raises InvalidInputError and NotFoundError."""
        time_range = self.time.at(context.now_ns)
        window_ns = parse_window(self.window, time_range) if self.window else nice_window(time_range)
        facts = await facts_of_service(source, context, self.service, time_range, window_ns)
        metrics = {
            "total_events": facts.total_events,
            "events_per_minute": facts.events_per_minute,
            **_writes(facts, self.service),
            "services": _services(facts, time_range),
        }
        return {
            **context.view(),
            **self.time.view(context.now_ns),
            "metrics": metrics,
            "trends": [{"time": ns_to_rfc3339(point.start_ns), "count": point.count} for point in facts.trend],
            "alerts": [*context.alerts, *_rate_alerts(facts, context, self.service)],
            "coverage": coverage_view(facts.coverage, time_range.end_ns),
        }


class AlertsQuestion(TimedQuestion, frozen=True):
    """The active alerts, and the alerts on the rates of a time range."""

    endpoint = "stats/alerts"

    @property
    def ttl_s(self) -> float:
        """0: not cached, so that an acknowledgement is visible immediately."""
        return 0.0

    async def answer(self, source: StatisticsSource, context: AnswerContext) -> View:
        """Return alerts and coverage."""
        time_range = self.time.at(context.now_ns)
        facts = await source.facts(time_range)
        alerts = [*context.alerts, *_rate_alerts(facts, context)]
        return {
            **context.view(),
            **self.time.view(context.now_ns),
            "alerts": alerts,
            "coverage": coverage_view(facts.coverage, time_range.end_ns),
        }


class ServicesQuestion(TimedQuestion, frozen=True):
    """The services that reported in a time range."""

    endpoint = "stats/services"

    async def answer(self, source: StatisticsSource, context: AnswerContext) -> View:
        """Return the metrics of each service and the coverage."""
        time_range = self.time.at(context.now_ns)
        facts = await source.facts(time_range)
        services = _services(facts, time_range)
        return {
            **context.view(),
            **self.time.view(context.now_ns),
            "services": services,
            "coverage": coverage_view(facts.coverage, time_range.end_ns),
        }


class PerformanceQuestion(TimedQuestion, frozen=True):
    """The performance of the services, together and each, with recommendations."""

    endpoint = "stats/performance"

    async def answer(self, source: StatisticsSource, context: AnswerContext) -> View:
        """Return overall and service metrics, recommendations and coverage."""
        time_range = self.time.at(context.now_ns)
        facts = await source.facts(time_range)
        minutes = rate_minutes(covered_range(time_range, facts.coverage))
        found = recommendations(facts.services, facts.unknown, context.now_ns)
        return {
            **context.view(),
            **self.time.view(context.now_ns),
            "overall": _overall(facts, minutes),
            "services": _services(facts, time_range),
            "recommendations": found,
            "coverage": coverage_view(facts.coverage, time_range.end_ns),
        }


def _services(facts: Facts, time_range: TimeRange) -> dict[str, View]:
    return services_view(facts.services, rate_minutes(covered_range(time_range, facts.coverage)), facts.unknown)


def _rate_alerts(facts: Facts, context: AnswerContext, service: str | None = None) -> list[View]:
    """Return the alerts on rates; the error rate of the system only without `service`."""
    error_rate_percent = None if service else _writes(facts)["error_rate_percent"]
    return rate_alerts(error_rate_percent, facts.services, context.now_ns)


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
