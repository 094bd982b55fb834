"""The Admin API as a service: builds its parts, starts them in order, stops them in reverse order."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

import structlog
from ha_ingestor_core.alerts import AlertSink
from ha_ingestor_core.calls.backfill import Backfill, RemoteBackfill
from ha_ingestor_core.calls.event_filters import RemoteFilters
from ha_ingestor_core.calls.taps import RemoteTaps, Taps
from ha_ingestor_core.clock import Clock, SystemClock
from ha_ingestor_core.delivery import Replay
from ha_ingestor_core.files.disk_metrics import observe_disk
from ha_ingestor_core.files.durable_file import damaged_files
from ha_ingestor_core.filters.rules import EventFilters
from ha_ingestor_core.http.client import InternalClient
from ha_ingestor_core.reporting.service_reporter import ServiceMetricsReporter
from ha_ingestor_core.service_metrics import Counter, Level, ServiceCounters, ServiceMetricsSink
from ha_ingestor_core.settings.in_force import settings_in_force
from ha_ingestor_core.tasks import observe_tasks
from ha_ingestor_store.settings import StoreSettings
from ha_ingestor_store.store import Capabilities, RejectedReader, Source, StoreReader
from prometheus_client import CollectorRegistry

from admin_api.alerts.parts import build_alerts
from admin_api.app import build_app
from admin_api.http.config_endpoints import Configuration
from admin_api.http.draining import Draining
from admin_api.http.server import HttpServer
from admin_api.influxdb_client import AdminAPIInfluxDBClient
from admin_api.metrics import AdminApiMetrics
from admin_api.peers.names import SERVICE
from admin_api.peers.rejected import HttpRejected
from admin_api.peers.status import StatusSources, remote_sources
from admin_api.security.audit import AuditLog
from admin_api.security.guard import Guard
from admin_api.security.token_file import TokenFile
from admin_api.settings import Settings
from admin_api.stats.parts import Statistics
from admin_api.store.gate import BeforeQuestions, StoreGate
from admin_api.store.metrics import StoreMetrics
from admin_api.stream.broadcaster import Stream
from admin_api.stream.tap_sessions import TapDesk

_log = structlog.get_logger()


class AdminWriter(ServiceMetricsSink, AlertSink, Protocol):
    """What the Admin API writes: its own service_metrics, and alerts."""


class AdminStore(Protocol):
    """The parts of a store that the Admin API uses."""

    @property
    def reader(self) -> StoreReader:
        """Answers the queries."""
        ...

    @property
    def writer(self) -> AdminWriter:
        """Takes service_metrics and alerts."""
        ...

    @property
    def capabilities(self) -> Capabilities:
        """The capabilities of the dialect."""
        ...

    @property
    def version(self) -> str | None:
        """The version of the database; None until it has answered."""
        ...


class AdminApi:
    """The Admin API; `stop` completes within two seconds regardless of the number of open streams."""

    def __init__(
        self,
        settings: Settings,
        *,
        store: AdminStore,
        sources: StatusSources,
        filters: EventFilters,
        rejected: RejectedReader,
        replay: Replay,
        backfill: Backfill,
        taps: Taps,
        configuration: Configuration,
        guard_dir: Path,
        clients: Sequence[InternalClient] = (),
        before_questions: BeforeQuestions | None = None,
        clock: Clock,
        registry: CollectorRegistry,
    ) -> None:
        self._sources = sources
        self._clients = clients
        counters = ServiceCounters()
        metrics = AdminApiMetrics(registry)
        observe_tasks(registry)
        data_dir = settings.store.data_dir
        observe_disk(registry, data_dir)
        self._guard = Guard(
            settings.security,
            listens_on=settings.admin_api.host,
            tokens=TokenFile(guard_dir, clock),
            audit=AuditLog(guard_dir, clock),
            clock=clock,
            metrics_token=settings.service.metrics_token,
        )
        gate = _gate(settings.store, store, clock, registry)
        gate.before_questions = before_questions
        self._alerts = build_alerts(
            settings.alerts,
            reader=gate.reader("alerts", newest=False),
            sink=store.writer,
            sources=sources,
            data_dir=data_dir,
            clock=clock,
            registry=registry,
        )
        self._reporter = ServiceMetricsReporter(
            service=SERVICE,
            instance=settings.service.instance,
            counters=counters,
            sink=store.writer,
            clock=clock,
            levels=lambda: {Level.QUEUE_DEPTH: float(_in_flight(counters))},
        )
        self._statistics = Statistics(
            settings.stats,
            gate=gate,
            services={**sources.reports, SERVICE: self._reporter},
            data_dir=data_dir,
            clock=clock,
            alerts=self._alerts.views.active,
        )
        self._stream = Stream(reader=gate.reader("stream"), clock=clock, metrics=metrics, data_dir=guard_dir)
        self._alerts.tell(self._stream)
        self._tap_desk = TapDesk(taps, audit=self._guard.audit, clock=clock, before_reading=before_questions)
        self._draining = Draining(settings.admin_api.drain_s)
        self._app = build_app(
            statistics=self._statistics,
            service_urls=settings.admin_api.service_urls,
            instance=settings.service.instance,
            commit=settings.admin_api.commit,
            sources=sources,
            filters=filters,
            rejected=rejected,
            replay=replay,
            backfill=backfill,
            stream=self._stream,
            tap_desk=self._tap_desk,
            alerts=self._alerts,
            guard=self._guard,
            configuration=configuration,
            dashboard_dir=settings.admin_api.dashboard_dir,
            damaged_files=lambda: damaged_files(data_dir) + damaged_files(guard_dir, deep=False),
            draining=self._draining,
            clock=clock,
            counters=counters,
            metrics=metrics,
            registry=registry,
            frame_ancestors=settings.security.frame_ancestors,
            reports=self._reporter.written,
            store_version=lambda: store.version,
        )
        self._server = HttpServer(
            self._app,
            host=settings.admin_api.host,
            port=settings.admin_api.port,
            proxies=settings.security.proxies,
            grace_s=settings.admin_api.drain_s,
        )

    @property
    def store_gate(self) -> StoreGate:
        """The gate that all queries pass; an AdminAPIInfluxDBClient if the store is InfluxDB."""
        return self._statistics.gate

    @property
    def port(self) -> int:
        """The port, known after `start`."""
        return self._server.port

    @property
    def url(self) -> str:
        """The URL to open in a browser, known after `start`."""
        return self._server.url

    async def start(self) -> None:
        """Listen, also without a store; raises TerminalError that names ADMIN_API_PORT if the port is not available."""
        await self._statistics.start()
        await self._server.start()
        await self._guard.start(self.url)
        await self._stream.start()
        await self._alerts.keeper.start()
        await self._reporter.start()
        _log.info("admin_api_started", url=self.url)

    async def drain(self) -> None:
        """Report not ready, serve requests for ADMIN_API_DRAIN_SECONDS, then complete running requests.

        Another instance takes over the evaluation of alerts immediately. Does nothing if the time is 0.
        """
        if self._draining.lasts_s == 0:
            return
        self._draining.begin()
        await self._alerts.keeper.stop()
        await self._draining.wait()
        self._server.close()  # first, so that streams reconnect to another instance
        await self._stream.stop()
        await self._tap_desk.stop()
        await self._server.stop()

    async def stop(self) -> None:
        """End the streams, stop the server, then write the last service_metrics."""
        await self._alerts.keeper.stop()
        self._server.close()
        await self._stream.stop()
        await self._tap_desk.stop()
        await self._server.stop()
        await self._statistics.stop()
        await self._guard.stop()
        await self._reporter.stop()
        await self._sources.close()
        for client in self._clients:
            await client.close()


def build_admin_api(
    settings: Settings,
    *,
    store: AdminStore,
    sources: StatusSources | None = None,
    filters: EventFilters | None = None,
    rejected: RejectedReader | None = None,
    replay: Replay | None = None,
    backfill: Backfill | None = None,
    taps: Taps | None = None,
    configuration: Configuration | None = None,
    guard_dir: Path | None = None,
    before_questions: BeforeQuestions | None = None,
    clock: Clock | None = None,
    registry: CollectorRegistry | None = None,
) -> AdminApi:
    """Build the service over an open store; parts that are not given use the other services over HTTP.

    `before_questions` is awaited before queries, to write captured events that are still queued.

    `guard_dir` is the folder of the tokens and the audit log, DATA_DIR by default.
    """
    secret = settings.service.internal_token
    token = secret.get_secret_value() if secret else None
    urls = (settings.admin_api.websocket_ingestion_url, settings.admin_api.enrichment_pipeline_url)
    ingestion, pipeline = (InternalClient(url, token) for url in urls)
    return AdminApi(
        settings,
        store=store,
        sources=sources or remote_sources(*urls, token),
        filters=filters or RemoteFilters(pipeline),
        rejected=rejected or HttpRejected(pipeline),
        replay=replay or HttpRejected(pipeline),
        backfill=backfill or RemoteBackfill(ingestion),
        taps=taps or RemoteTaps(pipeline),
        configuration=configuration or (lambda: settings_in_force([settings])),
        guard_dir=guard_dir or settings.store.data_dir,
        clients=[ingestion, pipeline],
        before_questions=before_questions,
        clock=clock or SystemClock(),
        registry=registry or CollectorRegistry(),
    )


def _gate(settings: StoreSettings, store: AdminStore, clock: Clock, registry: CollectorRegistry) -> StoreGate:
    source = store.capabilities.source
    metrics = StoreMetrics(registry, source)
    if source is Source.INFLUXDB:
        return AdminAPIInfluxDBClient(settings, store=store.reader, clock=clock, metrics=metrics)
    return StoreGate(store.reader, source, clock=clock, metrics=metrics)


def _in_flight(counters: ServiceCounters) -> int:
    totals = counters.totals
    return totals[Counter.RECEIVED] - totals[Counter.PROCESSED] - totals[Counter.FAILED]
