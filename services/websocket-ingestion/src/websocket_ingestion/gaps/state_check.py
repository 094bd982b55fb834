"""Compares Home Assistant's states with the captured ones, and has changes that were never sent filled as a gap."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import structlog
from ha_ingestor_core.clock import NS_PER_S

from websocket_ingestion.gaps.filling_plan import shortened
from websocket_ingestion.gaps.gap_tracker import GapTracker
from websocket_ingestion.metrics import IngestionMetrics
from websocket_ingestion.server_clock import ServerClock
from websocket_ingestion.states.captured_states import CapturedStates
from websocket_ingestion.states.snapshot import Snapshot

_log = structlog.get_logger()

_UNCERTAIN_NS = 2 * NS_PER_S
"""Home Assistant's clock is known to a second, and the checkpoint is written once a second."""


class StateCheck:
    """The comparisons of one home, through all connections."""

    def __init__(self, *, gaps: GapTracker, home_clock: ServerClock, metrics: IngestionMetrics) -> None:
        self.captured = CapturedStates()
        self._gaps = gaps
        self._home_clock = home_clock
        self._metrics = metrics
        self._complete_ns: int | None = None
        self._comparing = asyncio.Lock()

    async def connected(self, snapshot: Snapshot) -> None:
        """Compare the snapshot of a new connection; states newer than the last captured moment belong to a gap.

        So do those that are barely older, since a small set-back of Home Assistant's clock cannot be noticed. Where
        Home Assistant refused the snapshot, nothing is compared before the next one.
        """
        if not snapshot.updated:
            self._complete_ns = None
            return
        since_ns, captured_ns = self._complete_ns, self._gaps.captured_until_ns
        if since_ns is not None and captured_ns is not None:
            until_ns = captured_ns - _UNCERTAIN_NS
            newer = self.captured.newer_in(snapshot)
            unsent = {entity: updated_ns for entity, updated_ns in newer.items() if updated_ns < until_ns}
            await self._report(unsent, since_ns, until_ns)
        self._begin(snapshot, self._home_clock.earliest_ns())

    async def compare(self, fetch: Callable[[], Awaitable[Snapshot]]) -> Snapshot | None:
        """Fetch a snapshot and compare it; return the part that was never sent, None where nothing is missing.

        Where Home Assistant refused the snapshot of the connection, return the whole of the first one.
        """
        async with self._comparing:  # two at once would find and count the same changes
            return await self._compare(fetch)

    async def _compare(self, fetch: Callable[[], Awaitable[Snapshot]]) -> Snapshot | None:
        requested_ns, known_before = self._home_clock.earliest_ns(), self.captured.entities
        snapshot = await fetch()
        if not snapshot.updated:
            return None
        if self._complete_ns is None:
            self._begin(snapshot, requested_ns)
            return snapshot
        newer = self.captured.newer_in(snapshot)
        hidden = known_before & self.captured.entities - snapshot.updated.keys()
        unsent = newer | {entity: 1 + (self.captured.updated_ns(entity) or 0) for entity in hidden}
        await self._report(unsent, self._complete_ns, self._home_clock.latest_ns())
        self._add(snapshot, requested_ns)
        self.captured.forget(hidden)
        return snapshot.of(newer) if newer else None

    def _begin(self, snapshot: Snapshot, now_ns: int) -> None:
        self._add(snapshot, now_ns)
        self.captured.forget(self.captured.entities - snapshot.updated.keys())

    def _add(self, snapshot: Snapshot, now_ns: int) -> None:
        self.captured.add_snapshot(snapshot)
        self._complete_ns = now_ns

    async def _report(self, unsent: dict[str, int], since_ns: int, until_ns: int) -> None:
        if not unsent:
            return
        self._metrics.lost_events.inc(len(unsent))
        _log.warning("changes_never_sent", entities=shortened(unsent), then="requested from the history")
        await self._gaps.not_sent(unsent, since_ns, until_ns)
