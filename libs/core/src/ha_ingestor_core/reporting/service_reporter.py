"""Reports `service_metrics` to the store every ten seconds; each count once, through outages and kills."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from typing import Any

import structlog

from ha_ingestor_core.clock import NS_PER_S, Clock
from ha_ingestor_core.errors import IngestorError
from ha_ingestor_core.reporting.report_journal import Entry, ReportJournal
from ha_ingestor_core.reporting.report_memory import ReportMemory, Reports
from ha_ingestor_core.reporting.totals import Totals
from ha_ingestor_core.reporting.transfer_rate import TransferRate
from ha_ingestor_core.service_metrics import (
    Level,
    ServiceCounters,
    ServiceMetricsPoint,
    ServiceMetricsSink,
    interval_point,
    sum_of_points,
)
from ha_ingestor_core.tasks import supervised

REPORTING_INTERVAL_S = 10.0
PENDING_LIMIT = 8640
"""The reports of a day; in a longer outage they are merged in pairs, which preserves their counters."""

_log = structlog.get_logger()


class ServiceMetricsReporter:
    """Writes one report per interval; one that the store does not accept is written later, with its own time.

    `totals` are the service's totals, changed together with `counters`. With a journal, unreported counters survive the
    process: they are the first report of the next one.
    """

    def __init__(
        self,
        *,
        service: str,
        instance: str,
        counters: ServiceCounters,
        sink: ServiceMetricsSink,
        clock: Clock,
        levels: Callable[[], dict[Level, float | None]] = dict,
        interval_s: float = REPORTING_INTERVAL_S,
        totals: Callable[[], Totals] = Totals,
        journal: ReportJournal | None = None,
    ) -> None:
        self._service = service
        self._instance = instance
        self._counters = counters
        self._before = counters.snapshot()
        self._sink = sink
        self._clock = clock
        self._levels = levels
        self._interval_s = interval_s
        self._totals = totals
        self._journal = journal
        self.written = TransferRate(clock)
        self._memory = ReportMemory(clock.now_ns())
        self._disk = ThreadPoolExecutor(1, thread_name_prefix=f"{service} reports")
        self._pending: deque[Entry] = deque()
        self._sending = asyncio.Lock()
        self._failing = False
        self._journal_failing = False
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Recover the reports of an earlier process, and start to report."""
        if self._journal is not None:
            await self._on_disk(self._recover, self._journal)
            for entry in self._pending:
                self._remember(entry)
        self._task = supervised(self._run, name=f"service-metrics {self._service}")

    async def stop(self) -> None:
        """Write the last, partial interval, and stop."""
        if self._task is None:
            return
        self._task.cancel()
        await asyncio.wait({self._task})
        self._task = None
        await self.report()
        self._disk.shutdown(wait=False)

    async def report(self) -> None:
        """Write the interval that ends now and all pending reports; a failure is logged once, and retried."""
        await self._add(self._next_entry())
        await self._send()

    async def reports(self, start_ns: int) -> Reports:
        """Return the reports since `start_ns`, as far as they are in memory, whether the store has them or not."""
        unreported = interval_point(
            self._service,
            self._instance,
            self._clock.now_ns(),
            self._before,
            self._counters.snapshot(),
            self._levels(),
        )
        return Reports(self._service, self._memory.since_ns, self._memory.since(start_ns), [unreported])

    async def _run(self) -> None:
        if self._pending:  # reports of an earlier process
            await self._send()
        while True:
            await asyncio.sleep(self._interval_s)
            await self.report()

    async def _send(self) -> None:
        async with self._sending:
            entries = list(self._pending)
            if not entries or not await self._is_written([entry.point for entry in entries if entry.point]):
                return
            for _ in entries:
                self._pending.popleft()
            if self._journal is not None:
                # A report that was added meanwhile remains.
                await self._on_disk(self._journal.replace, [_without_point(entries[-1]), *self._pending])

    def _next_entry(self) -> Entry:
        after = self._counters.snapshot()
        point = interval_point(self._service, self._instance, self._clock.now_ns(), self._before, after, self._levels())
        self._before = after
        return Entry(self._totals(), point, point.time_ns)

    async def _add(self, entry: Entry) -> None:
        self._remember(entry)
        self._pending.append(entry)
        if len(self._pending) > PENDING_LIMIT:
            self._pending = deque(_joined(list(self._pending)))
            if self._journal is not None:
                await self._on_disk(self._journal.replace, list(self._pending))
        elif self._journal is not None:
            await self._on_disk(self._journal.append, entry)

    def _remember(self, entry: Entry) -> None:
        if entry.point is not None:
            self._memory.add(entry.point)

    async def _is_written(self, points: list[ServiceMetricsPoint]) -> bool:
        begin = self._clock.monotonic()
        try:
            await self._sink.write_service_metrics(points)
        except IngestorError as err:
            if not self._failing:
                _log.warning("service_metrics_write_failed", service=self._service, key=err.key, error=err.message)
            self._failing = True
            return False
        except Exception:
            # The reporter must continue, and a stop must not fail here.
            if not self._failing:
                _log.exception("service_metrics_failed_unexpectedly", service=self._service)
            self._failing = True
            return False
        self._failing = False
        self.written.add(len(points), self._clock.monotonic() - begin)
        return True

    def _recover(self, journal: ReportJournal) -> None:
        """Load the pending reports, and report what was counted after the last one, at the time when it was counted."""
        now = self._totals()
        entries = journal.read()
        if not entries:
            journal.append(Entry(now))  # the counters start here
            return
        unreported = now.since(entries[-1].totals)
        self._pending.extend(entry for entry in entries if entry.point)
        if not any(unreported.counters().values()):
            if now != entries[-1].totals:
                journal.append(Entry(now))
            return
        counted = ServiceCounters()
        counted.totals |= unreported.counters()
        point = interval_point(
            self._service,
            self._instance,
            _not_at(entries[-1].reported_ns, now.time_ns),
            ServiceCounters(),
            counted,
            {Level.QUEUE_DEPTH: float(now.queued)},
        )
        entry = Entry(now, point, point.time_ns)
        journal.append(entry)
        self._pending.append(entry)
        _log.info("counters_recovered", service=self._service, events=unreported.received)

    async def _on_disk(self, call: Callable[..., None], *arguments: Any) -> None:
        """Run a call of the journal; an error of the disk does not prevent reports."""
        try:
            await asyncio.get_running_loop().run_in_executor(self._disk, copy_context().run, call, *arguments)
        except OSError as err:
            if not self._journal_failing:
                _log.warning("report_journal_write_failed", service=self._service, error=str(err))
            self._journal_failing = True
        else:
            self._journal_failing = False


def _without_point(entry: Entry) -> Entry:
    return Entry(entry.totals, reported_ns=entry.reported_ns)


def _not_at(reported_ns: int, time_ns: int) -> int:
    """Return the time, or the next one where a report has it, which would be overwritten. Clocks can be coarse."""
    return reported_ns + 1 if 0 <= reported_ns - time_ns < NS_PER_S else time_ns


def _joined(entries: list[Entry]) -> list[Entry]:
    """Merge the reports in pairs: the counters of both, the time and the gauges of the later one."""
    pairs = zip(entries[0::2], entries[1::2], strict=False)
    joined = [Entry(second.totals, _sum(first.point, second.point), second.reported_ns) for first, second in pairs]
    return joined + (entries[-1:] if len(entries) % 2 else [])


def _sum(first: ServiceMetricsPoint | None, second: ServiceMetricsPoint | None) -> ServiceMetricsPoint | None:
    if first is None or second is None:
        return second or first
    return sum_of_points(first, second)
