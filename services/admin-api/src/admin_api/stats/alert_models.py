"""Models of alerts as statistics show them."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from ha_ingestor_core.alerts import AlertLevel, AlertStatus
from pydantic import BaseModel, ConfigDict, Field

ALERT_TIME_EXAMPLE = "2026-11-24T03:12:26.123456+00:00"


class AlertModel(BaseModel):
    model_config = ConfigDict(extra="forbid", json_schema_serialization_defaults_required=True)


class Alert(AlertModel):
    """Something that needs a person; `timestamp` is when it was raised, `since` when it began."""

    id: str = Field(examples=["18a8f1a2b3c4d5e6-0123456789ab"])
    rule: str = Field(examples=["lag"])
    timestamp: datetime = Field(examples=[ALERT_TIME_EXAMPLE])
    since: datetime = Field(examples=[ALERT_TIME_EXAMPLE])
    level: AlertLevel = Field(examples=[AlertLevel.WARNING])
    service: str = Field(description="What it is about: a service, `store` or `home`", examples=["websocket-ingestion"])
    message: str = Field(examples=["websocket-ingestion is 75 s behind"])
    runbook: str = Field(description="What to do: an address, or a path of this API", examples=["/api/v1/runbooks/lag"])
    status: AlertStatus = Field(examples=[AlertStatus.ACTIVE])
    cleared: datetime | None = Field(examples=[None])
    acknowledged: datetime | None = Field(description="When somebody acknowledged it", examples=[None])
    acknowledged_by: str | None = Field(
        description="The name of the token or session that acknowledged it", examples=[None]
    )
    silenced_until: datetime | None = Field(description="Until when no notifications are sent", examples=[None])


class RateAlert(AlertModel):
    """A rate of the period that is beyond its limit: `High error rate: X%`, or `Low success rate: X%`."""

    level: Literal["error", "warning"]
    service: str = Field(description="A service, or `system`", examples=["system"])
    message: str = Field(examples=["High error rate: 7.5%"])
    timestamp: datetime = Field(examples=[ALERT_TIME_EXAMPLE])
