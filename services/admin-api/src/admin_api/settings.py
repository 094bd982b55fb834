"""The settings of the Admin API."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from ha_ingestor_core.settings import HttpAddress, LogSettings, ServiceSettings, SettingsGroup
from ha_ingestor_store.settings import StoreSettings
from pydantic import Field

_DASHBOARD = Path("services/health-dashboard/dist")


def _dashboard_of_the_checkout() -> Path:
    """Beside this file in a checkout; under the working directory where the package was installed without one."""
    for folder in Path(__file__).resolve().parents:
        if (folder / _DASHBOARD.parent).is_dir():
            return folder / _DASHBOARD
    return _DASHBOARD


SERVICE = "admin-api"
"""The name of this service in service_metrics."""


class AdminApiSettings(SettingsGroup):
    """Where the Admin API listens, what it shows, and whom it asks."""

    host: str = Field(
        "127.0.0.1",
        validation_alias="ADMIN_API_HOST",
        min_length=1,
        description="Address the Admin API listens on; 127.0.0.1: this machine only",
    )
    port: int = Field(
        8003, validation_alias="ADMIN_API_PORT", ge=0, le=65535, description="Port of the Admin API (0: any free port)"
    )
    dashboard_dir: Path = Field(
        default_factory=_dashboard_of_the_checkout,
        validation_alias="DASHBOARD_DIR",
        description="Folder of the built dashboard; the checkout's own when unset",
    )
    websocket_ingestion_url: HttpAddress = Field(
        "http://127.0.0.1:8001",
        validation_alias="WEBSOCKET_INGESTION_URL",
        description="Address of websocket-ingestion when the services run apart, starting with http:// or https://",
    )
    enrichment_pipeline_url: HttpAddress = Field(
        "http://127.0.0.1:8002",
        validation_alias="ENRICHMENT_PIPELINE_URL",
        description="Address of enrichment-pipeline when the services run apart, starting with http:// or https://",
    )


@dataclass(frozen=True)
class Settings:
    """Everything that the Admin API is told from outside."""

    admin_api: AdminApiSettings
    store: StoreSettings
    service: ServiceSettings
    log: LogSettings
