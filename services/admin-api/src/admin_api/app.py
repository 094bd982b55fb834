"""The FastAPI application: the routes under `/api/v1`, `/metrics`, and the dashboard."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from fastapi import APIRouter, FastAPI, Response
from fastapi.routing import APIRoute
from ha_ingestor_core.calls.backfill import Backfill
from ha_ingestor_core.clock import Clock
from ha_ingestor_core.delivery import Replay
from ha_ingestor_core.filters.rules import EventFilters
from ha_ingestor_core.reporting.transfer_rate import TransferRate
from ha_ingestor_core.service_metrics import ServiceCounters
from ha_ingestor_store.store import RejectedReader
from prometheus_client import CollectorRegistry
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest

from admin_api.alerts.parts import AlertParts
from admin_api.events.endpoints import EventEndpoints
from admin_api.events.entity_endpoints import EntityEndpoints
from admin_api.filters.endpoints import FilterEndpoints
from admin_api.flow.topology_endpoints import TopologyEndpoints
from admin_api.health_endpoints import HealthEndpoints
from admin_api.http.compression import Compression
from admin_api.http.config_endpoints import ConfigEndpoints, Configuration
from admin_api.http.draining import Draining
from admin_api.http.errors import add_error_handlers
from admin_api.http.head_requests import HeadRequests
from admin_api.http.middleware import RequestMiddleware, security_headers
from admin_api.http.static_files import Dashboard
from admin_api.http.version_endpoints import VersionEndpoints
from admin_api.metrics import AdminApiMetrics
from admin_api.peers.status import StatusSources
from admin_api.records.accounting_endpoints import AccountingEndpoints
from admin_api.records.backfill_endpoints import BackfillEndpoints
from admin_api.records.gap_endpoints import GapEndpoints
from admin_api.records.rejected_endpoints import RejectedEndpoints
from admin_api.rollout.endpoints import StatsSourceEndpoints
from admin_api.security.endpoints import AuditEndpoints, SessionEndpoints, SessionsEndpoints, TokenEndpoints
from admin_api.security.gate import Gate
from admin_api.security.guard import Guard
from admin_api.security.matched_route import MatchedRoutes
from admin_api.security.openapi import with_gate
from admin_api.stats.cached_responses import KnownQuestions
from admin_api.stats.parts import Statistics
from admin_api.stats_endpoints import StatsEndpoints
from admin_api.stream.broadcaster import Stream
from admin_api.stream.endpoints import StreamEndpoints
from admin_api.stream.tap_endpoints import TapEndpoints
from admin_api.stream.tap_sessions import TapDesk

_COMPRESSED_FROM = 1_024
_COMPRESSION = 5
"""Twice as fast as the default 9, with two percent more bytes."""

_DESCRIPTION = """Statistics, health, events and configuration of HA Ingestor.

Times are RFC 3339 in UTC. Errors are `{"error": {"key", "message", "detail"}}`. For status 422, `detail.field` is the
invalid parameter and `detail.expected` the expected value."""


def build_app(
    *,
    statistics: Statistics,
    service_urls: Mapping[str, str],
    instance: str,
    commit: str | None,
    sources: StatusSources,
    filters: EventFilters,
    rejected: RejectedReader,
    replay: Replay,
    backfill: Backfill,
    stream: Stream,
    tap_desk: TapDesk,
    alerts: AlertParts,
    guard: Guard,
    configuration: Configuration,
    dashboard_dir: Path,
    damaged_files: Callable[[], list[str]] = list,
    draining: Draining,
    clock: Clock,
    counters: ServiceCounters,
    metrics: AdminApiMetrics,
    registry: CollectorRegistry,
    frame_ancestors: str = "",
    reports: TransferRate | None = None,
    store_version: Callable[[], str | None] = lambda: None,
) -> FastAPI:
    """Return the application; `reports` is the transfer rate of the service_metrics that it writes to the store."""
    app = FastAPI(
        title="HA Ingestor Admin API",
        version="1",
        description=_DESCRIPTION,
        openapi_url="/api/v1/openapi.json",
        docs_url=None,  # these pages load external scripts, which the content security policy forbids
        redoc_url=None,
        redirect_slashes=False,
        telemetry={"tracing": False, "metrics": False, "logs": False},  # /metrics has its own metrics
        generate_unique_id_function=_operation_id,
    )
    gate = statistics.gate
    stats = StatsEndpoints(statistics, service_urls=service_urls)
    for endpoints in (
        stats,
        StatsSourceEndpoints(keeper=statistics.keeper),
        alerts.endpoints(answers=statistics.answers, reader=gate.reader("alerts"), clock=clock),
        AccountingEndpoints(reader=gate.reader("accounting"), clock=clock),
        EventEndpoints(reader=gate.reader("events")),
        EntityEndpoints(reader=gate.reader("entities"), source=gate.source, clock=clock),
        RejectedEndpoints(reader=rejected, replay=replay, sources=sources, clock=clock),
        GapEndpoints(reader=gate.reader("gaps"), sources=sources, clock=clock),
        HealthEndpoints(
            reader=gate.reader("health", statistics.timeout_s),
            sources=sources,
            statistics=statistics,
            counters=counters,
            instance=instance,
            clock=clock,
            draining=draining,
            damaged_files=damaged_files,
        ),
        TopologyEndpoints(
            statistics=statistics, sources=sources, clock=clock, reports=reports, store_version=store_version
        ),
        FilterEndpoints(filters=filters, reader=gate.reader("filters"), clock=clock),
        BackfillEndpoints(backfill=backfill),
        StreamEndpoints(stream=stream, reader=gate.reader("stream")),
        TapEndpoints(desk=tap_desk, clock=clock),
        SessionEndpoints(guard=guard, clock=clock),
        SessionsEndpoints(guard=guard),
        TokenEndpoints(guard=guard),
        AuditEndpoints(guard=guard, clock=clock),
        ConfigEndpoints(configuration=configuration),
        VersionEndpoints(commit=commit),
    ):
        app.include_router(endpoints.router)
    app.include_router(_metrics_router(registry))
    app.router.default = Dashboard(dashboard_dir)
    add_error_handlers(app)
    app.openapi = with_gate(app.openapi)  # type: ignore[method-assign]  # as documented by FastAPI
    app.add_middleware(KnownQuestions, answers=statistics.answers, understood=stats.understood)
    app.add_middleware(
        Gate, guard=guard, routes=MatchedRoutes(app.routes)
    )  # outside of KnownQuestions: cached answers require the same access
    app.add_middleware(
        Compression, minimum_size=_COMPRESSED_FROM, compresslevel=_COMPRESSION
    )  # event streams are excluded
    app.add_middleware(HeadRequests)  # outside of compression, so that HEAD has its headers
    app.add_middleware(
        RequestMiddleware,
        counters=counters,
        metrics=metrics,
        clock=clock,
        headers=security_headers(frame_ancestors),
        draining=draining,
    )
    return app


def _metrics_router(registry: CollectorRegistry) -> APIRouter:
    router = APIRouter()

    async def get_metrics() -> Response:
        return Response(generate_latest(registry), headers={"Content-Type": CONTENT_TYPE_LATEST})

    router.add_api_route("/metrics", get_metrics, include_in_schema=False)
    return router


def _operation_id(route: APIRoute) -> str:
    return route.name
