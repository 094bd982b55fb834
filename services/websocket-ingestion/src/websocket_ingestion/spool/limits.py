"""How much a spool may hold, and why it may hold no more."""

from __future__ import annotations

from msgspec import Struct

_MIB = 1024 * 1024


class SpoolLimits(Struct, frozen=True):
    """How much may be on disk, and in memory, on the way in and on the way out each; a failed write waits `retry_s`.

    `sync_s` is how long the first of a few live events may wait for its sync, and so until it counts as received.
    """

    disk_bytes: int = 2048 * _MIB
    memory_bytes: int = 32 * _MIB
    retry_s: float = 1.0
    sync_s: float = 0.0

    @property
    def segment_bytes(self) -> int:
        """The size of a file: small against the whole, large enough to be made rarely."""
        return min(max(self.disk_bytes // 64, 512), 16 * _MIB)


USUAL_LIMITS = SpoolLimits()
