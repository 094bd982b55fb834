"""`/stats`: statistics of a period, of the services, and the comparison of store and services."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, Depends, Query, Request, Response
from ha_ingestor_core.calls.service_reports import RemoteReports
from ha_ingestor_core.clock import SystemClock
from ha_ingestor_core.http.client import InternalClient
from ha_ingestor_core.settings.loading import load_settings

from admin_api.http.errors import INVALID, NOT_FOUND
from admin_api.http.parameters import Limit, Text, Window, only_known, text_of
from admin_api.http.time_range import Requested, RequestedDay
from admin_api.http.views import JsonAnswer
from admin_api.influxdb_client import AdminAPIInfluxDBClient
from admin_api.peers.status import TIMEOUT_S
from admin_api.rollout.models import ComparisonAnswer
from admin_api.security.caller import client_of
from admin_api.settings import Settings
from admin_api.stats.cached_responses import SOURCE_HEADER, AnswerResponse, UnderstoodRequests
from admin_api.stats.models import (
    HeartbeatsAnswer,
    MetricValue,
    PerformanceAnswer,
    ServicesAnswer,
    ServiceTrendsAnswer,
    StatsAnswer,
    TrendsAnswer,
)
from admin_api.stats.parts import Statistics
from admin_api.stats.questions.heartbeats import HeartbeatsQuestion
from admin_api.stats.questions.metrics import TREND_METRICS, MetricsQuestion
from admin_api.stats.questions.question import Question
from admin_api.stats.questions.statistics import PerformanceQuestion, ServicesQuestion, StatsQuestion
from admin_api.stats.questions.trends import ServiceTrendsQuestion, TrendsQuestion

_HEADERS = {
    "ETag": {"description": "Tag for If-None-Match", "schema": {"type": "string"}},
    SOURCE_HEADER: {"description": "Source of the answer, as in `source`", "schema": {"type": "string"}},
}
_RESPONSES: dict[int | str, dict[str, Any]] = {
    200: {"headers": _HEADERS},
    304: {"description": "Not modified: the answer matches If-None-Match", "headers": _HEADERS},
    **NOT_FOUND,
    **INVALID,
}
Metric = Annotated[
    str | None,
    Query(
        description="Metric: total_events, or any metric of a service. "
        "Without a service, counters are summed over all services",
        examples=["total_events", "processing_time_ms"],
        json_schema_extra={"enum": list(TREND_METRICS)},
    ),
]
Service = Annotated[
    str | None,
    Query(description="Name of a service; all services if omitted", examples=["websocket-ingestion"], max_length=255),
]


class StatsEndpoints:
    """Statistics from the store, or from the services as a fallback.

    Can be used on its own: without `statistics` the settings are from the environment, `initialize_influxdb` connects
    to the store, and `close_influxdb` closes all connections. The caller starts and stops `statistics` if given.
    """

    def __init__(
        self,
        statistics: Statistics | None = None,
        *,
        service_urls: Mapping[str, str] | None = None,
    ) -> None:
        self._own: _OwnParts | None = None
        if statistics is None:
            self._own = _OwnParts(load_settings(Settings))
            statistics, service_urls = self._own.statistics, self._own.service_urls
        self._statistics = statistics
        self.service_urls = dict(service_urls or {})
        self.understood = UnderstoodRequests()
        self.router = APIRouter(prefix="/api/v1/stats", tags=["statistics"], dependencies=[Depends(only_known)])
        for path, endpoint, model in (
            ("", self.get_stats, StatsAnswer),
            ("/services", self.get_services, ServicesAnswer),
            ("/services/trends", self.get_service_trends, ServiceTrendsAnswer),
            ("/performance", self.get_performance, PerformanceAnswer),
            ("/trends", self.get_trends, TrendsAnswer),
            ("/metrics", self.get_metrics, list[MetricValue]),
            ("/heartbeats", self.get_heartbeats, HeartbeatsAnswer),
        ):
            self.router.add_api_route(path, endpoint, response_model=model, responses=_RESPONSES)
        self.router.add_api_route(
            "/comparison", self.get_comparison, response_model=ComparisonAnswer, responses=INVALID
        )

    @property
    def influxdb_client(self) -> AdminAPIInfluxDBClient | None:
        """The client of InfluxDB; None on the embedded store."""
        gate = self._statistics.gate
        return gate if isinstance(gate, AdminAPIInfluxDBClient) else None

    @property
    def use_influxdb(self) -> bool:
        """Whether statistics come from the store, for the clients included in the rollout."""
        return self._statistics.keeper.current.use_influxdb_stats

    @use_influxdb.setter
    def use_influxdb(self, wanted: bool) -> None:
        """Switch in this process only, until the switches are changed for all instances."""
        keeper = self._statistics.keeper
        keeper.current = msgspec.structs.replace(keeper.current, use_influxdb_stats=wanted)

    async def initialize_influxdb(self) -> bool:
        """Connect to the store; on failure return False, and retry in the background."""
        return await self._statistics.start()

    async def close_influxdb(self) -> None:
        """Close the connections."""
        await self._statistics.stop()
        if self._own is not None:
            await self._own.close()

    async def get_stats(
        self, request: Request, time: Requested, window: Window = None, service: Service = None
    ) -> Response:
        """Return key figures, services and trend of a period that ends now, or from `start` to `end`."""
        return await self._answer(request, StatsQuestion(time, window or None, text_of(service, "service")))

    async def get_services(self, request: Request, time: Requested) -> Response:
        """Return the services that reported in a period that ends now, or from `start` to `end`."""
        return await self._answer(request, ServicesQuestion(time))

    async def get_service_trends(
        self, request: Request, time: Requested, window: Window = None, service: Service = None
    ) -> Response:
        """Return all metrics of all services, or of one, over time; ratios and percentiles are of each window."""
        return await self._answer(request, ServiceTrendsQuestion(time, window or None, text_of(service, "service")))

    async def get_performance(self, request: Request, time: Requested) -> Response:
        """Return the performance of all services and of each, with recommendations."""
        return await self._answer(request, PerformanceQuestion(time))

    async def get_trends(
        self,
        request: Request,
        time: Requested,
        window: Window = None,
        metric: Metric = None,
        service: Service = None,
    ) -> Response:
        """Return a metric over time; by default the stored events, or with a service its received events."""
        question = TrendsQuestion(time, window or None, text_of(metric, "metric"), text_of(service, "service"))
        return await self._answer(request, question)

    async def get_metrics(
        self, request: Request, metric_name: Text = None, service: Service = None, limit: Limit = 100
    ) -> Response:
        """Return the newest value of every reported metric, by service. The header `Stats-Source` has the source."""
        question = MetricsQuestion(text_of(metric_name, "metric_name"), text_of(service, "service"), limit)
        return await self._answer(request, question)

    async def get_heartbeats(self, request: Request, time: RequestedDay) -> Response:
        """Return the reports of each service over a period that ends now, or from `start` to `end`."""
        return await self._answer(request, HeartbeatsQuestion(time))

    async def get_comparison(self) -> Response:
        """Return the comparison of store and services; enable it with `stats_compare` in /config/stats-source."""
        enabled = self._statistics.keeper.current.stats_compare
        return JsonAnswer({"enabled": enabled, **self._statistics.comparison.view()})

    async def _answer(self, request: Request, question: Question) -> Response:
        answer = await self._statistics.answers.answer(question, client_of(request.scope))
        self.understood.learn(request.scope, question)
        return AnswerResponse(answer)


class _OwnParts:
    """The parts of a `StatsEndpoints` that is used on its own."""

    def __init__(self, settings: Settings) -> None:
        clock = SystemClock()
        secret = settings.service.internal_token
        token = secret.get_secret_value() if secret else None
        self.service_urls = settings.admin_api.service_urls
        self._clients = {
            name: InternalClient(url, token, timeout_s=TIMEOUT_S) for name, url in self.service_urls.items()
        }
        self.statistics = Statistics(
            settings.stats,
            gate=AdminAPIInfluxDBClient(settings.store, clock=clock),
            services={name: RemoteReports(client) for name, client in self._clients.items()},
            data_dir=settings.store.data_dir,
            clock=clock,
        )

    async def close(self) -> None:
        """Close the connections."""
        for client in self._clients.values():
            await client.close()
