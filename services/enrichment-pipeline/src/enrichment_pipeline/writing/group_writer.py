"""Group commit: batches that arrive during a write are written together, and acknowledged after it."""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque
from dataclasses import dataclass

import structlog
from ha_ingestor_core.clock import Clock
from ha_ingestor_core.delivery import Receipt
from ha_ingestor_core.errors import IngestorError, ServiceUnavailableError, UnexpectedError
from ha_ingestor_core.reporting.totals import Totals, ended_by
from ha_ingestor_core.service_metrics import ServiceCounters
from ha_ingestor_core.tasks import supervised
from ha_ingestor_store.points import RejectedEvent
from ha_ingestor_store.store import EventWriter, Tally
from msgspec.structs import replace

from enrichment_pipeline.metrics import PipelineMetrics
from enrichment_pipeline.points.prepared_batch import PreparedBatch, rejected_event
from enrichment_pipeline.rejected.rejected_file import RejectedFile
from enrichment_pipeline.taps.open_taps import Taps
from enrichment_pipeline.writing.durable_totals import DurableTotals
from enrichment_pipeline.writing.expiry import count_known, states_of, without_expired
from enrichment_pipeline.writing.receipts import receipts_of

_log = structlog.get_logger()


@dataclass(slots=True, eq=False)
class _Waiting:
    prepared: PreparedBatch
    arrived: float
    since: float
    receipt: asyncio.Future[Receipt]


