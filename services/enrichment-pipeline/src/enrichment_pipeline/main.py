"""The enrichment-pipeline service: builds its components, starts them in order, stops them in reverse order."""

from __future__ import annotations

import asyncio
from typing import Any

import msgspec
import structlog
from ha_ingestor_core.calls.service_reports import add_reports_route
from ha_ingestor_core.calls.taps import OpenedTap, TapPage
from ha_ingestor_core.clock import Clock, SystemClock, ns_to_rfc3339
from ha_ingestor_core.delivery import Receipt, Replayed
from ha_ingestor_core.events import EventBatch, Registries
from ha_ingestor_core.files.disk_metrics import observe_disk
from ha_ingestor_core.files.durable_file import damaged_files
from ha_ingestor_core.filters.live_filter import LiveFilter
from ha_ingestor_core.filters.rules import Filters, FiltersInForce
from ha_ingestor_core.http.server import HttpServer
from ha_ingestor_core.http.service_app import service_app
from ha_ingestor_core.reporting.report_journal import ReportJournal
from ha_ingestor_core.reporting.report_memory import Reports
from ha_ingestor_core.reporting.service_info import service_info
from ha_ingestor_core.reporting.service_reporter import ServiceMetricsReporter
from ha_ingestor_core.reporting.totals import totals_view
from ha_ingestor_core.reporting.transfer_rate import transfers
from ha_ingestor_core.service_metrics import Level, ServiceCounters
from ha_ingestor_core.tasks import observe_tasks
from ha_ingestor_store.answers import RejectedPage
from ha_ingestor_store.points import RejectedEvent
from ha_ingestor_store.questions import RecentRejected
from ha_ingestor_store.store import EventWriter
from prometheus_client import CollectorRegistry

from enrichment_pipeline.admission import Admission
from enrichment_pipeline.current_filters import CurrentFilters
from enrichment_pipeline.health import pipeline_health
from enrichment_pipeline.http_api import add_filter_routes, add_rejected_routes, add_routes, add_tap_routes
from enrichment_pipeline.metrics import PipelineMetrics
from enrichment_pipeline.pipeline import Pipeline
from enrichment_pipeline.rejected.rejected_file import RejectedFile
from enrichment_pipeline.rejected.replay import Replayer
from enrichment_pipeline.settings import Settings
from enrichment_pipeline.taps.open_taps import Taps
from enrichment_pipeline.weather.enrichment import WeatherEnrichment
from enrichment_pipeline.writing.durable_totals import DurableTotals
from enrichment_pipeline.writing.group_writer import GroupWriter
from enrichment_pipeline.writing.storage import Storage

SERVICE = "enrichment-pipeline"

FORMAT = 1
"""The format number of its files in DATA_DIR (ha_ingestor_core.files.data_format)."""

_log = structlog.get_logger()


