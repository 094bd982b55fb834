"""Models of alerts."""

from __future__ import annotations

from datetime import datetime

from ha_ingestor_core.alerts import AlertLevel
from pydantic import Field

from admin_api.alerts.rules import Watch
from admin_api.http.models import TIME_EXAMPLE, Coverage
from admin_api.rollout.source import StatsSource
from admin_api.stats.alert_models import ALERT_TIME_EXAMPLE, Alert, AlertModel, RateAlert


class AlertsAnswer(AlertModel):
    """The active alerts, sorted by level, then newest first; then the alerts on rates of the period."""

    timestamp: datetime = Field(examples=[ALERT_TIME_EXAMPLE])
    source: StatsSource = Field(description="Source of the rates", examples=[StatsSource.INFLUXDB])
    warning: str | None = Field(
        description="Reason for the fallback to the services; null without a fallback", examples=[None]
    )
    period: str | None = Field(description="null if `start` was given", examples=["1h"])
    start: datetime = Field(examples=[TIME_EXAMPLE])
    end: datetime = Field(examples=[TIME_EXAMPLE])
    alerts: list[Alert | RateAlert]
    coverage: Coverage


class AlertHistoryAnswer(AlertModel):
    """The alerts that were active in a period, newest start first; `next_cursor` is null on the last page."""

    timestamp: datetime = Field(examples=[ALERT_TIME_EXAMPLE])
    period: str = Field(examples=["7d"])
    alerts: list[Alert]
    next_cursor: str | None = Field(examples=[None])


class AlertRule(AlertModel):
    """An alert rule; durations in seconds."""

    name: str = Field(examples=["lag"])
    watch: Watch = Field(
        description="Watched metric; docs/alerts.md describes how each is measured", examples=[Watch.LAG]
    )
    level: AlertLevel = Field(examples=[AlertLevel.WARNING])
    above: float | None = Field(description="Raised above this value; null if `below` is set", examples=[60.0])
    below: float | None = Field(description="Raised below this value; null if `above` is set", examples=[None])
    clear: float = Field(description="Cleared at this value or better", examples=[20.0])
    for_s: int = Field(description="Time for which the value must be beyond the limit", examples=[60])
    clear_after_s: int = Field(description="Time for which the value must be back", examples=[120])
    over_s: int = Field(description="Period of rates and growth", examples=[300])
    factor: float | None = Field(
        description="silent_entities: multiple of the usual interval of an entity", examples=[None]
    )
    entities: list[str] = Field(description="silent_entities: patterns of entities; empty: all", examples=[[]])
    message: str = Field(examples=["{service} is {value} s behind"])
    runbook: str = Field(description="URL of the runbook, or its path in this API", examples=["/api/v1/runbooks/lag"])


class AlertRulesAnswer(AlertModel):
    """The rules, in the order of their file."""

    rules: list[AlertRule]


class SilenceRequest(AlertModel):
    """The duration of a silence, from now on."""

    duration: str = Field(
        description="<number><m|h|d|w|y>",
        examples=["4h"],
        json_schema_extra={"pattern": "^[0-9]{1,9}[mhdwy]$"},
    )
