"""A gap: a stretch of time in which events may have happened that nobody captured, and what became of it."""

from __future__ import annotations

from enum import StrEnum
from typing import Protocol

from msgspec import Struct


class GapReason(StrEnum):
    """Why nothing was captured."""

    RESTART = "restart"
    """The ingestion itself was away."""
    CONNECTION_LOST = "connection_lost"
    """Home Assistant, or the way to it, was away."""
    SPOOL_FULL = "spool_full"
    """There was no room on the disk, so nothing was read."""
    NOT_SENT = "not_sent"
    """Home Assistant changed states and sent no event for them, on a connection that was there."""
    FIRST_START = "first_start"
    """The days before the first start, which Home Assistant's recorder still has: nobody could have captured them."""
    REQUESTED = "requested"
    """Somebody asked to fill this time from the history."""


class GapStatus(StrEnum):
    """How far a gap has been closed."""

    OPEN = "open"
    """Its history has still to be fetched."""
    CLOSED = "closed"
    """All that the history knows is in the store."""
    PARTIAL = "partial"
    """Closed as far as the history reaches, which was not all of it: `lost` says what is missing."""


class Gap(Struct, frozen=True, kw_only=True):
    """One gap of one home, [start_ns, end_ns). Its key is (home, start_ns, reason): a later version replaces it.

    `recovered` counts the changes that the store did not have, `known` those it had. `lost` says in a sentence each
    what could not be recovered and why. `closed_ns` is None while the gap is open.
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
    """Where gaps are kept: the store, whichever way it is reached."""

    async def write_gaps(self, gaps: list[Gap]) -> None:
        """Keep the gaps, each in place of its earlier version; raises StoreUnavailableError and StoreRefusedError."""
        ...
