"""`/stats`: what happened over a period, and how the services did."""

from __future__ import annotations

import asyncio

from fastapi import APIRouter, Depends, Response
from ha_ingestor_core.clock import Clock, ns_to_rfc3339
from ha_ingestor_core.service_metrics import Counter
from ha_ingestor_store.answers import ErrorRate
from ha_ingestor_store.periods import nice_window, parse_window, period_range
from ha_ingestor_store.store import Source, StoreReader

from admin_api.errors import ERRORS
from admin_api.models import ServicesAnswer, StatsAnswer
from admin_api.parameters import Period, Window, only_known
from admin_api.rates import covered_range, events_per_minute, rate_minutes
from admin_api.views import JsonAnswer, coverage_view, services_view, trend_view


class StatsEndpoints:
    """The statistics of the store."""

    def __init__(self, *, reader: StoreReader, source: Source, clock: Clock) -> None:
        self._reader = reader
        self._source = source
        self._clock = clock
        self.router = APIRouter(prefix="/api/v1/stats", tags=["statistics"], dependencies=[Depends(only_known)])
        self.router.add_api_route("", self.get_stats, response_model=StatsAnswer, responses=ERRORS)
        self.router.add_api_route("/services", self.get_services, response_model=ServicesAnswer, responses=ERRORS)

    async def get_stats(self, period: Period = "1h", window: Window = None) -> Response:
        """Key figures, services and the trend of a period that ends now."""
        now_ns = self._clock.now_ns()
        time_range = period_range(period, now_ns)
        window_ns = parse_window(window, time_range) if window else nice_window(time_range)
        events, trend, services = await asyncio.gather(
            self._reader.event_count(time_range),
            self._reader.event_trend(time_range, window_ns),
            self._reader.service_statistics(time_range),
        )
        covered = covered_range(time_range, events.coverage)
        errors = ErrorRate(
            total_writes=sum(service.counters.get(Counter.WRITE_ATTEMPTS, 0) for service in services),
            write_errors=sum(service.counters.get(Counter.WRITE_ERRORS, 0) for service in services),
        )
        metrics = {
            # Sums of what else the answer holds: asked for by themselves, they could be a write ahead of it.
            "total_events": sum(point.count for point in trend),
            "events_per_minute": await events_per_minute(self._reader, time_range, events),
            "total_writes": errors.total_writes,
            "write_errors": errors.write_errors,
            "error_rate_percent": errors.percent,
            "services": services_view(services, rate_minutes(covered)),
        }
        return JsonAnswer(
            {
                "timestamp": ns_to_rfc3339(now_ns),
                "period": period,
                "metrics": metrics,
                "trends": trend_view(trend),
                "alerts": [],
                "source": self._source,
                "coverage": coverage_view(events.coverage),
            }
        )

    async def get_services(self, period: Period = "1h") -> Response:
        """Every service that reported in a period that ends now."""
        now_ns = self._clock.now_ns()
        time_range = period_range(period, now_ns)
        events, services = await asyncio.gather(
            self._reader.event_count(time_range), self._reader.service_statistics(time_range)
        )
        return JsonAnswer(
            {
                "timestamp": ns_to_rfc3339(now_ns),
                "period": period,
                "services": services_view(services, rate_minutes(covered_range(time_range, events.coverage))),
                "source": self._source,
            }
        )
