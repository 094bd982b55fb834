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
    """How events are captured and handed on."""

    host: str = Field(
        "127.0.0.1",
        validation_alias="WEBSOCKET_INGESTION_HOST",
        min_length=1,
        description="Address on which websocket-ingestion listens when it runs alone",
    )
    port: int = Field(
        8001,
        validation_alias="WEBSOCKET_INGESTION_PORT",
        ge=0,
        le=65535,
        description="Port on which websocket-ingestion listens when it runs alone; 0 to 65535",
    )
    enrichment_pipeline_url: HttpAddress = Field(
        "http://127.0.0.1:8002",
        validation_alias="ENRICHMENT_PIPELINE_URL",
        description="Address of the enrichment-pipeline when the services run apart, http:// or https://",
    )
    spool_limit_bytes: int = Field(
        2 * 1024**3,
        validation_alias="SPOOL_LIMIT_BYTES",
        ge=1024**2,
        le=1024**4,
        description="Bytes of events on disk that may wait for the store before reading pauses; 1 MiB to 1 TiB",
    )
    spool_memory_bytes: int = Field(
        32 * 1024**2,
        validation_alias="SPOOL_MEMORY_BYTES",
        ge=1024**2,
        le=4 * 1024**3,
        description="Bytes of events in memory, on the way to the disk and from it each; 1 MiB to 4 GiB",
    )
    forward_batch_size: int = Field(
        5_000,
        validation_alias="FORWARD_BATCH_SIZE",
        ge=1,
        le=100_000,
        description="Events handed to the enrichment-pipeline at once, at most; 1 to 100000",
    )
    forward_batch_bytes: int = Field(
        8 * 1024 * 1024,
        validation_alias="FORWARD_BATCH_BYTES",
        ge=64 * 1024,
        le=32 * 1024 * 1024,
        description="Bytes of events handed to the enrichment-pipeline at once, 64 KiB to 32 MiB; a greater event goes "
        "alone",
    )
    sync_interval_s: float = Field(
        1.0,
        validation_alias="SPOOL_SYNC_INTERVAL_S",
        ge=0,
        le=10,
        description="Seconds that a few events wait to be synced to the disk together, 0 to 10 (at most 0.25 where "
        "websocket-ingestion runs alone); what a power cut may cost, not what a crash may",
    )
    store_interval_s: float = Field(
        30.0,
        validation_alias="STORE_WRITE_INTERVAL_S",
        ge=0,
        le=300,
        description="Seconds that events wait in the spool for the embedded store under `run all` "
        "while nobody asks for them, 0 to 300",
    )
    state_check_s: Annotated[float, zero_or_from(10)] = Field(
        300.0,
        validation_alias="STATE_CHECK_S",
        ge=0,
        le=3600,
        description="Seconds between two comparisons of Home Assistant's states with what was captured, which find "
        "changes that it never sent; 10 to 3600, 0: never",
    )
    alive_poll_s: Annotated[float, zero_or_from(10)] = Field(
        300.0,
        validation_alias="ALIVE_POLL_S",
        ge=0,
        le=3600,
        description="Seconds between two looks at which sensors report without changing; 10 to 3600, 0: never",
    )


class GapSettings(SettingsGroup):
    """How gaps in the capture are filled from Home Assistant's history."""

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
        description="Days that Home Assistant's recorder keeps (its purge_keep_days); 1 to 36500",
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
        description="Entities whose history is asked for at once; 1 to 1000",
    )
    window_s: float = Field(
        3600.0,
        validation_alias="GAP_FILLING_WINDOW_S",
        ge=60,
        le=86_400,
        description="Seconds of history that the first question is about, the next ones by what comes; 60 to 86400",
    )
    rest_s: float = Field(
        0.1,
        validation_alias="GAP_FILLING_REST_S",
        ge=0,
        le=60,
        description="Seconds between two questions at least, more where answers take longer; 0 to 60",
    )
    settle_s: float = Field(
        10.0,
        validation_alias="GAP_FILLING_SETTLE_S",
        ge=0,
        le=600,
        description="Seconds that the recorder is given to write what has just happened (it does every 5); 0 to 600",
    )
    retry_s: float = Field(
        30.0,
        validation_alias="GAP_FILLING_RETRY_S",
        ge=1,
        le=3600,
        description="Seconds after which filling goes on when Home Assistant or the store failed; 1 to 3600",
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
