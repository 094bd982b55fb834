"""The settings of the enrichment-pipeline."""

from __future__ import annotations

from dataclasses import dataclass

from ha_ingestor_core.settings import LogSettings, ServiceSettings, SettingsGroup
from ha_ingestor_store.settings import StoreSettings
from pydantic import Field


class PipelineSettings(SettingsGroup):
    """Where the enrichment-pipeline listens when it runs apart, and how it writes to the store."""

    host: str = Field(
        "127.0.0.1",
        validation_alias="ENRICHMENT_PIPELINE_HOST",
        min_length=1,
        description="Address enrichment-pipeline listens on when it runs apart; 127.0.0.1: this machine only",
    )
    port: int = Field(
        8002,
        validation_alias="ENRICHMENT_PIPELINE_PORT",
        ge=0,
        le=65535,
        description="Port of enrichment-pipeline when it runs apart (0: any free port)",
    )
    batch_size: int = Field(
        5_000,
        validation_alias="WRITE_BATCH_SIZE",
        ge=1,
        le=100_000,
        description="Events that start a write to the store at once; fewer wait for WRITE_BATCH_AGE_MS",
    )
    batch_age_ms: int | None = Field(
        None,
        validation_alias="WRITE_BATCH_AGE_MS",
        ge=0,
        le=1_000,
        description="Milliseconds that events wait for others to be written with, 0 to 1000: more spares an SD card or "
        "a server; when unset 10 for the embedded store, 20 for InfluxDB",
    )
    queue_limit: int = Field(
        100_000,
        validation_alias="WRITE_QUEUE_LIMIT",
        ge=1,
        description="Events that may wait in memory for the store; beyond it batches are refused, to be sent again",
    )


@dataclass(frozen=True)
class Settings:
    """Everything that the enrichment-pipeline is told from outside."""

    pipeline: PipelineSettings
    store: StoreSettings
    service: ServiceSettings
    log: LogSettings
