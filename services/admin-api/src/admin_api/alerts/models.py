"""The shapes of the answers about alerts, for the OpenAPI."""

from __future__ import annotations

from datetime import datetime

from ha_ingestor_core.alerts import AlertLevel
from pydantic import Field

from admin_api.alerts.rules import Watch
from admin_api.http.models import TIME_EXAMPLE, Coverage
from admin_api.rollout.source import StatsSource
from admin_api.stats.alert_models import ALERT_TIME_EXAMPLE, Alert, AlertModel, RateAlert


class AlertsAnswer(AlertModel):
    """The alerts that are active, the most urgent first, then the newest; then those on the rates of the period."""

    timestamp: datetime = Field(examples=[ALERT_TIME_EXAMPLE])
    source: StatsSource = Field(description="Where the rates come from", examples=[StatsSource.INFLUXDB])
    warning: str | None = Field(description="Why the services answered in place of the store", examples=[None])
    period: str | None = Field(description="Null where `start` was given", examples=["1h"])
    start: datetime = Field(examples=[TIME_EXAMPLE])
    end: datetime = Field(examples=[TIME_EXAMPLE])
    alerts: list[Alert | RateAlert]
    coverage: Coverage


class AlertHistoryAnswer(AlertModel):
    """The alerts that were active in a period, those that began last first; `next_cursor` is null on the last page."""

    timestamp: datetime = Field(examples=[ALERT_TIME_EXAMPLE])
    period: str = Field(examples=["7d"])
    alerts: list[Alert]
    next_cursor: str | None = Field(examples=[None])


class AlertRule(AlertModel):
    """When an alert is raised and cleared; durations in seconds."""

    name: str = Field(examples=["lag"])
    watch: Watch = Field(
        description="What is looked at: docs/alerts.md says how each is measured", examples=[Watch.LAG]
    )
    level: AlertLevel = Field(examples=[AlertLevel.WARNING])
    above: float | None = Field(description="Raised beyond it; null where `below` is given", examples=[60.0])
    below: float | None = Field(description="Raised beneath it; null where `above` is given", examples=[None])
    clear: float = Field(description="Cleared at this value or a better one", examples=[20.0])
    for_s: int = Field(description="For how long the value has to be beyond the limit", examples=[60])
    clear_after_s: int = Field(description="For how long it has to be back", examples=[120])
    over_s: int = Field(description="The time that rates and growth are taken over", examples=[300])
    factor: float | None = Field(
        description="Of silent_entities: how many times its usual silence an entity is silent", examples=[None]
    )
    entities: list[str] = Field(description="Of silent_entities: whose silence; empty for all", examples=[[]])
    message: str = Field(examples=["{service} is {value} s behind"])
    runbook: str = Field(description="What to do: an address, or a path of this API", examples=["/api/v1/runbooks/lag"])


class AlertRulesAnswer(AlertModel):
    """The rules in force, in the order of their file."""

    rules: list[AlertRule]


class SilenceRequest(AlertModel):
    """For how long nobody is to be told, from now on."""

    duration: str = Field(
        description="<number><m|h|d|w|y>",
        examples=["4h"],
        json_schema_extra={"pattern": "^[0-9]{1,9}[mhdwy]$"},
    )
