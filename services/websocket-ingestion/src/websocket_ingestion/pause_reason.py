"""Why nothing more is read from Home Assistant for now."""

from __future__ import annotations

from enum import StrEnum


class PauseReason(StrEnum):
    """Why nothing more is read from Home Assistant for now."""

    SPOOL_FULL = "spool_full"
    MEMORY_FULL = "spool_memory_full"
    NOT_WRITABLE = "spool_not_writable"


WHAT_TO_CHECK = {
    PauseReason.SPOOL_FULL: "is the store keeping up? SPOOL_LIMIT_BYTES bounds what may wait for it",
    PauseReason.MEMORY_FULL: "is the disk keeping up?",
    PauseReason.NOT_WRITABLE: "is the disk full, or mounted read-only?",
}