class GroupWriter:
    """One write at a time; the next starts when `batch_size` points wait, or the oldest has waited `batch_age_s`.

    A batch is never divided, since one half could be stored and the other fail. So a write can be larger than
    `batch_size`.
    """

    def __init__(
        self,
        store: EventWriter,
        *,
        service: str,
        batch_size: int,
        batch_age_s: float,
        clock: Clock,
        counters: ServiceCounters,
        totals: DurableTotals,
        rejected: RejectedFile,
        taps: Taps,
        metrics: PipelineMetrics,
    ) -> None:
        self._store = store
        self._service = service
        self._batch_size = batch_size
        self._batch_age_s = batch_age_s
        self._clock = clock
        self._counters = counters
        self._totals = totals
        self._rejected = rejected
        self._taps = taps
        self._metrics = metrics
        self._waiting: deque[_Waiting] = deque()
        self._points_waiting = 0
        self._some = asyncio.Event()
        self._enough = asyncio.Event()
        self._stopping = False
        self._task: asyncio.Task[None] | None = None

    @property
    def is_running(self) -> bool:
        """Return whether the writer is running."""
        return self._task is not None and not self._task.done()

    async def start(self) -> None:
        """Start to write."""
        self._task = supervised(self._run, name=f"{self._service} writer")

    async def stop(self) -> None:
        """Accept no more batches, write the waiting ones, and stop."""
        self._stopping = True
        self._some.set()
        self._enough.set()
        if self._task is not None:
            await self._task

    def now(self) -> float:
        """Return the monotonic time for latencies."""
        return self._clock.monotonic()

    async def write(self, prepared: PreparedBatch, arrived: float | None = None) -> Receipt:
        """Return once the store has acknowledged the batch; raises the error of the store, with nothing acknowledged.

        `arrived` is the arrival of the batch at the service, by default now. A call that is cancelled before its write
        starts is not written.
        """
        if self._stopping:
            raise ServiceUnavailableError(f"{self._service} is stopping")
        since = self.now()
        waiting = _Waiting(
            prepared, since if arrived is None else arrived, since, asyncio.get_running_loop().create_future()
        )
        self._waiting.append(waiting)
        self._points_waiting += len(prepared.points)
        self._some.set()
        if self._points_waiting >= self._batch_size:
            self._enough.set()
        return await waiting.receipt

    async def _run(self) -> None:
        while not (self._stopping and not self._waiting):
            await self._gather()
            if group := self._take():
                await self._write(group)

    async def _gather(self) -> None:
        await self._some.wait()
        if not self._waiting or self._enough.is_set():
            return
        remaining = self._waiting[0].since + self._batch_age_s - self._clock.monotonic()
        if remaining > 0:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(remaining):
                    await self._enough.wait()

    def _take(self) -> list[_Waiting]:
        group: list[_Waiting] = []
        points = 0
        while self._waiting and points < self._batch_size:
            waiting = self._waiting.popleft()
            self._points_waiting -= len(waiting.prepared.points)
            if not waiting.receipt.done():
                group.append(waiting)
                points += len(waiting.prepared.points)
        if not self._stopping:
            _set_or_clear(self._some, bool(self._waiting))
            _set_or_clear(self._enough, self._points_waiting >= self._batch_size)
        return group

    async def _write(self, group: list[_Waiting]) -> None:
        try:
            receipts = await self._store_group([waiting.prepared for waiting in group])
            await self._count(group, receipts)
        except IngestorError as err:
            _fail(group, err)
            return
        except Exception as err:
            _log.exception("write_failed_unexpectedly")
            _fail(group, UnexpectedError(f"{self._service} failed unexpectedly: {type(err).__name__}: {err}"))
            return
        for waiting, receipt in zip(group, receipts, strict=True):
            if not waiting.receipt.done():
                waiting.receipt.set_result(receipt)

    async def _store_group(self, given: list[PreparedBatch]) -> list[Receipt]:
        """Write a group; rejected events are stored before they are counted."""
        kept_from_ns = await self._store.kept_from_ns()
        group = [without_expired(prepared, kept_from_ns) for prepared in given]
        await self._rejected.keep(
            [rejected_event(each.batch, rejection, self._service) for each in group for rejection in each.rejections]
        )
        if observations := [each for prepared in group for each in prepared.observations]:
            # Before the events: if this failed after them, the next delivery would count them as duplicates.
            await self._store.write_weather(observations)
        points = [point for prepared in group for point in prepared.points]
        result = await self._store.write_events(points, self._tally(group))
        receipts = receipts_of(group, result, self._rejected.expired_states)
        await self._rejected.keep(self._refused_by_the_store(group, receipts))
        late = [points[at] for at in result.expired]
        await self._rejected.note_expired(states_of([*(p for each in group for p in each.expired), *late]))
        if self._taps.are_open:
            self._taps.publish(group, result, receipts)
        return receipts

    def _tally(self, group: list[PreparedBatch]) -> Tally:
        expired = [point for prepared in group for point in prepared.expired]
        again = count_known(expired, self._rejected.expired_states)
        counted = Totals(
            received=sum(len(prepared.batch.events) for prepared in group),
            duplicate=again,
            filtered=sum(len(prepared.filtered) for prepared in group),
            rejected=sum(len(prepared.rejections) for prepared in group),
            expired=len(expired) - again,
            time_ns=self._clock.now_ns(),
        )
        return Tally(self._service, counted)

    def _refused_by_the_store(self, group: list[PreparedBatch], receipts: list[Receipt]) -> list[RejectedEvent]:
        refused = []
        for prepared, receipt in zip(group, receipts, strict=True):
            known = {rejection.index for rejection in prepared.rejections}
            refused += [
                rejected_event(prepared.batch, rejection, self._service)
                for rejection in receipt.rejected
                if rejection.index not in known
            ]
        return refused

    async def _count(self, group: list[_Waiting], receipts: list[Receipt]) -> None:
        """Count the events, as received and by outcome in one step, so that the totals always add up."""
        now = self.now()
        latencies_ms = [(now - waiting.arrived) * 1000 for waiting in group]
        sizes = [len(waiting.prepared.batch.events) for waiting in group]
        ended = sum(map(ended_by, receipts), Totals(time_ns=self._clock.now_ns()))
        await self._totals.count(replace(ended, received=sum(sizes)))
        self._metrics.count_receipts(receipts)
        for waiting, latency_ms, size in zip(group, latencies_ms, sizes, strict=True):
            self._metrics.count_filtered(waiting.prepared.filtered.values())
            self._counters.observe_latency(latency_ms, size)


def _fail(group: list[_Waiting], err: IngestorError) -> None:
    for waiting in group:
        if not waiting.receipt.done():
            waiting.receipt.set_exception(err)


def _set_or_clear(event: asyncio.Event, value: bool) -> None:
    if value:
        event.set()
    else:
        event.clear()
