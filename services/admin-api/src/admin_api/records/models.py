"""Models of gaps, rejected events, the accounting and backfills."""

from __future__ import annotations

from datetime import datetime

from ha_ingestor_core.delivery import ReplayOutcome
from ha_ingestor_core.events import OriginKind
from ha_ingestor_core.gaps import GapReason, GapStatus
from pydantic import BaseModel, ConfigDict, Field

from admin_api.http.models import EVENT_ID_EXAMPLE, TIME_EXAMPLE, Model


class RejectedEvent(Model):
    """An event that was not stored, with the reason, and the time and outcome of its replay."""

    id: str = Field(examples=[EVENT_ID_EXAMPLE])
    time: datetime = Field(
        description="Time of arrival, as the time of the event may be invalid", examples=[TIME_EXAMPLE]
    )
    home: str = Field(examples=["home"])
    service: str = Field(examples=["enrichment-pipeline"])
    key: str = Field(description="Reason, as in the counters", examples=["missing_field"])
    message: str = Field(examples=["time_fired is missing"])
    origin_kind: OriginKind = Field(examples=[OriginKind.LIVE])
    replayed: datetime | None = Field(examples=[TIME_EXAMPLE])
    outcome: ReplayOutcome | None = Field(examples=[ReplayOutcome.WRITTEN])


class RejectedEventDetail(RejectedEvent):
    """A rejected event with its original JSON as text; very long texts are truncated, as noted in the message."""

    payload: str = Field(examples=['{"event_type":"state_changed","data":{}}'])


class RejectedAnswer(Model):
    """Rejected events, newest first; `next_cursor` is null on the last page."""

    events: list[RejectedEvent]
    counts: dict[str, int] = Field(description="Number of events by key, on all pages", examples=[{"missing_field": 3}])
    next_cursor: str | None = Field(examples=[None])


class RejectedFileAnswer(Model):
    """The file of rejected events of the enrichment-pipeline; null: unknown."""

    bytes: int | None = Field(description="Bytes in use", examples=[1_048_576])
    limit_bytes: int | None = Field(description="REJECTED_LIMIT_BYTES", examples=[67_108_864])
    last_error: str | None = Field(
        description="Reason why no more events are saved; null while they are", examples=[None]
    )


class ReplayAnswer(Model):
    """The outcome of a replay; `key` and `message` are the reason if the event was rejected again."""

    id: str = Field(examples=[EVENT_ID_EXAMPLE])
    outcome: ReplayOutcome = Field(examples=[ReplayOutcome.WRITTEN])
    replayed: datetime = Field(examples=[TIME_EXAMPLE])
    key: str | None = Field(examples=[None])
    message: str | None = Field(examples=[None])


class Gap(Model):
    """A time range in which events may not have been captured, and its recovery."""

    home: str = Field(examples=["home"])
    start: datetime = Field(examples=[TIME_EXAMPLE])
    end: datetime = Field(examples=[TIME_EXAMPLE])
    reason: GapReason = Field(examples=[GapReason.CONNECTION_LOST])
    status: GapStatus = Field(examples=[GapStatus.CLOSED])
    entities: int = Field(description="Number of entities whose history was requested", examples=[212])
    recovered: int = Field(description="Changes added to the store", examples=[1204])
    known: int = Field(description="Changes already in the store", examples=[3])
    lost: list[str] = Field(
        description="What could not be recovered and why, one sentence each",
        examples=[["Events other than state changes: Home Assistant keeps no history of them"]],
    )
    entity_names: dict[str, str] = Field(
        description="Friendly names of the entities in `lost`, if known",
        examples=[{"sensor.attic": "Attic temperature"}],
    )
    found: datetime = Field(examples=[TIME_EXAMPLE])
    closed: datetime | None = Field(examples=[TIME_EXAMPLE])


class Filling(Model):
    """A gap being filled: the history is read window by window, and is complete for all entities until `read_until`.

    In the current window, `entities_done` of `entities` are read. Paused while Home Assistant is unavailable.
    """

    home: str = Field(examples=["home"])
    start: datetime = Field(examples=[TIME_EXAMPLE])
    end: datetime = Field(examples=[TIME_EXAMPLE])
    reason: GapReason = Field(examples=[GapReason.RESTART])
    done_percent: float = Field(examples=[43.7])
    entities: int = Field(description="Number of entities whose history is read; 0 until known", examples=[212])
    entities_done: int = Field(examples=[75])
    read_until: datetime | None = Field(examples=[TIME_EXAMPLE])
    recovered: int = Field(description="Changes added to the store", examples=[1204])
    known: int = Field(description="Changes already in the store", examples=[3])
    is_connected: bool = Field(description="Whether Home Assistant is connected", examples=[True])
    last_error: str | None = Field(
        description="Error of the last attempt; it is repeated after GAP_FILLING_RETRY_S", examples=[None]
    )


class FillingAnswer(Model):
    """The gaps being filled, at most one per home."""

    filling: list[Filling]


class GapsAnswer(Model):
    """Gaps, newest start first; `next_cursor` is null on the last page."""

    gaps: list[Gap]
    open: int = Field(description="Number of open gaps of any time", examples=[0])
    next_cursor: str | None = Field(examples=[None])


class Account(Model):
    """received = written + duplicate + filtered + rejected + expired + failed + growth of the queue + difference."""

    received: int = Field(examples=[3600])
    written: int = Field(examples=[3560])
    duplicate: int = Field(examples=[12])
    filtered: int = Field(examples=[10])
    rejected: int = Field(examples=[8])
    expired: int = Field(description="Older than the retention of the store", examples=[0])
    failed: int = Field(description="Received, and lost by damage on the disk", examples=[0])
    queued_at_start: int = Field(examples=[0])
    queued_at_end: int = Field(examples=[10])
    difference: int = Field(description="Events without outcome that are not queued", examples=[0])
    adds_up: bool
    counted_until: datetime = Field(description="Time of the newest report", examples=[TIME_EXAMPLE])


class AccountingAnswer(Model):
    """The balance of every service that processes events and reported in the period."""

    timestamp: datetime = Field(examples=[TIME_EXAMPLE])
    period: str | None = Field(description="null if `start` was given", examples=["1h"])
    start: datetime = Field(examples=[TIME_EXAMPLE])
    end: datetime = Field(examples=[TIME_EXAMPLE])
    services: dict[str, Account]


class BackfillRequest(BaseModel):
    """The time range to fill, [start, end), both RFC 3339 with offset."""

    model_config = ConfigDict(extra="forbid")

    start: str = Field(examples=["2026-11-24T14:02:00+00:00"], json_schema_extra={"format": "date-time"})
    end: str = Field(examples=["2026-11-24T14:31:00+00:00"], json_schema_extra={"format": "date-time"})


class Backfill(Model):
    """A backfill; `closed` is null while it is running. `lost` lists what could not be recovered."""

    start: datetime = Field(examples=[TIME_EXAMPLE])
    end: datetime = Field(examples=[TIME_EXAMPLE])
    status: GapStatus
    done_percent: float
    entities: int
    entities_done: int = Field(description="Entities read in the window after `read_until`")
    read_until: datetime | None = Field(description="Time until which the history of all entities is read")
    recovered: int
    known: int
    lost: list[str]
    closed: datetime | None


class BackfillAnswer(Model):
    """The answer of `/backfill`."""

    backfill: Backfill | None
