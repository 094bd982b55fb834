"""The table of roles: the parts of each, in the order in which they start."""

from __future__ import annotations

import socket
import sys
from dataclasses import replace
from enum import StrEnum
from pathlib import Path

import structlog
from admin_api.main import build_admin_api
from admin_api.peers.status import StatusSources
from admin_api.settings import Settings as AdminApiSettings
from enrichment_pipeline.main import build_enrichment_pipeline, build_enrichment_pipeline_server
from enrichment_pipeline.settings import Settings as EnrichmentPipelineSettings
from ha_ingestor_core.clock import SystemClock
from ha_ingestor_core.logging.log_ring import logging_as
from ha_ingestor_core.settings.env_file import env_file_can_be_written
from ha_ingestor_core.settings.loading import load_settings
from ha_ingestor_store import Store, open_store
from ha_ingestor_store.settings import StoreSettings
from prometheus_client import CollectorRegistry
from pydantic import SecretStr
from websocket_ingestion.configured_homes import configured_homes
from websocket_ingestion.connection.capture import Home
from websocket_ingestion.main import build_websocket_ingestion, build_websocket_ingestion_server
from websocket_ingestion.settings import Settings as WebsocketIngestionSettings
from websocket_ingestion.write_delays import WriteDelays

from ha_ingestor.data_formats import FORMATS, keep_data_formats
from ha_ingestor.demo_home import DemoHome
from ha_ingestor.runner import Build, Parts
from ha_ingestor.settings.reference import every_setting
from ha_ingestor.sign_in import sign_in_hint

DEMO = "demo"

_log = structlog.get_logger()


class Role(StrEnum):
    """The roles of `ha-ingestor run`."""

    ALL = "all"
    WEBSOCKET_INGESTION = "websocket-ingestion"
    ENRICHMENT_PIPELINE = "enrichment-pipeline"
    ADMIN_API = "admin-api"


async def run_all(parts: Parts) -> str:
    """Run all services in this process, with the demo home if no Home Assistant is configured."""
    settings = load_settings(WebsocketIngestionSettings)
    store_settings = settings.store
    homes = configured_homes(settings.home_assistant, settings.homes)
    demo = None if homes else DemoHome()
    if demo:
        _log.info("demo_home_started", reason="no Home Assistant is configured", set="HA_URL and HA_TOKEN in .env")
        store_settings = store_settings.for_demo(DEMO)
        await parts.start(demo)
        homes = [Home(DEMO, demo.url, SecretStr(demo.token))]
    for folder in {settings.store.data_dir, store_settings.data_dir}:
        keep_data_formats(folder, *SERVICES[Role.ALL])
    registry = CollectorRegistry()
    with logging_as(Role.ENRICHMENT_PIPELINE):  # the store runs background tasks
        store = await _open(parts, store_settings, writes_events=True)
        pipeline = build_enrichment_pipeline(
            load_settings(EnrichmentPipelineSettings, store=store_settings), store=store.writer, registry=registry
        )
        await parts.start(pipeline)
    ingestion = build_websocket_ingestion(
        homes,
        settings=settings.capture,
        gap_settings=settings.gaps,
        data_dir=store_settings.data_dir,
        instance=settings.service.instance,
        delivery=pipeline,
        sink=store.writer,
        clock=SystemClock(),
        registry=registry,
        delays=_write_delays(settings),
    )
    admin_settings = load_settings(AdminApiSettings, store=store_settings)
    admin_api = build_admin_api(
        _on_any_free_port(admin_settings) if demo else admin_settings,
        store=store,
        sources=StatusSources(ingestion, pipeline),
        filters=pipeline,
        rejected=pipeline,
        replay=pipeline,
        backfill=ingestion,
        taps=pipeline,
        before_questions=ingestion.deliver_now,
        configuration=every_setting,
        guard_dir=settings.store.data_dir,  # the folder that `ha-ingestor tokens` uses, also with the demo home
        registry=registry,
    )
    with logging_as(Role.ADMIN_API):
        await parts.start(admin_api)
        parts.on_signal(admin_api.drain)
    with logging_as(Role.WEBSOCKET_INGESTION):
        await parts.start(ingestion)
    connect = "run `ha-ingestor init`" if env_file_can_be_written() else "set HA_URL and HA_TOKEN"
    hint = f" (demo home; to connect your own, {connect})" if demo else ""
    data = f"\nData folder: {store_settings.data_dir.resolve()}"
    sign_in = _sign_in_hint(admin_api.url, settings.store.data_dir)
    return f"HA Ingestor is running: open {admin_api.url}/{hint}{data}{sign_in}"


