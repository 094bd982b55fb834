"""The gaps of one home: keeps the mark, finds what lies between it and a new connection, has it filled and told."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import msgspec
import structlog
from ha_ingestor_core.calls.backfill import BackfillProgress, BackfillRunningError, backfill_range
from ha_ingestor_core.cancelled import end_if_cancelled
from ha_ingestor_core.clock import NS_PER_S, Clock, ns_to_rfc3339
from ha_ingestor_core.errors import IngestorError, TransientError
from ha_ingestor_core.gaps import Gap, GapReason, GapSink, GapStatus
from ha_ingestor_core.tasks import supervised

from websocket_ingestion.errors import CommandRefusedError
from websocket_ingestion.gaps import unrecoverable as losses
from websocket_ingestion.gaps.checkpoint import Mark, MarkFile
from websocket_ingestion.gaps.filler import GapFiller, HistoryUnreadableError
from websocket_ingestion.gaps.journal import Entries, Journal, OpenGap
from websocket_ingestion.gaps.known import changed_in, home_started_in
from websocket_ingestion.gaps.outcomes import Outcomes
from websocket_ingestion.gaps.plan import (
    FillingLimits,
    asked_range,
    captured_until,
    days_before,
    done_share,
    find_gap,
    summary,
)
from websocket_ingestion.gaps.source import HomeNow
from websocket_ingestion.metrics import IngestionMetrics
from websocket_ingestion.registries.registry_changes import News
from websocket_ingestion.registries.renames import Rename
from websocket_ingestion.spool.elapsed import this_moment
from websocket_ingestion.spool.intake import Intake

_log = structlog.get_logger()

_TICK_S = 1.0
_PAUSE_IS_TO_BLAME_S = 60.0
_PATIENCE = 10
_JOURNAL_DAMAGED_NS = 24 * 3600 * NS_PER_S


_MAY_GROW = frozenset({GapReason.RESTART, GapReason.CONNECTION_LOST, GapReason.SPOOL_FULL})


class _MoreUrgentError(TransientError):
    """A gap was found while the days before the first start were being filled in."""

    key = "more_urgent"


class GapTracker:
    """Lives from `start` to `stop`, through all connections: `connecting`, `connected`, then `fill_for_ever` of each.

    While a connection is set up the mark stands still, so that events which come already do not hide the gap before.
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
        self._kept = Entries()
        self._home = home
        self._folder = folder
        self._intake = intake
        self._outcomes = outcomes
        self._sink = sink
        self._clock = clock
        self._metrics = metrics
        self._limits = limits
        self._tick_s = tick_s
        self._journal = Journal(folder / f"{home}.json")
        self._mark: MarkFile | None = None
        self._mark_stands = True
        self._saving = asyncio.Lock()
        self._is_unsaved = False
        self._save_error: str | None = None
        self._filling_error: str | None = None
        self._mark_error: str | None = None
        self._has_connected = False
        self._is_first = False
        self._subscribed_ns = 0
        self._subscribed_at = this_moment(clock)
        self._home_now_ns: int | None = None
        self._requested: OpenGap | None = None
        self._last_requested: BackfillProgress | None = None
        self._found = self._closed = 0
        self._some = asyncio.Event()
        self._ticking: asyncio.Task[None] | None = None
        metrics.gaps_open.set_function(lambda: len(self._true_gaps))

    @property
    def open(self) -> list[OpenGap]:
        """The gaps that are not closed, oldest first."""
        return self._kept.gaps

    @property
    def _true_gaps(self) -> list[OpenGap]:
        return [filled for filled in self.open if filled.gap.reason is not GapReason.FIRST_START]

    @property
    def _next(self) -> OpenGap | None:
        """What is filled next: the oldest gap, and the days before the first start when there is none."""
        return next(iter(self._true_gaps or self.open), None)

    @property
    def captured_until_ns(self) -> int | None:
        """Up to when everything was captured before this connection, in Home Assistant's time; None if never."""
        if self._mark is None or self._mark.mark is None or self._home_now_ns is None:
            return None
        return captured_until(self._mark.mark, home_now_ns=self._home_now_ns, now=self._subscribed_at)

    async def start(self) -> None:
        """Read what an earlier process left; raises OSError."""
        self._mark = await asyncio.to_thread(MarkFile.open, self._folder / f"{self._home}.mark")
        kept = await asyncio.to_thread(self._journal.read)
        if kept is None and (mark := self._mark.mark) is not None:  # gaps may have been open
            await asyncio.to_thread(self._mark.write, Mark(mark.complete_ns - _JOURNAL_DAMAGED_NS, mark.written))
        self._kept = kept or Entries()
        await asyncio.to_thread(self._outcomes.read)
        self._requested = next((filled for filled in self.open if filled.gap.reason is GapReason.REQUESTED), None)
        if self.open:
            _log.info("open_gaps_resumed", gaps=len(self.open))
            self._some.set()
        self._ticking = supervised(self._tick_for_ever, name="capture mark")

    async def stop(self) -> None:
        """Note how far everything is durable; to be called when the spool has written the last event."""
        if self._ticking is not None:
            self._ticking.cancel()
            await asyncio.gather(self._ticking, return_exceptions=True)
        if self._mark is not None:
            if self._is_unsaved:
                await self._save()
            await self._advance()
            try:
                await asyncio.to_thread(self._mark.close)
            except OSError as err:
                self._note_mark_error(err)
            self._mark = None

    async def connecting(self) -> None:
        """A connection begins: what comes now lies behind a gap that is not known yet."""
        await self._advance()
        self._mark_stands = True

    async def subscribed(self, earliest_ns: int, latest_ns: int) -> None:
        """Events come from now on, by Home Assistant's clock: after the first time ever, a kill leaves a gap."""
        self._subscribed_ns, self._home_now_ns = earliest_ns, latest_ns
        self._subscribed_at = this_moment(self._clock)
        self._is_first = self._mark is not None and self._mark.mark is None
        if self._is_first:
            # Kept before the mark says that there was a start: this connection may end at once, and the process, too.
            await self._offer_days_before(latest_ns)
            await self._write_mark(earliest_ns)

    async def connected(self, now: HomeNow) -> None:
        """The home is subscribed to: open the gap before it, durably, and let the mark go on."""
        gap = find_gap(
            self._home,
            self._mark.mark if self._mark and not self._is_first else None,
            reason=self._reason(),
            home_now_ns=now.now_ns,
            now=self._subscribed_at,
        )
        if gap is not None:
            extended = self._add(gap)
            vanished = dict.fromkeys(self._kept.vanished(now), gap.start_ns)
            extended.home_started_ns = home_started_in(extended.gap, now) or extended.home_started_ns
            extended.unseen = {**(extended.unseen or {}), **vanished, **changed_in(extended.gap, now)}
        self._kept.connected(now, [filled.gap for filled in self.open])
        await self._save()
        self._has_connected = True
        self._mark_stands = False
        if gap is not None:
            self._some.set()

    def learn(self, news: News) -> None:
        """Events told of entities: what the history says of them later is read by that."""
        self._is_unsaved = self._kept.learn(news) or self._is_unsaved

    @property
    def renames(self) -> Sequence[Rename]:
        """All renames that are known, in the order of their times."""
        return self._kept.renames

    def learn_renames(self, renames: Iterable[Rename]) -> list[Rename]:
        """There are renames that nobody was told of; those of them that were not known yet."""
        new = self._kept.take_renames(renames)
        self._is_unsaved = bool(new) or self._is_unsaved
        return new

    def snapshot_taken(self) -> None:
        """The whole snapshot is in the spool: when it is durable, everything up to the subscription is."""
        self._intake.watermark.read(0, self._subscribed_ns)

    async def fill_for_ever(self, now: HomeNow) -> None:
        """Fill whatever gap is open, oldest first, over one connection; never raises but when it is cancelled."""
        failures = 0
        while True:
            end_if_cancelled()
            while (filled := self._next) is None:
                self._some.clear()
                await self._some.wait()
            try:
                if filled.gap.closed_ns is None:
                    await self._tell_that_it_is_open(filled)
                    await self._close(filled, await self._fill(filled, now))
                await self._sink.write_gaps([filled.gap])
                await self._forget(filled)
                failures, self._filling_error = 0, None
            except _MoreUrgentError:
                continue
            except Exception as err:
                failures += 1
                await self._go_on_later(filled, err, failures)

    async def not_sent(self, entities: dict[str, int], start_ns: int, end_ns: int) -> None:
        """These entities changed, the last time when it says, and Home Assistant sent no events for them."""
        gap = Gap(
            home=self._home,
            start_ns=start_ns,
            end_ns=max(end_ns, start_ns + 1),
            reason=GapReason.NOT_SENT,
            found_ns=self._clock.now_ns(),
        )
        self.open.append(OpenGap(gap, unseen=dict(entities), only=sorted(entities)))
        self._count_found(gap)
        await self._save()
        self._some.set()

    async def begin_backfill(self, start_ns: int, end_ns: int) -> BackfillProgress:
        """Begin to fill [start, end); raises InvalidInputError and BackfillRunningError."""
        backfill_range(start_ns, end_ns, self._clock.now_ns())
        if self._requested is not None:
            raise BackfillRunningError("a backfill runs already; wait for its end", **_as_detail(self._requested.gap))
        gap = Gap(
            home=self._home,
            start_ns=start_ns,
            end_ns=end_ns,
            reason=GapReason.REQUESTED,
            found_ns=self._clock.now_ns(),
        )
        self._requested = OpenGap(gap)
        self.open.append(self._requested)
        await self._save()
        self._some.set()
        return self._progress(self._requested)

    async def backfill_progress(self) -> BackfillProgress | None:
        """The backfill that runs, or the last one since the start; None when there was none."""
        before = next((each for each in self.open if each.gap.reason is GapReason.FIRST_START), None)
        if self._requested is None and self._last_requested is not None:
            return self._last_requested
        runs = self._requested or before
        return self._progress(runs) if runs else None

    def status(self) -> dict[str, Any]:
        """The `gaps` of /stats."""
        mark = self._mark.mark if self._mark else None
        return {
            "found": self._found,
            "closed": self._closed,
            "open": len(self._true_gaps),
            "captured_until": None if mark is None else ns_to_rfc3339(mark.complete_ns),
            "filling": None if (filled := self._next) is None else self._as_progress(filled),
        }

    def _as_progress(self, filled: OpenGap) -> dict[str, Any]:
        progress = self._progress(filled)
        return {
            **_as_detail(filled.gap),
            "done_percent": round(progress.done_percent, 1),
            "entities": filled.gap.entities,
            "entities_done": progress.entities_done,
            "read_until": None if progress.read_until_ns is None else ns_to_rfc3339(progress.read_until_ns),
            "last_error": self._filling_error,
        }

    async def _offer_days_before(self, home_now_ns: int) -> None:
        """Once: a start whose mark could not be written is a first one again."""
        days = self._limits.first_start_days if self._limits.enabled else 0
        gap = days_before(self._home, days, home_now_ns=home_now_ns, now=self._subscribed_at)
        if gap is not None:
            _log.info("history_before_first_start_wanted", days=days)
            self._kept.gaps = [*self._true_gaps, OpenGap(gap, unseen={})]
            await self._save()
            self._some.set()

    def _reason(self) -> GapReason:
        if not self._has_connected:
            return GapReason.RESTART
        paused_at = self._intake.paused_at
        if paused_at is not None and self._clock.monotonic() - paused_at < _PAUSE_IS_TO_BLAME_S:
            return GapReason.SPOOL_FULL
        return GapReason.CONNECTION_LOST

    def _add(self, gap: Gap) -> OpenGap:
        """A gap that begins inside the one before is the same: nothing was captured in between."""
        last = next((each for each in reversed(self.open) if _may_grow(each)), None)
        if last is not None and (
            last.gap.start_ns == gap.start_ns
            or (last.done_ns is None and last.gap.start_ns <= gap.start_ns <= last.gap.end_ns)
        ):
            last.gap = msgspec.structs.replace(last.gap, end_ns=max(gap.end_ns, last.gap.end_ns))
            return last
        found = OpenGap(gap)
        self.open.append(found)
        self._count_found(gap)
        return found

    def _count_found(self, gap: Gap) -> None:
        self._found += 1
        self._metrics.gaps_found[gap.reason].inc()
        _log.info(
            "gap_found", reason=gap.reason.value, start=ns_to_rfc3339(gap.start_ns), end=ns_to_rfc3339(gap.end_ns)
        )

    async def _tell_that_it_is_open(self, filled: OpenGap) -> None:
        if filled.gap.reason is GapReason.FIRST_START:  # nothing is missing, so nobody has to be alarmed
            return
        try:
            await self._sink.write_gaps([filled.gap])
        except IngestorError as err:  # its end will be told again and again, until it is kept
            _log.debug("gap_not_told", error=err.message)

    async def _fill(self, filled: OpenGap, now: HomeNow) -> list[str]:
        if not self._limits.enabled and filled is not self._requested:
            return [losses.NOT_ASKED]
        filler = GapFiller(
            home=now,
            known=self._kept,
            intake=self._intake,
            outcomes=self._outcomes,
            clock=self._clock,
            limits=self._limits,
        )
        entities = filled.only or now.updated.keys() | now.registered | self._kept.entities

        async def save() -> None:
            self._filling_error = None
            await self._save()
            if self._next is not filled:
                raise _MoreUrgentError("a gap is filled first")

        return await filler.fill(filled, entities, save)

    async def _close(self, filled: OpenGap, lost: list[str]) -> None:
        filled.gap = gap = msgspec.structs.replace(
            filled.gap,
            status=GapStatus.PARTIAL if lost else GapStatus.CLOSED,
            lost=_all_lost(filled, lost),
            closed_ns=self._clock.now_ns(),
        )
        await self._save()
        self._closed += 1
        self._metrics.gaps_closed[gap.status].inc()
        self._metrics.gap_changes["recovered"].inc(gap.recovered)
        self._metrics.gap_changes["known"].inc(gap.known)
        _log.info(
            "gap_closed",
            summary=summary(gap),
            reason=gap.reason.value,
            status=gap.status.value,
            recovered=gap.recovered,
            known=gap.known,
            lost=lost or None,
        )

    async def _forget(self, filled: OpenGap) -> None:
        self.open.remove(filled)
        if filled is self._requested:
            self._last_requested, self._requested = self._progress(filled), None
        await self._save()

    async def _go_on_later(self, filled: OpenGap, err: Exception, failures: int) -> None:
        """Try again after a while; what Home Assistant answers wrongly for ever must not hold up the gaps behind it."""
        if not isinstance(err, IngestorError):
            _log.exception("gap_filling_failed_unexpectedly")
        log = _log.warning if failures == 1 else _log.debug
        log("gap_not_filled_yet", error=str(err), retry_in_s=self._limits.retry_s)
        self._filling_error = str(err)
        await asyncio.sleep(self._limits.retry_s)
        if failures >= _PATIENCE and isinstance(err, CommandRefusedError | HistoryUnreadableError):
            await self._close(filled, [losses.given_up(str(err))])

    def _progress(self, filled: OpenGap) -> BackfillProgress:
        gap = filled.gap
        start_ns, end_ns = asked_range(gap, self._limits.keep_days)
        entities_done = min(filled.asked, gap.entities)
        done = done_share(
            start_ns,
            end_ns,
            done_ns=filled.done_ns,
            window_ns=filled.tried_window_ns,
            share_of_window=entities_done / gap.entities if gap.entities else 0.0,
        )
        return BackfillProgress(
            gap=gap,
            done_percent=100.0 if gap.closed_ns else min(99.0, done * 100),
            entities_done=gap.entities if gap.closed_ns else entities_done,
            read_until_ns=filled.done_ns,
        )

    async def _tick_for_ever(self) -> None:
        while True:
            await asyncio.sleep(self._tick_s)
            if self._is_unsaved:
                await self._save()
            await self._advance()

    async def _advance(self) -> None:
        """Move the mark to what is durable now, back too where Home Assistant's clock was set back."""
        complete_ns = self._intake.watermark.time_ns
        if self._mark is None or self._mark_stands or self._is_unsaved or complete_ns is None:
            return
        if self._mark.mark is None or self._mark.mark.complete_ns != complete_ns:
            await self._write_mark(complete_ns)

    async def _write_mark(self, complete_ns: int) -> None:
        """Where the disk does not take it the older mark stays, and a little more of the history is asked for."""
        assert self._mark is not None
        try:
            await asyncio.to_thread(self._mark.write, Mark(complete_ns, this_moment(self._clock)))
        except OSError as err:
            self._note_mark_error(err)
        else:
            self._mark_error = None

    def _note_mark_error(self, err: OSError) -> None:
        log = _log.warning if self._mark_error is None else _log.debug
        log("mark_not_written", error=str(err), then="tried again until it works")
        self._mark_error = str(err)

    async def _save(self) -> None:
        """Keep what is open; where the disk does not take it, the mark waits until it does."""
        async with self._saving:
            self._is_unsaved = False
            try:
                await asyncio.to_thread(self._journal.write_encoded, msgspec.json.encode(self._kept))
            except OSError as err:
                if self._save_error is None:
                    _log.error("open_gaps_not_saved", error=str(err), then="tried again until it works")
                self._save_error = str(err)
                self._is_unsaved = True
            else:
                self._save_error = None


def _may_grow(filled: OpenGap) -> bool:
    """Not where somebody named its ends, nor where it is closed, and only has to be written."""
    return filled.gap.reason in _MAY_GROW and filled.gap.closed_ns is None


def _all_lost(filled: OpenGap, lost: list[str]) -> list[str]:
    """With what is true of every gap of its kind, and no reason to call one partial."""
    if filled.gap.reason in (GapReason.NOT_SENT, GapReason.FIRST_START):
        return lost
    started = [] if filled.home_started_ns is None else [losses.home_started(filled.home_started_ns)]
    return [losses.OTHER_EVENTS, *lost, *started]


def _as_detail(gap: Gap) -> dict[str, Any]:
    return {
        "start": ns_to_rfc3339(gap.start_ns),
        "end": ns_to_rfc3339(gap.end_ns),
        "reason": gap.reason.value,
        "recovered": gap.recovered,
        "known": gap.known,
    }
