"""A requested backfill, and the progress of filling a gap."""

from __future__ import annotations

from typing import Any

from ha_ingestor_core.calls.backfill import BackfillProgress, BackfillRunningError, backfill_range
from ha_ingestor_core.clock import Clock, ns_to_rfc3339
from ha_ingestor_core.gaps import Gap, GapReason

from websocket_ingestion.gaps.filling_plan import done_share, history_range
from websocket_ingestion.gaps.journal import OpenGap
from websocket_ingestion.gaps.open_gaps import OpenGaps


class RequestedBackfill:
    """At most one at a time; the last one that has ended stays known until the process ends."""

    def __init__(self, home: str, gaps: OpenGaps, *, clock: Clock, keep_days: int) -> None:
        self.running: OpenGap | None = None
        self.last: BackfillProgress | None = None
        self._home = home
        self._gaps = gaps
        self._clock = clock
        self._keep_days = keep_days

    def resume(self) -> None:
        """Continue what an earlier process began."""
        self.running = self._gaps.of(GapReason.REQUESTED)

    async def begin(self, start_ns: int, end_ns: int) -> BackfillProgress:
        """Begin to fill [start, end); raises InvalidInputError and BackfillRunningError."""
        backfill_range(start_ns, end_ns, self._clock.now_ns())
        if self.running is not None:
            raise BackfillRunningError(
                "A backfill is already running. Wait until it has ended.", **gap_detail(self.running.gap)
            )
        gap = Gap(
            home=self._home,
            start_ns=start_ns,
            end_ns=end_ns,
            reason=GapReason.REQUESTED,
            found_ns=self._clock.now_ns(),
        )
        self.running = OpenGap(gap)
        self._gaps.all.append(self.running)
        await self._gaps.save()
        self._gaps.fill()
        return gap_progress(self.running, self._keep_days)

    def closed(self, open_gap: OpenGap) -> None:
        """A gap is closed; it may have been the requested one."""
        if open_gap is self.running:
            self.last, self.running = gap_progress(open_gap, self._keep_days), None

    def progress(self) -> BackfillProgress | None:
        """The backfill that runs, or the last one since the start; None when there was none.

        Before the first request it is that of the days before the first start.
        """
        if self.running is None and self.last is not None:
            return self.last
        open_gap = self.running or self._gaps.of(GapReason.FIRST_START)
        return gap_progress(open_gap, self._keep_days) if open_gap else None


def gap_progress(open_gap: OpenGap, keep_days: int) -> BackfillProgress:
    """How far the filling of a gap is; `keep_days` is how much the recorder keeps."""
    gap = open_gap.gap
    start_ns, end_ns = history_range(gap, keep_days)
    entities_done = min(open_gap.entities_done, gap.entities)
    done = done_share(
        start_ns,
        end_ns,
        done_ns=open_gap.done_ns,
        window_ns=open_gap.tried_window_ns,
        share_of_window=entities_done / gap.entities if gap.entities else 0.0,
    )
    return BackfillProgress(
        gap=gap,
        done_percent=100.0 if gap.closed_ns else min(99.0, done * 100),
        entities_done=gap.entities if gap.closed_ns else entities_done,
        read_until_ns=open_gap.done_ns,
    )


def gap_detail(gap: Gap) -> dict[str, Any]:
    """A gap as /stats and an error's detail show it."""
    return {
        "start": ns_to_rfc3339(gap.start_ns),
        "end": ns_to_rfc3339(gap.end_ns),
        "reason": gap.reason.value,
        "recovered": gap.recovered,
        "known": gap.known,
    }
