"""The totals of the pipeline since its first start; they survive kill -9.

Where the store has transactions, the totals are stored in those of the events. Otherwise they are in a file, which is
written after the acknowledgement of the store and before that of the batch: after a kill between the two, the events
are delivered again, and counted as duplicates.
"""

from __future__ import annotations

import asyncio
from pathlib import Path

import msgspec
import structlog
from ha_ingestor_core.errors import StoreDamagedError, StoreUnavailableError
from ha_ingestor_core.files.durable_file import read_state, write_durably
from ha_ingestor_core.reporting.report_journal import ReportJournal
from ha_ingestor_core.reporting.totals import Totals
from ha_ingestor_core.service_metrics import ServiceCounters
from ha_ingestor_store.store import EventWriter

_log = structlog.get_logger()


class DurableTotals:
    """The totals of one service, changed together with its counters."""

    def __init__(self, path: Path, *, service: str, counters: ServiceCounters) -> None:
        self.now = Totals()
        self._path = path
        self._service = service
        self._counters = counters
        self._is_ours = False
        self._unread: EventWriter | None = None
        self._is_failing = False

    async def load(self, store: EventWriter, journal: ReportJournal | None = None) -> None:
        """Load the totals of the earlier process; raises the errors of the store.

        While the store is unavailable or damaged, the last reported totals are used until it accepts events. A store
        with fewer events than were reported has lost some: a backup was restored, or its log was lost.
        """
        entries = await asyncio.to_thread(journal.read) if journal else []
        reported = entries[-1].totals if entries else Totals()
        try:
            stored = await store.totals(self._service)
        except (StoreDamagedError, StoreUnavailableError):
            self._unread, self.now = store, reported
            return
        self._is_ours = stored is None
        self.now = await asyncio.to_thread(_read, self._path) if stored is None else stored
        if self.now.written < reported.written:
            missing = reported.written - self.now.written
            _log.warning("events_missing_in_store", service=self._service, events=missing, expected="after a restore")

    async def count(self, change: Totals) -> None:
        """Count events with outcomes, durably."""
        totals = self.now + change
        if self._unread is not None:  # the store has just counted these events in its own totals
            totals = await self._unread.totals(self._service) or totals
            self._unread = None
        if self._is_ours:
            await asyncio.to_thread(self._write, totals)
        self.now = totals
        for counter, amount in change.counters().items():
            self._counters.add(counter, amount)

    def _write(self, totals: Totals) -> None:
        try:
            write_durably(self._path, msgspec.json.encode(totals))
        except OSError as err:  # the events are stored
            if not self._is_failing:
                _log.error("totals_write_failed", file=str(self._path), error=str(err))
            self._is_failing = True
        else:
            self._is_failing = False


def _read(path: Path) -> Totals:
    return read_state(path, msgspec.json.Decoder(Totals).decode, then="the totals restart at 0") or Totals()