class EnrichmentPipeline:
    """The interfaces of the pipeline to other services, `EventDelivery` first. The store is closed by its owner."""

    def __init__(self, settings: Settings, *, store: EventWriter, clock: Clock, registry: CollectorRegistry) -> None:
        self._instance = settings.service.instance
        self._clock = clock
        self._started_ns, self._started_at = clock.now_ns(), clock.monotonic()
        self._counters = ServiceCounters()
        metrics = PipelineMetrics(registry)
        observe_tasks(registry)
        self._storage = Storage(store, clock=clock, counters=self._counters, metrics=metrics)
        self._admission = Admission(settings.pipeline.queue_limit)
        metrics.observe_depth(lambda: self._admission.depth)
        self._data_dir = data_dir = settings.store.data_dir
        observe_disk(registry, data_dir)
        self._totals = DurableTotals(data_dir / f"{SERVICE}.totals", service=SERVICE, counters=self._counters)
        self._rejected = RejectedFile(data_dir, limit_bytes=settings.pipeline.rejected_limit_bytes, clock=clock)
        metrics.observe_rejected_file(lambda: self._rejected.status()["bytes"], settings.pipeline.rejected_limit_bytes)
        self._taps = Taps(clock)
        self._writer = GroupWriter(
            self._storage,
            service=SERVICE,
            batch_size=settings.pipeline.batch_size,
            batch_age_s=_batch_age_ms(settings) / 1000,
            clock=clock,
            counters=self._counters,
            totals=self._totals,
            rejected=self._rejected,
            taps=self._taps,
            metrics=metrics,
        )
        self._weather = WeatherEnrichment(
            settings.weather, sink=self._storage, count_call=metrics.count_weather_request
        )
        self._filters = CurrentFilters(settings.filters, data_dir)
        self._pipeline = Pipeline(
            writer=self._writer,
            admission=self._admission,
            filters=self._filters,
            metrics=metrics,
            weather=self._weather,
        )
        self._journal = ReportJournal(data_dir / f"{SERVICE}.reports")
        self._replayer = Replayer(delivery=self._pipeline, rejected=self._rejected, clock=clock)
        self._reporter = ServiceMetricsReporter(
            service=SERVICE,
            instance=self._instance,
            counters=self._counters,
            sink=self._storage,
            clock=clock,
            levels=lambda: {Level.QUEUE_DEPTH: float(self._totals.now.queued)},
            totals=lambda: self._totals.now,
            journal=self._journal,
        )

    async def start(self) -> None:
        """Start to write and to report."""
        await self._filters.load()
        await self._rejected.open()
        await self._totals.load(self._storage, self._journal)
        await self._writer.start()
        await self._reporter.start()

    async def stop(self) -> None:
        """Write all delivered events and the last service_metrics, then stop."""
        await self._weather.stop()
        await self._writer.stop()
        await self._rejected.close()
        await self._reporter.stop()

    async def deliver(self, batch: EventBatch) -> Receipt:
        """Return once the outcome of every event is durable in the store."""
        return await self._pipeline.deliver(batch)

    async def deliver_registries(self, registries: Registries) -> None:
        """Add the registries of a home; later batches can refer to their version."""
        await self._pipeline.deliver_registries(registries)

    async def filters(self) -> FiltersInForce:
        """Return the filters in force."""
        return await self._filters.filters()

    async def set_filters(self, filters: Filters) -> FiltersInForce:
        """Replace the filters for all later batches, also after a restart; return the filters in force."""
        return await self._filters.set_filters(filters)

    async def replay(self, rejected_id: str) -> Replayed:
        """Deliver a rejected event again; return the earlier outcome of an event that was already replayed."""
        return await self._replayer.replay(rejected_id)

    async def rejected_events(self, question: RecentRejected) -> RejectedPage:
        """Return rejected events, newest first."""
        return await self._rejected.rejected_events(question)

    async def rejected_event(self, rejected_id: str) -> RejectedEvent | None:
        """Return one rejected event by its id; None where there is none."""
        return await self._rejected.rejected_event(rejected_id)

    async def rejected_counts(self, question: RecentRejected) -> dict[str, int]:
        """Return the number of rejected events by key, whatever the limit and the cursor."""
        return await self._rejected.rejected_counts(question)

    async def open_tap(self, wanted: LiveFilter) -> OpenedTap:
        """Open a tap for ten minutes; raises BackpressureError when too many are open."""
        return await self._taps.open_tap(wanted)

    async def read_tap(self, tap_id: str) -> TapPage:
        """Return the waiting events, and remove them; raises NotFoundError when the tap has ended."""
        return await self._taps.read_tap(tap_id)

    async def close_tap(self, tap_id: str) -> None:
        """Close a tap; no effect on one that has ended."""
        await self._taps.close_tap(tap_id)

    async def status(self) -> dict[str, Any]:
        """Return the counters since the start, and the state of queue, store and weather."""
        await self._rejected.measure()
        return {
            "service": SERVICE,
            **service_info(SERVICE),
            "transfers": {"store": msgspec.to_builtins(transfers([self._storage.events]))},
            "instance": self._instance,
            "started": ns_to_rfc3339(self._started_ns),
            "uptime_s": self._clock.monotonic() - self._started_at,
            "counters": {counter.value: total for counter, total in self._counters.totals.items()},
            "totals": totals_view(self._totals.now),
            "queue_depth": self._admission.depth,
            "queue_limit": self._admission.limit,
            "is_running": self._writer.is_running,
            "storage": self._storage.status(),
            "rejected_file": self._rejected.status(),
            "weather_enrichment": self._weather.status(),
            "damaged_files": await asyncio.to_thread(damaged_files, self._data_dir),
        }

    async def reports(self, start_ns: int) -> Reports:
        """Return the reports since `start_ns`, as far as the service holds them."""
        return await self._reporter.reports(start_ns)

    def health(self) -> dict[str, Any]:
        """Return `{"status": "healthy" | "degraded" | "unhealthy", …}`."""
        return pipeline_health(
            is_running=self._writer.is_running, last_error=self._storage.last_error or self._rejected.last_error
        )


