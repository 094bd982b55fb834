"""How long events may wait so that few a second share a sync and a transaction; docs/adr/0018 has the figures."""

from __future__ import annotations

from msgspec import Struct


class Pace(Struct, frozen=True):
    """Seconds that live events wait for the sync of the spool, and then in it for the store, while nobody asks."""

    sync_s: float = 0.0
    gather_s: float = 0.0


NO_WAITING = Pace()

APART = Pace(sync_s=0.25)
"""Of a process of its own, which does not learn of questions: an event is stored within a second all the same."""
