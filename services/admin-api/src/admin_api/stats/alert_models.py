"""Models of alerts in statistics."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from ha_ingestor_core.alerts import AlertLevel, AlertStatus
from pydantic import BaseModel, ConfigDict, Field

ALERT_TIME_EXAMPLE = "2026-11-24T03:12:26.123456+00:00"


class AlertModel(BaseModel):
    model_config = ConfigDict(extra="forbid", json_schema_serialization_defaults_required=True)


class Alert(AlertModel):
    """An alert; `timestamp` is when it was raised, `since` when the condition began."""

    id: str = Field(examples=["18a8f1a2b3c4d5e6-0123456789ab"])
    rule: str = Field(examples=["lag"])
    timestamp: datetime = Field(examples=[ALERT_TIME_EXAMPLE])
    since: datetime = Field(examples=[ALERT_TIME_EXAMPLE])
    level: AlertLevel = Field(examples=[AlertLevel.WARNING])
    service: str = Field(
        description="Subject of the alert: a service, `store` or `home`", examples=["websocket-ingestion"]
    )
    message: str = Field(examples=["websocket-ingestion is 75 s behind"])
    runbook: str = Field(description="URL of the runbook, or its path in this API", examples=["/api/v1/runbooks/lag"])
    status: AlertStatus = Field(examples=[AlertStatus.ACTIVE])
    cleared: datetime | None = Field(examples=[None])
    acknowledged: datetime | None = Field(description="Time of the acknowledgement", examples=[None])
    acknowledged_by: str | None = Field(
        description="Name of the token or session that acknowledged it", examples=[None]
    )
    silenced_until: datetime | None = Field(
        description="End of the silence, during which no notifications are sent", examples=[None]
    )


class RateAlert(AlertModel):
    """A rate of the period beyond its limit: `High error rate: X%` or `Low success rate: X%`."""

    level: Literal["error", "warning"]
    service: str = Field(description="A service, or `system`", examples=["system"])
    message: str = Field(examples=["High error rate: 7.5%"])
    timestamp: datetime = Field(examples=[ALERT_TIME_EXAMPLE])