class EnrichmentPipelineServer:
    """The pipeline in its own process, with an HTTP server."""

    def __init__(self, settings: Settings, *, pipeline: EnrichmentPipeline, registry: CollectorRegistry) -> None:
        token, metrics_token = settings.service.internal_token, settings.service.metrics_token
        app = service_app(
            status=pipeline,
            health=pipeline.health,
            metrics=registry,
            token=token.get_secret_value() if token else None,
            metrics_token=metrics_token.get_secret_value() if metrics_token else None,
        )
        add_reports_route(app, pipeline)
        add_routes(app, pipeline, pipeline)
        add_rejected_routes(app, pipeline)
        add_filter_routes(app, pipeline)
        add_tap_routes(app, pipeline)
        self._pipeline = pipeline
        self._server = HttpServer(
            app, host=settings.pipeline.host, port=settings.pipeline.port, setting="ENRICHMENT_PIPELINE_PORT"
        )
        self._has_token = token is not None

    @property
    def url(self) -> str:
        """Return the address of the server; valid after `start`."""
        return self._server.url

    async def start(self) -> None:
        """Start the pipeline and the server; raises TerminalError where the port is not available."""
        await self._pipeline.start()
        try:
            await self._server.start()
        except BaseException:
            await self._pipeline.stop()
            raise
        if not self._has_token:
            _log.warning("deliveries_refused", reason="INTERNAL_TOKEN is not set")
        _log.info("enrichment_pipeline_started", url=self.url)

    async def stop(self) -> None:
        """Finish running requests, then stop the pipeline."""
        await self._server.stop()
        await self._pipeline.stop()


def build_enrichment_pipeline(
    settings: Settings,
    *,
    store: EventWriter,
    clock: Clock | None = None,
    registry: CollectorRegistry | None = None,
) -> EnrichmentPipeline:
    """Return the service over an open store, for calls in this process."""
    return EnrichmentPipeline(
        settings, store=store, clock=clock or SystemClock(), registry=registry or CollectorRegistry()
    )


def build_enrichment_pipeline_server(
    settings: Settings,
    *,
    store: EventWriter,
    clock: Clock | None = None,
    registry: CollectorRegistry | None = None,
) -> EnrichmentPipelineServer:
    """Return the service over an open store, for calls over HTTP."""
    registry = registry or CollectorRegistry()
    pipeline = build_enrichment_pipeline(settings, store=store, clock=clock, registry=registry)
    return EnrichmentPipelineServer(settings, pipeline=pipeline, registry=registry)


def _batch_age_ms(settings: Settings) -> int:
    chosen = settings.pipeline.batch_age_ms
    return settings.store.usual_batch_age_ms if chosen is None else chosen
