"""Models of the answers about gaps, rejected events, the accounting and backfills."""

from __future__ import annotations

from datetime import datetime

from ha_ingestor_core.delivery import ReplayOutcome
from ha_ingestor_core.events import OriginKind
from ha_ingestor_core.gaps import GapReason, GapStatus
from pydantic import BaseModel, ConfigDict, Field

from admin_api.http.models import EVENT_ID_EXAMPLE, TIME_EXAMPLE, Model


class RejectedEvent(Model):
    """An event that was not stored, and why; once it was replayed, when and how that ended."""

    id: str = Field(examples=[EVENT_ID_EXAMPLE])
    time: datetime = Field(description="When it arrived: its own time may be what is wrong", examples=[TIME_EXAMPLE])
    home: str = Field(examples=["home"])
    service: str = Field(examples=["enrichment-pipeline"])
    key: str = Field(description="The reason, as counted", examples=["missing_field"])
    message: str = Field(examples=["time_fired should be there, got nothing"])
    origin_kind: OriginKind = Field(examples=[OriginKind.LIVE])
    replayed: datetime | None = Field(examples=[TIME_EXAMPLE])
    outcome: ReplayOutcome | None = Field(examples=[ReplayOutcome.WRITTEN])


class RejectedEventDetail(RejectedEvent):
    """A rejected event with the JSON that came, as text; a very long one is cut, and its message says so."""

    payload: str = Field(examples=['{"event_type":"state_changed","data":{}}'])


class RejectedAnswer(Model):
    """Rejected events, newest first; `next_cursor` is null on the last page."""

    events: list[RejectedEvent]
    counts: dict[str, int] = Field(
        description="How many there are by key, on all pages together", examples=[{"missing_field": 3}]
    )
    next_cursor: str | None = Field(examples=[None])


class RejectedFileAnswer(Model):
    """The file in which the enrichment-pipeline keeps rejected events; null is unknown."""

    bytes: int | None = Field(description="In use", examples=[1_048_576])
    limit_bytes: int | None = Field(description="REJECTED_LIMIT_BYTES", examples=[67_108_864])
    last_error: str | None = Field(description="Why nothing more is kept; null while events are", examples=[None])


class ReplayAnswer(Model):
    """What became of a replayed event; where it was rejected again, `key` and `message` are the new reason."""

    id: str = Field(examples=[EVENT_ID_EXAMPLE])
    outcome: ReplayOutcome = Field(examples=[ReplayOutcome.WRITTEN])
    replayed: datetime = Field(examples=[TIME_EXAMPLE])
    key: str | None = Field(examples=[None])
    message: str | None = Field(examples=[None])


class Gap(Model):
    """A stretch of time in which events may have happened that nobody captured, and what became of it."""

    home: str = Field(examples=["home"])
    start: datetime = Field(examples=[TIME_EXAMPLE])
    end: datetime = Field(examples=[TIME_EXAMPLE])
    reason: GapReason = Field(examples=[GapReason.CONNECTION_LOST])
    status: GapStatus = Field(examples=[GapStatus.CLOSED])
    entities: int = Field(description="Whose history was asked for", examples=[212])
    recovered: int = Field(description="Changes that the store did not have", examples=[1204])
    known: int = Field(description="Changes that it had", examples=[3])
    lost: list[str] = Field(
        description="What could not be recovered and why, a sentence each",
        examples=[["Events other than state changes: Home Assistant keeps no history of them"]],
    )
    entity_names: dict[str, str] = Field(
        description="Friendly names of the entities that `lost` names, where they are known",
        examples=[{"sensor.attic": "Attic temperature"}],
    )
    found: datetime = Field(examples=[TIME_EXAMPLE])
    closed: datetime | None = Field(examples=[TIME_EXAMPLE])


class Filling(Model):
    """A gap that is being filled: the history is read stretch by stretch, of all entities until `read_until`.

    `entities_done` of `entities` were read in the stretch after it. Nothing is read while Home Assistant is away.
    """

    home: str = Field(examples=["home"])
    start: datetime = Field(examples=[TIME_EXAMPLE])
    end: datetime = Field(examples=[TIME_EXAMPLE])
    reason: GapReason = Field(examples=[GapReason.RESTART])
    done_percent: float = Field(examples=[43.7])
    entities: int = Field(description="Whose history is read; 0 until that is known", examples=[212])
    entities_done: int = Field(examples=[75])
    read_until: datetime | None = Field(examples=[TIME_EXAMPLE])
    recovered: int = Field(description="Changes that the store did not have", examples=[1204])
    known: int = Field(description="Changes that it had", examples=[3])
    is_connected: bool = Field(description="Whether Home Assistant can be asked now", examples=[True])
    last_error: str | None = Field(
        description="Why the last attempt failed; it is tried again after GAP_FILLING_RETRY_S", examples=[None]
    )


class FillingAnswer(Model):
    """What is being fetched from Home Assistant's history now, one gap per home at a time."""

    filling: list[Filling]


class GapsAnswer(Model):
    """Gaps, those that began last first; `next_cursor` is null on the last page."""

    gaps: list[Gap]
    open: int = Field(description="How many are open, of any time", examples=[0])
    next_cursor: str | None = Field(examples=[None])


class Account(Model):
    """received = written + duplicate + filtered + rejected + expired + failed + what the queue grew by + difference."""

    received: int = Field(examples=[3600])
    written: int = Field(examples=[3560])
    duplicate: int = Field(examples=[12])
    filtered: int = Field(examples=[10])
    rejected: int = Field(examples=[8])
    expired: int = Field(description="Older than the store keeps", examples=[0])
    failed: int = Field(description="Received, and then made unreadable by damage on the disk", examples=[0])
    queued_at_start: int = Field(examples=[0])
    queued_at_end: int = Field(examples=[10])
    difference: int = Field(description="What has neither an end nor a place in the queue", examples=[0])
    adds_up: bool
    counted_until: datetime = Field(description="The time of the newest report", examples=[TIME_EXAMPLE])


class AccountingAnswer(Model):
    """The balance of every service that events go through and that reported in the period."""

    timestamp: datetime = Field(examples=[TIME_EXAMPLE])
    period: str | None = Field(description="Null where `start` was given", examples=["1h"])
    start: datetime = Field(examples=[TIME_EXAMPLE])
    end: datetime = Field(examples=[TIME_EXAMPLE])
    services: dict[str, Account]


class BackfillRequest(BaseModel):
    """The time to fill, [start, end), both RFC 3339 with offset."""

    model_config = ConfigDict(extra="forbid")

    start: str = Field(examples=["2026-11-24T14:02:00+00:00"], json_schema_extra={"format": "date-time"})
    end: str = Field(examples=["2026-11-24T14:31:00+00:00"], json_schema_extra={"format": "date-time"})


class Backfill(Model):
    """A backfill as it is now; `closed` is null while it runs. `lost` says what could not be recovered."""

    start: datetime = Field(examples=[TIME_EXAMPLE])
    end: datetime = Field(examples=[TIME_EXAMPLE])
    status: GapStatus
    done_percent: float
    entities: int
    entities_done: int = Field(description="Of `entities`, those that were read in the stretch after `read_until`")
    read_until: datetime | None = Field(description="Up to when the history of all entities was read")
    recovered: int
    known: int
    lost: list[str]
    closed: datetime | None


class BackfillAnswer(Model):
    """`/backfill`."""

    backfill: Backfill | None
