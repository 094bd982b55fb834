"""The settings of alerts."""

from __future__ import annotations

from pathlib import Path

from ha_ingestor_core.addresses import HttpAddress
from ha_ingestor_core.settings import SettingsGroup
from pydantic import Field, SecretStr

from admin_api.alerts.rules import rules_of_the_release


class AlertSettings(SettingsGroup):
    """Alerts: their rules, evaluation and notifications (docs/alerts.md)."""

    rules: Path = Field(
        default_factory=rules_of_the_release,
        validation_alias="ALERT_RULES",
        description="File of the alert rules; the release's own (infrastructure/alert-rules.yaml) when unset",
    )
    urls: SecretStr | None = Field(
        None,
        validation_alias="ALERT_URLS",
        description="Where alerts are told: addresses as Apprise knows them, such as mailtos://…, with spaces between",
    )
    evaluates: bool = Field(
        True,
        validation_alias="ALERT_EVALUATION",
        description="false: this instance evaluates no alerts, since another that shares no DATA_DIR with it does",
    )
    dashboard_url: HttpAddress | None = Field(
        None,
        validation_alias="DASHBOARD_URL",
        description="Address of the dashboard as its readers reach it, for the links in notifications",
    )