async def run_websocket_ingestion(parts: Parts) -> str:
    """Run websocket-ingestion, which delivers to ENRICHMENT_PIPELINE_URL."""
    with logging_as(Role.WEBSOCKET_INGESTION):
        settings = load_settings(WebsocketIngestionSettings)
        keep_data_formats(settings.store.data_dir, Role.WEBSOCKET_INGESTION)
        service = build_websocket_ingestion_server(settings)
        await parts.start(service)
    return f"websocket-ingestion is running: {service.url}"


async def run_enrichment_pipeline(parts: Parts) -> str:
    """Run enrichment-pipeline, which receives batches over HTTP."""
    settings = load_settings(EnrichmentPipelineSettings)
    keep_data_formats(settings.store.data_dir, Role.ENRICHMENT_PIPELINE)
    with logging_as(Role.ENRICHMENT_PIPELINE):
        store = await _open(parts, settings.store, writes_events=True)
        service = build_enrichment_pipeline_server(settings, store=store.writer)
        await parts.start(service)
    return f"enrichment-pipeline is running: {service.url}"


async def run_admin_api(parts: Parts) -> str:
    """The Admin API and the dashboard alone."""
    settings = load_settings(AdminApiSettings)
    keep_data_formats(settings.store.data_dir, Role.ADMIN_API)
    with logging_as(Role.ADMIN_API):
        service = build_admin_api(settings, store=await _open(parts, settings.store))
        await parts.start(service)
        parts.on_signal(service.drain)
    return f"admin-api is running: open {service.url}/{_sign_in_hint(service.url, settings.store.data_dir)}"


ROLES: dict[Role, Build] = {
    Role.ALL: run_all,
    Role.WEBSOCKET_INGESTION: run_websocket_ingestion,
    Role.ENRICHMENT_PIPELINE: run_enrichment_pipeline,
    Role.ADMIN_API: run_admin_api,
}

SERVICES: dict[Role, list[str]] = {role: [role.value] for role in Role} | {Role.ALL: list(FORMATS)}
"""The services of each role, whose data is in DATA_DIR."""


def run_demo_home(port: int) -> Build:
    """Run only the simulated Home Assistant."""

    async def build(parts: Parts) -> str:
        demo = DemoHome(port=port)
        await parts.start(demo)
        return f"The demo home is running. In .env: HA_URL={demo.url} HA_TOKEN={demo.token}"

    return build


def _write_delays(settings: WebsocketIngestionSettings) -> WriteDelays:
    """Return the write delays: only in one process does the capture know of queries; InfluxDB needs none."""
    is_embedded = settings.store.influxdb_url is None
    return WriteDelays(settings.capture.sync_interval_s, settings.capture.store_interval_s if is_embedded else 0.0)


def _sign_in_hint(url: str, data_dir: Path) -> str:
    return "\n" + sign_in_hint(url, data_dir, is_terminal=sys.stdout.isatty())


def _on_any_free_port(settings: AdminApiSettings) -> AdminApiSettings:
    """Return settings with any free port, if the default port is in use and none is configured."""
    where = settings.admin_api
    if "port" in where.model_fields_set:
        return settings
    try:
        family = socket.AF_INET6 if ":" in where.host else socket.AF_INET
        with socket.create_server((where.host, where.port), family=family):
            return settings
    except OSError:
        return replace(settings, admin_api=where.model_copy(update={"port": 0}))


async def _open(parts: Parts, settings: StoreSettings, *, writes_events: bool = False) -> Store:
    store = await open_store(settings, writes_events=writes_events)
    parts.on_end(store.close)
    return store
