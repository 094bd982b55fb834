"""Opens the store and the rejected events of the HA Ingestor on this machine, also while it runs."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from admin_api.peers.rejected import HttpRejected
from admin_api.settings import Settings as AdminApiSettings
from enrichment_pipeline.main import SERVICE as ENRICHMENT_PIPELINE
from enrichment_pipeline.rejected.rejected_file import FILE_NAME as REJECTED_FILE
from enrichment_pipeline.rejected.rejected_file import RejectedFile
from enrichment_pipeline.settings import Settings as PipelineSettings
from ha_ingestor_core.errors import TerminalError
from ha_ingestor_core.http.client import InternalClient
from ha_ingestor_core.settings.loading import load_settings
from ha_ingestor_store import Store, open_store
from ha_ingestor_store.embedded.file.store_file import FILE_NAME
from ha_ingestor_store.settings import StoreSettings
from ha_ingestor_store.store import RejectedReader
from websocket_ingestion.configured_homes import configured_homes
from websocket_ingestion.settings import Settings as WebsocketIngestionSettings

from ha_ingestor.data_formats import check_data


@asynccontextmanager
async def open_local_store() -> AsyncIterator[Store]:
    """Open the store that `run` uses (the demo home's if no Home Assistant is configured); never creates a store."""
    settings = local_store_settings()
    if settings.influxdb_url is None and not (settings.data_dir / FILE_NAME).exists():
        raise TerminalError(f"{settings.data_dir} contains no store. Start HA Ingestor first, or set DATA_DIR")
    store = await open_store(settings)
    try:
        yield store
    finally:
        await store.close()


@asynccontextmanager
async def open_rejected_events() -> AsyncIterator[RejectedReader]:
    """Open the file of rejected events in DATA_DIR or, if the services run separately, ask the enrichment-pipeline."""
    api = load_settings(AdminApiSettings)
    token = api.service.internal_token
    if token is None or (local_store_settings().data_dir / REJECTED_FILE).exists():
        async with open_rejected_file() as rejected:
            yield rejected
        return
    client = InternalClient(api.admin_api.enrichment_pipeline_url, token.get_secret_value())
    try:
        yield HttpRejected(client)
    finally:
        await client.close()


@asynccontextmanager
async def open_rejected_file() -> AsyncIterator[RejectedFile]:
    """Open the file of rejected events in DATA_DIR; never creates it."""
    data_dir = local_store_settings().data_dir
    if not (data_dir / REJECTED_FILE).exists():
        raise TerminalError(
            f"{data_dir} contains no {REJECTED_FILE}. Start HA Ingestor first, or set DATA_DIR to that of the "
            "enrichment-pipeline"
        )
    check_data(data_dir, ENRICHMENT_PIPELINE, with_store=False)
    rejected = RejectedFile(data_dir, limit_bytes=load_settings(PipelineSettings).pipeline.rejected_limit_bytes)
    await rejected.open()
    try:
        yield rejected
    finally:
        await rejected.close()


def local_store_settings() -> StoreSettings:
    """Return the settings of the store in use: the demo home's if `run all` shows it."""
    settings = load_settings(WebsocketIngestionSettings)
    is_alone = settings.service.internal_token is not None and settings.store.influxdb_url is not None
    if is_alone or configured_homes(settings.home_assistant, settings.homes):
        return settings.store
    demo = settings.store.for_demo("demo")
    return demo if settings.store.influxdb_url or (demo.data_dir / FILE_NAME).exists() else settings.store
