"""`/stats`: what happened over a period, and how the services did."""

from __future__ import annotations

import asyncio

from fastapi import APIRouter, Depends, Response
from ha_ingestor_core.clock import Clock, ns_to_rfc3339
from ha_ingestor_store.periods import nice_window, parse_window, period_range
from ha_ingestor_store.store import Source, StoreReader

from admin_api.errors import ERRORS
from admin_api.models import ServicesAnswer, StatsAnswer
from admin_api.parameters import Period, Window, only_known
from admin_api.views import JsonAnswer, coverage_view, covered_minutes, services_view, trend_view


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
        events, trend, errors, services = await asyncio.gather(
            self._reader.event_statistics(time_range),
            self._reader.event_trend(time_range, window_ns),
            self._reader.error_rate(time_range),
            self._reader.service_statistics(time_range),
        )
        minutes = covered_minutes(time_range, events.coverage)
        metrics = {
            "total_events": events.total,
            "events_per_minute": events.total / minutes,
            "total_writes": errors.total_writes,
            "write_errors": errors.write_errors,
            "error_rate_percent": errors.percent,
            "services": services_view(services, minutes),
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
            self._reader.event_statistics(time_range), self._reader.service_statistics(time_range)
        )
        return JsonAnswer(
            {
                "timestamp": ns_to_rfc3339(now_ns),
                "period": period,
                "services": services_view(services, covered_minutes(time_range, events.coverage)),
                "source": self._source,
            }
        )
