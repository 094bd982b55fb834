"""The reasons for which reading from Home Assistant pauses, and what to check."""

from __future__ import annotations

from enum import StrEnum


class PauseReason(StrEnum):
    """Why nothing more is read from Home Assistant for now."""

    SPOOL_FULL = "spool_full"
    MEMORY_FULL = "spool_memory_full"
    NOT_WRITABLE = "spool_not_writable"


WHAT_TO_CHECK = {
    PauseReason.SPOOL_FULL: "Check the store, or raise SPOOL_LIMIT_BYTES",
    PauseReason.MEMORY_FULL: "Check the speed of the disk",
    PauseReason.NOT_WRITABLE: "Check that the disk is not full and not mounted read-only",
}
