"""The open gaps of one home: in memory, and in the journal on disk."""

from __future__ import annotations

import asyncio

import msgspec
import structlog
from ha_ingestor_core.clock import ns_to_rfc3339
from ha_ingestor_core.gaps import Gap, GapReason

from websocket_ingestion.gaps.journal import Entries, Journal, OpenGap
from websocket_ingestion.metrics import IngestionMetrics

_log = structlog.get_logger()

_MAY_GROW = frozenset({GapReason.RESTART, GapReason.CONNECTION_LOST, GapReason.SPOOL_FULL})


class OpenGaps:
    """`entries` is what the journal holds; a change of it has to be followed by `save`, or by `is_unsaved = True`."""

    def __init__(self, journal: Journal, metrics: IngestionMetrics) -> None:
        self.entries = Entries()
        self.found = 0
        self.is_unsaved = False
        self._journal = journal
        self._metrics = metrics
        self._saving = asyncio.Lock()
        self._save_error: str | None = None
        self._added = asyncio.Event()
        metrics.gaps_open.set_function(lambda: len(self.missing))

    @property
    def all(self) -> list[OpenGap]:
        """All open gaps, oldest first."""
        return self.entries.gaps

    @property
    def missing(self) -> list[OpenGap]:
        """The open gaps without the days before the first start, in which nothing was missed."""
        return [each for each in self.all if each.gap.reason is not GapReason.FIRST_START]

    @property
    def next(self) -> OpenGap | None:
        """The one to fill next: the oldest gap, and the days before the first start when there is none."""
        return next(iter(self.missing or self.all), None)

    def of(self, reason: GapReason) -> OpenGap | None:
        """The oldest one with a reason."""
        return next((each for each in self.all if each.gap.reason is reason), None)

    async def load(self) -> bool:
        """Read what an earlier process left; False where the journal was damaged, and gaps may have been open."""
        entries = await asyncio.to_thread(self._journal.read)
        self.entries = entries or Entries()
        if self.all:
            _log.info("open_gaps_resumed", gaps=len(self.all))
            self._added.set()
        return entries is not None

    async def save(self) -> None:
        """Write the journal; where the disk refuses, `is_unsaved` stays true."""
        async with self._saving:
            self.is_unsaved = False
            try:
                await asyncio.to_thread(self._journal.write_encoded, msgspec.json.encode(self.entries))
            except OSError as err:
                if self._save_error is None:
                    _log.error("open_gaps_not_saved", error=str(err), then="retried until it succeeds")
                self._save_error = str(err)
                self.is_unsaved = True
            else:
                self._save_error = None

    def find(self, gap: Gap) -> OpenGap:
        """Add a gap, or extend the one that it begins in: nothing was captured in between."""
        last = next((each for each in reversed(self.all) if _may_grow(each)), None)
        if last is not None and (
            last.gap.start_ns == gap.start_ns
            or (last.done_ns is None and last.gap.start_ns <= gap.start_ns <= last.gap.end_ns)
        ):
            last.gap = msgspec.structs.replace(last.gap, end_ns=max(gap.end_ns, last.gap.end_ns))
            return last
        return self.add(OpenGap(gap))

    def add(self, found: OpenGap) -> OpenGap:
        """Add and count a gap."""
        gap = found.gap
        self.all.append(found)
        self.found += 1
        self._metrics.gaps_found[gap.reason].inc()
        _log.info(
            "gap_found", reason=gap.reason.value, start=ns_to_rfc3339(gap.start_ns), end=ns_to_rfc3339(gap.end_ns)
        )
        return found

    def fill(self) -> None:
        """Let `wait_for_next` return: a gap is complete, and on disk."""
        self._added.set()

    async def wait_for_next(self) -> OpenGap:
        """Return the one to fill next, as soon as there is one."""
        while (found := self.next) is None:
            self._added.clear()
            await self._added.wait()
        return found


def _may_grow(found: OpenGap) -> bool:
    """Whether a later gap may extend it: not a requested one, nor a closed one that only has to be written."""
    return found.gap.reason in _MAY_GROW and found.gap.closed_ns is None
