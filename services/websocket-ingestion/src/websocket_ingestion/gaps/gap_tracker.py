"""The gaps of one home: found between the checkpoint and a new connection, then filled, and written to the store."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import structlog
from ha_ingestor_core.clock import NS_PER_S, Clock, ns_to_rfc3339
from ha_ingestor_core.gaps import Gap, GapReason, GapSink
from ha_ingestor_core.tasks import supervised

from websocket_ingestion.gaps.backfill import RequestedBackfill, gap_detail, gap_progress
from websocket_ingestion.gaps.checkpoint_keeper import CheckpointKeeper
from websocket_ingestion.gaps.elapsed import this_moment
from websocket_ingestion.gaps.filling_loop import FillingLoop
from websocket_ingestion.gaps.filling_plan import FillingLimits
from websocket_ingestion.gaps.gap_bounds import captured_until, days_before, find_gap
from websocket_ingestion.gaps.journal import Journal, OpenGap
from websocket_ingestion.gaps.known_entities import changed_in, home_started_in
from websocket_ingestion.gaps.open_gaps import OpenGaps
from websocket_ingestion.gaps.outcomes import Outcomes
from websocket_ingestion.metrics import IngestionMetrics
from websocket_ingestion.registries.registry_changes import RegistryChanges
from websocket_ingestion.registries.renames import Rename
from websocket_ingestion.spool.intake import Intake
from websocket_ingestion.states.home_state import HomeState

_log = structlog.get_logger()

_TICK_S = 1.0
_PAUSE_IS_CAUSE_S = 60.0
"""A connection that is lost so soon after a pause of reading was lost because of it."""
_JOURNAL_DAMAGED_NS = 24 * 3600 * NS_PER_S


class GapTracker:
    """Lives from `start` to `stop`, through all connections: `connecting`, `subscribed`, `connected`, then `fill`.

    While a connection is set up the checkpoint is held, so that its first events do not hide the gap before them.
    """

    def __init__(
        self,
        *,
        home: str,
        folder: Path,
        intake: Intake,
        outcomes: Outcomes,
        sink: GapSink,
        clock: Clock,
        metrics: IngestionMetrics,
        limits: FillingLimits,
        tick_s: float = _TICK_S,
    ) -> None:
        self._home = home
        self._intake = intake
        self._outcomes = outcomes
        self._clock = clock
        self._limits = limits
        self._tick_s = tick_s
        self._checkpoint = CheckpointKeeper(folder / f"{home}.mark", watermark=intake.watermark, clock=clock)
        self._gaps = OpenGaps(Journal(folder / f"{home}.json"), metrics)
        self.backfill = RequestedBackfill(home, self._gaps, clock=clock, keep_days=limits.keep_days)
        """Begins a requested backfill, and knows its progress."""
        self._filling = FillingLoop(
            gaps=self._gaps,
            requested=self.backfill,
            intake=intake,
            outcomes=outcomes,
            sink=sink,
            clock=clock,
            metrics=metrics,
            limits=limits,
        )
        self._has_connected = False
        self._is_first = False
        self._subscribed_ns = 0
        self._subscribed_at = this_moment(clock)
        self._home_now_ns: int | None = None
        self._ticking: asyncio.Task[None] | None = None

    @property
    def open(self) -> list[OpenGap]:
        """The gaps that are not closed, oldest first."""
        return self._gaps.all

    @property
    def captured_until_ns(self) -> int | None:
        """Up to when everything was captured before this connection, in Home Assistant's time; None if never."""
        checkpoint = self._checkpoint.checkpoint
        if checkpoint is None or self._home_now_ns is None:
            return None
        return captured_until(checkpoint, home_now_ns=self._home_now_ns, now=self._subscribed_at)

    @property
    def renames(self) -> Sequence[Rename]:
        """All renames that are known, in the order of their times."""
        return self._gaps.entries.renames

    async def start(self) -> None:
        """Read what an earlier process left; raises OSError."""
        await self._checkpoint.open()
        if not await self._gaps.load():
            await self._checkpoint.step_back(_JOURNAL_DAMAGED_NS)
        await asyncio.to_thread(self._outcomes.read)
        self.backfill.resume()
        self._ticking = supervised(self._tick_for_ever, name="checkpoint")

    async def stop(self) -> None:
        """Write the last checkpoint; to be called when the spool has written the last event."""
        if self._ticking is not None:
            self._ticking.cancel()
            await asyncio.gather(self._ticking, return_exceptions=True)
        if self._checkpoint.is_open:
            await self._tick()
            await self._checkpoint.close()

    async def connecting(self) -> None:
        """A connection begins: its events come after a gap that is not known yet."""
        await self._advance()
        self._checkpoint.is_held = True

    async def subscribed(self, earliest_ns: int, latest_ns: int) -> None:
        """Events come from now on, by Home Assistant's clock: after the first time ever, a kill leaves a gap."""
        self._subscribed_ns, self._home_now_ns = earliest_ns, latest_ns
        self._subscribed_at = this_moment(self._clock)
        self._is_first = self._checkpoint.is_open and self._checkpoint.checkpoint is None
        if self._is_first:
            # Saved before the first checkpoint: this connection may end at once, and the process, too.
            await self._add_days_before(latest_ns)
            await self._checkpoint.write(earliest_ns)

    async def connected(self, now: HomeState) -> None:
        """The home is subscribed to: open the gap before it, durably, and let the checkpoint move on."""
        gap = find_gap(
            self._home,
            None if self._is_first else self._checkpoint.checkpoint,
            reason=self._reason(),
            home_now_ns=now.now_ns,
            now=self._subscribed_at,
        )
        if gap is not None:
            open_gap = self._gaps.find(gap)
            vanished = dict.fromkeys(self._gaps.entries.vanished(now), gap.start_ns)
            open_gap.home_started_ns = home_started_in(open_gap.gap, now) or open_gap.home_started_ns
            open_gap.unseen = {**(open_gap.unseen or {}), **vanished, **changed_in(open_gap.gap, now)}
        self._gaps.entries.connected(now, [open_gap.gap for open_gap in self.open])
        await self._gaps.save()
        self._has_connected = True
        self._checkpoint.is_held = False
        if gap is not None:
            self._gaps.fill()

    def apply(self, changes: RegistryChanges) -> None:
        """Take over what events reported of entities: the history is read by it later."""
        self._gaps.is_unsaved = self._gaps.entries.apply(changes) or self._gaps.is_unsaved

    def add_renames(self, renames: Iterable[Rename]) -> list[Rename]:
        """Add renames for which there was no event; return those that were not known yet."""
        new = self._gaps.entries.add_renames(renames)
        self._gaps.is_unsaved = bool(new) or self._gaps.is_unsaved
        return new

    def snapshot_taken(self) -> None:
        """The whole snapshot is in the spool: when it is durable, everything up to the subscription is."""
        self._intake.watermark.read(0, self._subscribed_ns)

    async def fill(self, now: HomeState) -> None:
        """Fill whatever gap is open, oldest first, over one connection; raises nothing but its cancellation."""
        await self._filling.run(now)

    async def not_sent(self, entities: dict[str, int], start_ns: int, end_ns: int) -> None:
        """Open a gap for changes for which Home Assistant sent no events; `entities` has the time of each last one."""
        gap = Gap(
            home=self._home,
            start_ns=start_ns,
            end_ns=max(end_ns, start_ns + 1),
            reason=GapReason.NOT_SENT,
            found_ns=self._clock.now_ns(),
        )
        self._gaps.add(OpenGap(gap, unseen=dict(entities), only=sorted(entities)))
        await self._gaps.save()
        self._gaps.fill()

    def status(self) -> dict[str, Any]:
        """The `gaps` of /stats."""
        checkpoint = self._checkpoint.checkpoint
        return {
            "found": self._gaps.found,
            "closed": self._filling.closed,
            "open": len(self._gaps.missing),
            "captured_until": None if checkpoint is None else ns_to_rfc3339(checkpoint.complete_ns),
            "filling": None if (open_gap := self._gaps.next) is None else self._filling_status(open_gap),
        }

    def _filling_status(self, open_gap: OpenGap) -> dict[str, Any]:
        progress = gap_progress(open_gap, self._limits.keep_days)
        return {
            **gap_detail(open_gap.gap),
            "done_percent": round(progress.done_percent, 1),
            "entities": open_gap.gap.entities,
            "entities_done": progress.entities_done,
            "read_until": None if progress.read_until_ns is None else ns_to_rfc3339(progress.read_until_ns),
            "last_error": self._filling.last_error,
        }

    async def _add_days_before(self, home_now_ns: int) -> None:
        """Once: a start whose checkpoint could not be written is a first one again."""
        days = self._limits.first_start_days if self._limits.enabled else 0
        gap = days_before(self._home, days, home_now_ns=home_now_ns, now=self._subscribed_at)
        if gap is not None:
            _log.info("history_before_first_start_requested", days=days)
            self._gaps.entries.gaps = [*self._gaps.missing, OpenGap(gap, unseen={})]
            await self._gaps.save()
            self._gaps.fill()

    def _reason(self) -> GapReason:
        if not self._has_connected:
            return GapReason.RESTART
        paused_at = self._intake.paused_at
        if paused_at is not None and self._clock.monotonic() - paused_at < _PAUSE_IS_CAUSE_S:
            return GapReason.SPOOL_FULL
        return GapReason.CONNECTION_LOST

    async def _tick_for_ever(self) -> None:
        while True:
            await asyncio.sleep(self._tick_s)
            await self._tick()

    async def _tick(self) -> None:
        if self._gaps.is_unsaved:
            await self._gaps.save()
        await self._advance()

    async def _advance(self) -> None:
        """Without a saved journal the checkpoint must not move: it would hide the gaps that are open."""
        if not self._gaps.is_unsaved:
            await self._checkpoint.advance()
