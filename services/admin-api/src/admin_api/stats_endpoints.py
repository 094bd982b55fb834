"""`/stats`: what happened over a period, how the services did, and how well store and services agree."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, Depends, Query, Request, Response
from ha_ingestor_core.clock import SystemClock
from ha_ingestor_core.internal_http import InternalClient, RemoteReports
from ha_ingestor_core.settings import load_settings

from admin_api.http.errors import INVALID, NOT_FOUND
from admin_api.http.parameters import Limit, Text, Window, only_known, text_of
from admin_api.http.time_range import Asked, AskedDay
from admin_api.http.views import JsonAnswer
from admin_api.influxdb_client import AdminAPIInfluxDBClient
from admin_api.peers.status import TIMEOUT_S
from admin_api.rollout.models import ComparisonAnswer
from admin_api.security.caller import client_of
from admin_api.settings import Settings
from admin_api.stats.cached_responses import SOURCE_HEADER, AnswerResponse, UnderstoodRequests
from admin_api.stats.heartbeats import HeartbeatsQuestion
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
from admin_api.stats.questions import (
    TREND_METRICS,
    MetricsQuestion,
    PerformanceQuestion,
    Question,
    ServicesQuestion,
    ServiceTrendsQuestion,
    StatsQuestion,
    TrendsQuestion,
)

_HEADERS = {
    "ETag": {"description": "For If-None-Match", "schema": {"type": "string"}},
    SOURCE_HEADER: {"description": "Who answered, as `source` says", "schema": {"type": "string"}},
}
_RESPONSES: dict[int | str, dict[str, Any]] = {
    200: {"headers": _HEADERS},
    304: {"description": "The answer is the one that If-None-Match names", "headers": _HEADERS},
    **NOT_FOUND,
    **INVALID,
}
Metric = Annotated[
    str | None,
    Query(
        description="What to follow: total_events, or with a service any of its numbers; "
        "a counter of all services where none is named",
        examples=["total_events", "processing_time_ms"],
        json_schema_extra={"enum": list(TREND_METRICS)},
    ),
]
Service = Annotated[
    str | None, Query(description="This service alone", examples=["websocket-ingestion"], max_length=255)
]


class StatsEndpoints:
    """Statistics from the store, or from the services where it can't tell.

    Usable alone: without `statistics` it takes its settings from the environment, `initialize_influxdb` looks for the
    store, and `close_influxdb` lets go of everything. Whoever gives `statistics` starts and stops them.
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
        """What asks InfluxDB; None on the embedded store."""
        gate = self._statistics.gate
        return gate if isinstance(gate, AdminAPIInfluxDBClient) else None

    @property
    def use_influxdb(self) -> bool:
        """Whether statistics come from the store, for the clients of the rollout."""
        return self._statistics.keeper.current.use_influxdb_stats

    @use_influxdb.setter
    def use_influxdb(self, wanted: bool) -> None:
        """Switch in this process alone, until the switches are changed for all."""
        keeper = self._statistics.keeper
        keeper.current = msgspec.structs.replace(keeper.current, use_influxdb_stats=wanted)

    async def initialize_influxdb(self) -> bool:
        """Look for the store; False where it does not answer, and then it is looked for until it does."""
        return await self._statistics.start()

    async def close_influxdb(self) -> None:
        """Ask nobody any more."""
        await self._statistics.stop()
        if self._own is not None:
            await self._own.close()

    async def get_stats(
        self, request: Request, time: Asked, window: Window = None, service: Service = None
    ) -> Response:
        """Key figures, services (or one) and the trend of a period that ends now, or from `start` to `end`."""
        return await self._answer(request, StatsQuestion(time, window or None, text_of(service, "service")))

    async def get_services(self, request: Request, time: Asked) -> Response:
        """Every service that reported in a period that ends now, or from `start` to `end`."""
        return await self._answer(request, ServicesQuestion(time))

    async def get_service_trends(
        self, request: Request, time: Asked, window: Window = None, service: Service = None
    ) -> Response:
        """Every number of every service (or of one) over time: ratios and percentiles of each window's own sums."""
        return await self._answer(request, ServiceTrendsQuestion(time, window or None, text_of(service, "service")))

    async def get_performance(self, request: Request, time: Asked) -> Response:
        """How the services do together and each, and what to do about it."""
        return await self._answer(request, PerformanceQuestion(time))

    async def get_trends(
        self,
        request: Request,
        time: Asked,
        window: Window = None,
        metric: Metric = None,
        service: Service = None,
    ) -> Response:
        """One number over time. Without a metric: the stored events, or what a service received."""
        question = TrendsQuestion(time, window or None, text_of(metric, "metric"), text_of(service, "service"))
        return await self._answer(request, question)

    async def get_metrics(
        self, request: Request, metric_name: Text = None, service: Service = None, limit: Limit = 100
    ) -> Response:
        """The newest value of every number that the services report, by service; `Stats-Source` says from where."""
        question = MetricsQuestion(text_of(metric_name, "metric_name"), text_of(service, "service"), limit)
        return await self._answer(request, question)

    async def get_heartbeats(self, request: Request, time: AskedDay) -> Response:
        """In which parts of a period that ends now, or from `start` to `end`, each service reported."""
        return await self._answer(request, HeartbeatsQuestion(time))

    async def get_comparison(self) -> Response:
        """How well store and services agree; `stats_compare` of /config/stats-source turns it on."""
        enabled = self._statistics.keeper.current.stats_compare
        return JsonAnswer({"enabled": enabled, **self._statistics.comparison.view()})

    async def _answer(self, request: Request, question: Question) -> Response:
        answer = await self._statistics.answers.answer(question, client_of(request.scope))
        self.understood.learn(request.scope, question)
        return AnswerResponse(answer)


class _OwnParts:
    """What `StatsEndpoints` needs where nobody gives it anything."""

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
        """Let go of the connections."""
        for client in self._clients.values():
            await client.close()
