"""The settings of the store: InfluxDB where it is named, else the embedded store in DATA_DIR."""

from __future__ import annotations

from pathlib import Path

from ha_ingestor_core.settings import SettingsGroup
from pydantic import Field, field_validator


class StoreSettings(SettingsGroup):
    """Where the events are kept."""

    influxdb_url: str | None = Field(
        None,
        validation_alias="INFLUXDB_URL",
        description="empty: this release keeps everything in the embedded store, in DATA_DIR",
    )
    data_dir: Path = Field(
        Path("data"),
        validation_alias="DATA_DIR",
        description="Folder of embedded store, spool and settings changed at run time; never a network file system",
    )

    @field_validator("influxdb_url")
    @classmethod
    def _is_empty(cls, url: str | None) -> str | None:
        if url:
            raise ValueError("InfluxDB is not supported by this release")
        return url
