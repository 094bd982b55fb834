"""Models of the stream and of the live tap."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from ha_ingestor_core.calls.taps import TapOutcome
from ha_ingestor_core.events import OriginKind
from pydantic import ConfigDict, Field

from admin_api.events.models import EventWeather
from admin_api.http.models import TIME_EXAMPLE, Model


class StreamStatistics(Model):
    """The data of a `statistics` event of the stream."""

    timestamp: datetime = Field(examples=[TIME_EXAMPLE])
    total_events: int = Field(description="Events of the last 15 minutes", examples=[900])
    events_per_minute: float | None = Field(description="null: no events yet", examples=[60.0])
    last_minute: int = Field(description="Events of the last 60 s", examples=[58])


class TapEnd(StrEnum):
    """The reason why a tap ended."""

    CLOSED = "closed"
    TIME_OVER = "time_over"
    READER_GONE = "reader_gone"
    LOST = "lost"
    """The enrichment-pipeline was restarted and has lost the tap."""
    STOPPED = "stopped"


class TapBody(Model):
    """The filter of the tap; omitted conditions match all events."""

    model_config = ConfigDict(extra="forbid")

    entity_id: str | None = Field(
        default=None, description="Pattern with * and ?, case-sensitive", max_length=255, examples=["light.*"]
    )
    domain: str | None = Field(default=None, max_length=255, examples=["light"])
    event_type: str | None = Field(default=None, max_length=255, examples=["state_changed"])
    area: str | None = Field(default=None, max_length=255, examples=["Kitchen"])
    home: str | None = Field(default=None, max_length=255, examples=["home"])


class TapAnswer(Model):
    """An open tap."""

    id: str = Field(examples=["0123456789abcdef"])
    ends: datetime = Field(examples=[TIME_EXAMPLE])
    remaining_s: float = Field(examples=[600.0])


class TapReason(Model):
    """The reason why an event was filtered (`key` is the rule) or rejected."""

    key: str = Field(examples=["excluded_domain"])
    message: str | None = Field(examples=[None])


class TappedPoint(Model):
    """The point of an event, with the fields as stored."""

    time: datetime = Field(examples=[TIME_EXAMPLE])
    time_ns: str = Field(
        description="Nanoseconds since 1970, as in the key of the point", examples=["1795921946123456042"]
    )
    home: str = Field(examples=["home"])
    event_type: str = Field(examples=["state_changed"])
    domain: str | None = Field(examples=["sensor"])
    entity_id: str | None = Field(examples=["sensor.kitchen_temperature"])
    state: str | None = Field(examples=["21.5"])
    value: float | None = Field(examples=[21.5])
    old_state: str | None = Field(examples=["21.4"])
    unit: str | None = Field(examples=["°C"])
    friendly_name: str | None = Field(examples=["Kitchen temperature"])
    area: str | None = Field(examples=["Kitchen"])
    floor: str | None = Field(examples=["Ground floor"])
    labels: list[str] | None = Field(examples=[["energy"]])
    device: str | None = Field(examples=["Kitchen sensor"])
    device_class: str | None = Field(examples=["temperature"])
    integration: str | None = Field(examples=["mqtt"])
    attributes: dict[str, Any] | None = Field(examples=[{"unit_of_measurement": "°C"}])
    data: Any = Field(description="Data of events other than state changes", examples=[None])
    removed: bool = Field(examples=[False])
    context_id: str | None = Field(examples=["01HG0000000000000000000000"])
    context_parent_id: str | None = Field(examples=[None])
    context_user_id: str | None = Field(examples=[None])
    origin: str | None = Field(examples=["LOCAL"])
    origin_kind: OriginKind = Field(examples=["live"])
    weather: EventWeather | None = Field(examples=[None])


class TappedEvent(Model):
    """An event of a tap: as sent by Home Assistant, with its outcome, the reason, and its point."""

    received: datetime = Field(examples=[TIME_EXAMPLE])
    home: str = Field(examples=["home"])
    origin_kind: OriginKind = Field(examples=["live"])
    outcome: TapOutcome = Field(examples=["written"])
    reason: TapReason | None = Field(examples=[None])
    raw: str = Field(description="The received text; JSON unless the event is malformed", examples=["{…}"])
    is_cut: bool = Field(description="Whether `raw` is truncated to 64 KiB", examples=[False])
    point: TappedPoint | None


class TapStatus(Model):
    """The state of a tap; `left_out` is null while the enrichment-pipeline is unreachable."""

    remaining_s: float = Field(examples=[587.2])
    left_out: int | None = Field(description="Events not shown because of the limit per second", examples=[0])
    error: str | None = Field(examples=[None])


class TapEnded(Model):
    """The reason why a tap ended."""

    reason: TapEnd = Field(examples=["time_over"])
