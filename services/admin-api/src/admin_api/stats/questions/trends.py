"""InfluxReader about metrics over time."""

from __future__ import annotations

import asyncio

from ha_ingestor_core.clock import ns_to_rfc3339
from ha_ingestor_core.errors import InvalidInputError
from ha_ingestor_core.service_metrics import Counter, Level
from ha_ingestor_store.time_range import DAY_NS, HOUR_NS, MINUTE_NS, nice_window, parse_window, window_starts

from admin_api.http.parameters import refusal
from admin_api.http.views import View, coverage_view
from admin_api.stats.questions.metrics import TOTAL_EVENTS, TREND_METRICS, unit_of
from admin_api.stats.questions.question import AnswerContext, TimedQuestion, facts_of_service
from admin_api.stats.service_trends import service_trends
from admin_api.stats.sources.period_statistics import StatisticsSource


class TrendsQuestion(TimedQuestion, frozen=True):
    """A metric over time: the stored events, or a counter or level of a service."""

    window: str | None = None
    metric: str | None = None
    service: str | None = None
    endpoint = "stats/trends"

    async def answer(self, source: StatisticsSource, context: AnswerContext) -> View:
        """Return the metric by window; raises InvalidInputError and NotFoundError."""
        metric = self._metric()
        time_range = self.time.at(context.now_ns)
        window_ns = parse_window(self.window, time_range) if self.window else nice_window(time_range)
        if metric == TOTAL_EVENTS:
            facts = await source.facts(time_range, None, window_ns)
            values: list[tuple[int, float | None]] = [(point.start_ns, point.count) for point in facts.trend]
        else:
            facts = await facts_of_service(source, context, self.service, time_range)
            series = await source.series(metric, self.service, time_range, window_ns)
            values = [(point.start_ns, point.value) for point in series]
        return {
            **context.view(),
            **self.time.view(context.now_ns),
            "window": window_text(window_ns),
            "metric": metric,
            "service": self.service,
            "unit": unit_of(metric),
            "trends": [{"time": ns_to_rfc3339(start_ns), "value": value} for start_ns, value in values],
            "unknown": facts.unknown,
            "coverage": coverage_view(facts.coverage, time_range.end_ns),
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


class ServiceTrendsQuestion(TimedQuestion, frozen=True):
    """All metrics of all services over time."""

    window: str | None = None
    service: str | None = None
    endpoint = "stats/services/trends"

    async def answer(self, source: StatisticsSource, context: AnswerContext) -> View:
        """Return the metrics of each service by window, as columns; raises InvalidInputError and NotFoundError."""
        time_range = self.time.at(context.now_ns)
        window_ns = parse_window(self.window, time_range) if self.window else nice_window(time_range)
        facts, windows = await asyncio.gather(
            facts_of_service(source, context, self.service, time_range),
            source.service_windows(time_range, window_ns, self.service),
        )
        return {
            **context.view(),
            **self.time.view(context.now_ns),
            "window": window_text(window_ns),
            "times": [ns_to_rfc3339(start) for start in window_starts(time_range, window_ns)],
            "trends": service_trends(windows, time_range, window_ns),
            "unknown": facts.unknown,
            "coverage": coverage_view(facts.coverage, time_range.end_ns),
        }


_LEVELS = frozenset(level.value for level in Level)


def window_text(window_ns: int) -> str:
    """Format a window as the parameter `window`."""
    for unit, length_ns in (("d", DAY_NS), ("h", HOUR_NS)):
        if window_ns % length_ns == 0:
            return f"{window_ns // length_ns}{unit}"
    return f"{window_ns // MINUTE_NS}m"
