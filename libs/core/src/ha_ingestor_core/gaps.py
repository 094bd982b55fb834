"""A gap: a time range in which events may not have been captured, and how far it was filled."""

from __future__ import annotations

from enum import StrEnum
from typing import Protocol

from msgspec import Struct


class GapReason(StrEnum):
    """Why a time range was not captured."""

    RESTART = "restart"
    """HA Ingestor did not run."""
    CONNECTION_LOST = "connection_lost"
    """Home Assistant, or the connection to it, was unavailable."""
    SPOOL_FULL = "spool_full"
    """Reading had stopped because the disk or the spool was full."""
    NOT_SENT = "not_sent"
    """Home Assistant changed states without sending events, on an open connection."""
    FIRST_START = "first_start"
    """The days before the first start, as far as Home Assistant's recorder has them."""
    REQUESTED = "requested"
    """A backfill was requested for this time range."""


class GapStatus(StrEnum):
    """How far a gap has been filled."""

    OPEN = "open"
    """The history has not been fetched yet."""
    CLOSED = "closed"
    """Everything in the history is in the store."""
    PARTIAL = "partial"
    """Filled as far as the history reaches; `lost` lists what is missing."""


class Gap(Struct, frozen=True, kw_only=True):
    """One gap of one home, [start_ns, end_ns). Its key is (home, start_ns, reason): a later version replaces it.

    `recovered` counts the changes that were missing in the store, `known` those it already had. `lost` lists in one
    sentence each what could not be recovered and why. `closed_ns` is None while the gap is open.
    """

    home: str
    start_ns: int
    end_ns: int
    reason: GapReason
    status: GapStatus = GapStatus.OPEN
    entities: int = 0
    recovered: int = 0
    known: int = 0
    lost: list[str] = []
    found_ns: int
    closed_ns: int | None = None


class GapSink(Protocol):
    """Stores gaps."""

    async def write_gaps(self, gaps: list[Gap]) -> None:
        """Store the gaps in place of their earlier versions; raises StoreUnavailableError and StoreRefusedError."""
        ...
