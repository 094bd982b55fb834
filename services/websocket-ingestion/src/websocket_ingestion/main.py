"""Builds websocket-ingestion from its parts, for `run all` and for a separate process."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from ha_ingestor_core.calls.service_reports import add_reports_route
from ha_ingestor_core.clock import Clock, SystemClock
from ha_ingestor_core.delivery import EventDelivery
from ha_ingestor_core.files.disk_metrics import observe_disk
from ha_ingestor_core.http.client import InternalClient
from ha_ingestor_core.http.server import HttpServer
from ha_ingestor_core.http.service_app import service_app
from ha_ingestor_core.tasks import observe_tasks
from prometheus_client import CollectorRegistry

from websocket_ingestion.backfill_routes import add_backfill_routes
from websocket_ingestion.configured_homes import homes_to_capture
from websocket_ingestion.connection.capture import Home
from websocket_ingestion.connection.reconnect import USUAL_BACKOFF, BackoffLimits
from websocket_ingestion.delivery.remote_delivery import HttpDelivery
from websocket_ingestion.home_ingestion import HomeIngestion, IngestionSink
from websocket_ingestion.homes_metrics import HomesMetrics
from websocket_ingestion.service import WebsocketIngestion
from websocket_ingestion.settings import CaptureSettings, GapSettings, Settings
from websocket_ingestion.store_sink import StoreSink
from websocket_ingestion.write_delays import NO_DELAYS, SEPARATE_PROCESS, WriteDelays


def build_websocket_ingestion(
    homes: Sequence[Home],
    *,
    settings: CaptureSettings,
    gap_settings: GapSettings,
    data_dir: Path,
    instance: str,
    delivery: EventDelivery,
    sink: IngestionSink,
    clock: Clock,
    registry: CollectorRegistry,
    backoff: BackoffLimits = USUAL_BACKOFF,
    delays: WriteDelays = NO_DELAYS,
) -> WebsocketIngestion:
    """Build the service for `run all`, with a call interface; in service_metrics each home is an instance."""
    registries = {home.name: CollectorRegistry() for home in homes}
    registry.register(HomesMetrics(registries))
    observe_tasks(registry)
    observe_disk(registry, data_dir)
    captured = [
        HomeIngestion(
            home=home,
            settings=settings,
            gap_settings=gap_settings,
            data_dir=data_dir,
            instance=f"{instance}/{home.name}" if at else instance,
            delivery=delivery,
            sink=sink,
            clock=clock,
            registry=registries[home.name],
            backoff=backoff,
            delays=delays,
        )
        for at, home in enumerate(homes)
    ]
    return WebsocketIngestion(captured, instance=instance, clock=clock, data_dir=data_dir)


class WebsocketIngestionServer:
    """The service as a separate process: delivers over HTTP, and serves /health, /metrics and /stats."""

    def __init__(self, settings: Settings, *, homes: Sequence[Home], clock: Clock, registry: CollectorRegistry) -> None:
        secret, metrics_token = settings.service.internal_token, settings.service.metrics_token
        token = secret.get_secret_value() if secret else None
        self._client = InternalClient(settings.capture.enrichment_pipeline_url, token)
        self._sink = StoreSink(settings.store)
        self.service = build_websocket_ingestion(
            homes,
            settings=settings.capture,
            gap_settings=settings.gaps,
            data_dir=settings.store.data_dir,
            instance=settings.service.instance,
            delivery=HttpDelivery(self._client),
            sink=self._sink,
            clock=clock,
            registry=registry,
            delays=WriteDelays(min(SEPARATE_PROCESS.sync_s, settings.capture.sync_interval_s)),
        )
        app = service_app(
            status=self.service,
            health=self.service.health,
            metrics=registry,
            token=token,
            metrics_token=metrics_token.get_secret_value() if metrics_token else None,
        )
        add_reports_route(app, self.service)
        add_backfill_routes(app, self.service)
        self._server = HttpServer(
            app, host=settings.capture.host, port=settings.capture.port, setting="WEBSOCKET_INGESTION_PORT"
        )

    @property
    def url(self) -> str:
        """The address that other services call, known after `start`."""
        return self._server.url

    async def start(self) -> None:
        """Listen, then capture; raises TerminalError where the port is not available."""
        await self._server.start()
        await self.service.start()

    async def stop(self) -> None:
        """Stop in reverse order."""
        await self.service.stop()
        await self._server.stop()
        await self._client.close()
        await self._sink.close()


def build_websocket_ingestion_server(
    settings: Settings,
    *,
    homes: Sequence[Home] = (),
    clock: Clock | None = None,
    registry: CollectorRegistry | None = None,
) -> WebsocketIngestionServer:
    """Build the service as a separate process; `homes` replace those in the settings.

    Raises InvalidSettingsError where no Home Assistant is configured.
    """
    return WebsocketIngestionServer(
        settings,
        homes=homes or homes_to_capture(settings.home_assistant, settings.homes),
        clock=clock or SystemClock(),
        registry=registry or CollectorRegistry(),
    )
