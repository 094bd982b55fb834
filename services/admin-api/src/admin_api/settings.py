"""The settings of the Admin API."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from ha_ingestor_core.settings.addresses import HttpAddress
from ha_ingestor_core.settings.group import SettingsGroup
from ha_ingestor_core.settings.service import LogSettings, ServiceSettings
from ha_ingestor_store.settings import StoreSettings
from pydantic import Field

from admin_api.alerts.settings import AlertSettings
from admin_api.rollout.settings import StatsSettings
from admin_api.security.settings import SecuritySettings
from admin_api.shipped import shipped

FORMAT = 1
"""Version of the format of the files in DATA_DIR; see ha_ingestor_core.files.data_format for when to raise it."""


class AdminApiSettings(SettingsGroup):
    """The Admin API: its address, dashboard and services."""

    host: str = Field(
        "127.0.0.1",
        validation_alias="ADMIN_API_HOST",
        min_length=1,
        description="Address the Admin API listens on; 127.0.0.1: this machine only",
    )
    port: int = Field(
        8003, validation_alias="ADMIN_API_PORT", ge=0, le=65535, description="Port of the Admin API (0: any free port)"
    )
    drain_s: float = Field(
        0.0,
        validation_alias="ADMIN_API_DRAIN_SECONDS",
        ge=0,
        le=60,
        description="Seconds after SIGTERM in which the Admin API reports not ready and still serves requests, so that "
        "proxies and load balancers switch to another instance (0 to 60)",
    )
    dashboard_dir: Path = Field(
        default_factory=lambda: shipped("services/health-dashboard/dist", "dashboard"),
        validation_alias="DASHBOARD_DIR",
        description="Folder of the built dashboard; that of the release when unset",
    )
    websocket_ingestion_url: HttpAddress = Field(
        "http://127.0.0.1:8001",
        validation_alias="WEBSOCKET_INGESTION_URL",
        description="Address of websocket-ingestion if the services run separately, starting with http:// or https://",
    )
    enrichment_pipeline_url: HttpAddress = Field(
        "http://127.0.0.1:8002",
        validation_alias="ENRICHMENT_PIPELINE_URL",
        description="Address of the enrichment-pipeline when the services run separately, starting with http:// or "
        "https://",
    )

    commit: str | None = Field(
        None,
        validation_alias="HA_INGESTOR_COMMIT",
        max_length=64,
        description="Commit of this build, shown by /api/v1/version; that of the checkout when unset",
    )

    @property
    def service_urls(self) -> dict[str, str]:
        """The addresses of the services, by name."""
        return {
            "websocket-ingestion": self.websocket_ingestion_url,
            "enrichment-pipeline": self.enrichment_pipeline_url,
        }


@dataclass(frozen=True)
class Settings:
    """All settings of the Admin API."""

    admin_api: AdminApiSettings
    alerts: AlertSettings
    stats: StatsSettings
    security: SecuritySettings
    store: StoreSettings
    service: ServiceSettings
    log: LogSettings
