"""The settings of websocket-ingestion."""

from __future__ import annotations

import dataclasses
from typing import Annotated

from ha_ingestor_core.settings.addresses import HttpAddress
from ha_ingestor_core.settings.group import SettingsGroup, zero_or_from
from ha_ingestor_core.settings.home_assistant import HomeAssistantSettings
from ha_ingestor_core.settings.homes import HomesSettings
from ha_ingestor_core.settings.service import LogSettings, ServiceSettings
from ha_ingestor_store.settings import StoreSettings
from pydantic import Field


class CaptureSettings(SettingsGroup):
    """Capturing events, and forwarding them to the enrichment-pipeline."""

    host: str = Field(
        "127.0.0.1",
        validation_alias="WEBSOCKET_INGESTION_HOST",
        min_length=1,
        description="Address websocket-ingestion listens on when the services run separately; 127.0.0.1: this machine "
        "only",
    )
    port: int = Field(
        8001,
        validation_alias="WEBSOCKET_INGESTION_PORT",
        ge=0,
        le=65535,
        description="Port of websocket-ingestion when the services run separately (0: any free port)",
    )
    enrichment_pipeline_url: HttpAddress = Field(
        "http://127.0.0.1:8002",
        validation_alias="ENRICHMENT_PIPELINE_URL",
        description="Address of the enrichment-pipeline when the services run separately, starting with http:// or "
        "https://",
    )
    spool_limit_bytes: int = Field(
        2 * 1024**3,
        validation_alias="SPOOL_LIMIT_BYTES",
        ge=1024**2,
        le=1024**4,
        description="Size limit of the spool on disk, 1 MiB to 1 TiB; when it is reached, no more events are read "
        "from Home Assistant",
    )
    spool_memory_bytes: int = Field(
        32 * 1024**2,
        validation_alias="SPOOL_MEMORY_BYTES",
        ge=1024**2,
        le=4 * 1024**3,
        description="Limit of the events in memory, 1 MiB to 4 GiB; applies separately to writing to the spool and to "
        "reading from it",
    )
    forward_batch_size: int = Field(
        5_000,
        validation_alias="FORWARD_BATCH_SIZE",
        ge=1,
        le=100_000,
        description="Maximum number of events in a batch for the enrichment-pipeline; 1 to 100000",
    )
    forward_batch_bytes: int = Field(
        8 * 1024 * 1024,
        validation_alias="FORWARD_BATCH_BYTES",
        ge=64 * 1024,
        le=32 * 1024 * 1024,
        description="Maximum size of a batch for the enrichment-pipeline, 64 KiB to 32 MiB; a larger event is sent "
        "alone",
    )
    sync_interval_s: float = Field(
        1.0,
        validation_alias="SPOOL_SYNC_INTERVAL_S",
        ge=0,
        le=10,
        description="Maximum seconds between two syncs of the spool to the disk, 0 to 10 (0.25 at most when the "
        "services run separately); a power failure can lose the events since the last sync, a crash "
        "cannot",
    )
    store_interval_s: float = Field(
        30.0,
        validation_alias="STORE_WRITE_INTERVAL_S",
        ge=0,
        le=300,
        description="Maximum seconds for which `run all` collects events before it writes them to the embedded store, "
        "0 to 300; a query writes them at once",
    )
    state_check_s: Annotated[float, zero_or_from(10)] = Field(
        300.0,
        validation_alias="STATE_CHECK_S",
        ge=0,
        le=3600,
        description="Seconds between two comparisons of Home Assistant's states with the captured events, which find "
        "missed changes; 10 to 3600, 0: never",
    )
    alive_poll_s: Annotated[float, zero_or_from(10)] = Field(
        300.0,
        validation_alias="ALIVE_POLL_S",
        ge=0,
        le=3600,
        description="Seconds between two checks of which sensors report an unchanged value; 10 to 3600, 0: never",
    )


class GapSettings(SettingsGroup):
    """Filling gaps in the capture from Home Assistant's history."""

    enabled: bool = Field(
        True,
        validation_alias="GAP_FILLING",
        description="Fill gaps in the capture from Home Assistant's history: true or false",
    )
    keep_days: int = Field(
        10,
        validation_alias="HISTORY_KEEP_DAYS",
        ge=1,
        le=36_500,
        description="Days of history that Home Assistant's recorder keeps (its purge_keep_days); 1 to 36500",
    )
    first_start: str = Field(
        "10d",
        validation_alias="HISTORY_AT_FIRST_START",
        pattern=r"^(0|[1-9][0-9]{0,3}d)$",
        description="Days of Home Assistant's history to fetch after the first start, such as 10d; 0: none",
    )
    entities: int = Field(
        25,
        validation_alias="GAP_FILLING_ENTITIES",
        ge=1,
        le=1_000,
        description="Entities per request for history; 1 to 1000",
    )
    window_s: float = Field(
        3600.0,
        validation_alias="GAP_FILLING_WINDOW_S",
        ge=60,
        le=86_400,
        description="Seconds of history in the first request; later requests adapt to the size of the responses; 60 "
        "to 86400",
    )
    rest_s: float = Field(
        0.1,
        validation_alias="GAP_FILLING_REST_S",
        ge=0,
        le=60,
        description="Minimum seconds between two requests for history, more when responses are slow; 0 to 60",
    )
    settle_s: float = Field(
        10.0,
        validation_alias="GAP_FILLING_SETTLE_S",
        ge=0,
        le=600,
        description="Seconds to wait until the recorder has written the newest changes (it writes every 5 s); 0 to 600",
    )
    retry_s: float = Field(
        30.0,
        validation_alias="GAP_FILLING_RETRY_S",
        ge=1,
        le=3600,
        description="Seconds until the next attempt after an error of Home Assistant or of the store; 1 to 3600",
    )


@dataclasses.dataclass(frozen=True, slots=True)
class Settings:
    """All that websocket-ingestion reads when it runs alone."""

    home_assistant: HomeAssistantSettings
    homes: HomesSettings
    capture: CaptureSettings
    gaps: GapSettings
    service: ServiceSettings
    store: StoreSettings
    log: LogSettings
