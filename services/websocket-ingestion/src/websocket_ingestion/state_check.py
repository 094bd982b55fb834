"""Compares what Home Assistant shows with what was captured, and has what was never sent fetched from its history."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import structlog

from websocket_ingestion.captured_states import CapturedStates
from websocket_ingestion.gaps.keeper import GapKeeper
from websocket_ingestion.gaps.plan import named
from websocket_ingestion.metrics import IngestionMetrics
from websocket_ingestion.server_clock import ServerClock
from websocket_ingestion.snapshot import Snapshot

_log = structlog.get_logger()


class StateCheck:
    """The comparisons of one home, through all connections."""

    def __init__(self, *, gaps: GapKeeper, home_clock: ServerClock, metrics: IngestionMetrics) -> None:
        self.captured = CapturedStates()
        self._gaps = gaps
        self._home_clock = home_clock
        self._metrics = metrics
        self._complete_ns: int | None = None

    async def connected(self, snapshot: Snapshot) -> None:
        """A connection begins: what is newer than the last captured moment lies in a gap, and is asked for there."""
        since_ns, until_ns = self._complete_ns, self._gaps.captured_until_ns
        if snapshot.updated and since_ns is not None and until_ns is not None:
            newer = self.captured.newer_in(snapshot)
            unsent = {entity: updated_ns for entity, updated_ns in newer.items() if updated_ns < until_ns}
            await self._tell(unsent, since_ns, until_ns)
        self._take(snapshot, self._home_clock.earliest_ns())
        self.captured.forget(self.captured.entities - snapshot.updated.keys())

    async def compare(self, fetch: Callable[[], Awaitable[Snapshot]]) -> Snapshot | None:
        """Fetch a snapshot and compare; the part of it that was never sent, None where nothing is missing."""
        asked_ns, known_before = self._home_clock.earliest_ns(), self.captured.entities
        snapshot = await fetch()
        if not snapshot.updated or self._complete_ns is None:
            return None
        newer = self.captured.newer_in(snapshot)
        hidden = known_before & self.captured.entities - snapshot.updated.keys()
        unsent = newer | {entity: 1 + (self.captured.updated_ns(entity) or 0) for entity in hidden}
        await self._tell(unsent, self._complete_ns, self._home_clock.latest_ns())
        self._take(snapshot, asked_ns)
        self.captured.forget(hidden)
        return snapshot.of(newer) if newer else None

    def _take(self, snapshot: Snapshot, now_ns: int) -> None:
        self.captured.take(snapshot)
        self._complete_ns = now_ns

    async def _tell(self, unsent: dict[str, int], since_ns: int, until_ns: int) -> None:
        if not unsent:
            return
        self._metrics.lost_events.inc(len(unsent))
        _log.warning("changes_never_sent", entities=named(unsent), then="asked for from the history")
        await self._gaps.not_sent(unsent, since_ns, until_ns)
