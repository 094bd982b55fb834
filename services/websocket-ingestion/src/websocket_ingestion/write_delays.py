"""How long events may wait to share a sync and a transaction (docs/adr/0018)."""

from __future__ import annotations

from msgspec import Struct


class WriteDelays(Struct, frozen=True):
    """Seconds that live events wait for the sync of the spool, and then for the store, while there is no query."""

    sync_s: float = 0.0
    gather_s: float = 0.0


NO_DELAYS = WriteDelays()

SEPARATE_PROCESS = WriteDelays(sync_s=0.25)
"""For a separate process, which does not know of queries: an event is stored within a second."""
