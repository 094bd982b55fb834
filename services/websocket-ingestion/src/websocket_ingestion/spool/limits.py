"""The limits of a spool: on disk, in memory, and in time."""

from __future__ import annotations

from msgspec import Struct

_MIB = 1024 * 1024


class SpoolLimits(Struct, frozen=True):
    """Bytes on disk, and in memory for the way in and the way out each; a failed write is repeated after `retry_s`.

    `sync_s` is how long live events may wait for their sync, and so until they count as received.
    """

    disk_bytes: int = 2048 * _MIB
    memory_bytes: int = 32 * _MIB
    retry_s: float = 1.0
    sync_s: float = 0.0

    @property
    def segment_bytes(self) -> int:
        """The size of a segment: small compared to the whole, large enough to be created rarely."""
        return min(max(self.disk_bytes // 64, 512), 16 * _MIB)


USUAL_LIMITS = SpoolLimits()
