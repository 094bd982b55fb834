"""What the pipeline has received and how it ended, since it was first started; a kill -9 forgets none of it.

Where the store has transactions, the totals are kept in those of the events. Else they are a file beside the filters,
written when the store has acknowledged and before the capture hears of it: a kill between the two leaves that write
uncounted, and its events come again and are counted as what they are then, duplicates.
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


class TotalsKeeper:
    """The totals of one service, and its counters, which change in one step."""

    def __init__(self, path: Path, *, service: str, counters: ServiceCounters) -> None:
        self.now = Totals()
        self._path = path
        self._service = service
        self._counters = counters
        self._is_ours = False
        self._unread: EventWriter | None = None
        self._is_failing = False

    async def load(self, store: EventWriter, journal: ReportJournal | None = None) -> None:
        """Go on where an earlier process ended; raises what the store raises.

        Where its file is damaged or can't be opened, what was reported last is what is known, until the store takes
        events again. A store that counts fewer events than were reported has lost some: to a restored backup, or with
        its log.
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
        """Count events that have ended; on the disk when this returns, unless the store has them there already."""
        totals = self.now + change
        if self._unread is not None:  # it has just taken events, and counted them among all others that it holds
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
        except OSError as err:  # the events are stored all the same
            if not self._is_failing:
                _log.error("totals_not_kept", file=str(self._path), error=str(err))
            self._is_failing = True
        else:
            self._is_failing = False


def _read(path: Path) -> Totals:
    return read_state(path, msgspec.json.Decoder(Totals).decode, then="they begin anew") or Totals()
