"""The settings of alerts."""

from __future__ import annotations

from pathlib import Path

from ha_ingestor_core.settings.addresses import HttpAddress
from ha_ingestor_core.settings.group import SettingsGroup
from pydantic import Field, SecretStr

from admin_api.alerts.rules import rules_of_the_release


class AlertSettings(SettingsGroup):
    """Alerts: their rules, evaluation and notifications (docs/alerts.md)."""

    rules: Path = Field(
        default_factory=rules_of_the_release,
        validation_alias="ALERT_RULES",
        description="File of the alert rules; the default rules (infrastructure/alert-rules.yaml) when unset",
    )
    urls: SecretStr | None = Field(
        None,
        validation_alias="ALERT_URLS",
        description="Addresses for notifications, as supported by Apprise, such as mailtos://…, separated by spaces",
    )
    evaluates: bool = Field(
        True,
        validation_alias="ALERT_EVALUATION",
        description="false: this instance does not evaluate alerts; for instances without a shared DATA_DIR",
    )
    dashboard_url: HttpAddress | None = Field(
        None,
        validation_alias="DASHBOARD_URL",
        description="Public address of the dashboard, for links in notifications",
    )
