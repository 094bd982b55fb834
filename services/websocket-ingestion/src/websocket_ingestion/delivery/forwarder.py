"""From the spool to the enrichment-pipeline: take a batch, deliver it, acknowledge it, repeat."""

from __future__ import annotations

import asyncio
import contextlib

import structlog
from ha_ingestor_core.clock import Clock
from ha_ingestor_core.events import Registries
from ha_ingestor_core.service_metrics import ServiceCounters
from ha_ingestor_core.tasks import supervised
from msgspec import Struct

from websocket_ingestion.delivery.batch_sender import BatchSender
from websocket_ingestion.delivery.latency import observe_latencies
from websocket_ingestion.metrics import IngestionMetrics
from websocket_ingestion.spool.delivery_queue import Taken
from websocket_ingestion.spool.spool import Spool

_log = structlog.get_logger()

DRAIN_S = 3.0


class ForwardingLimits(Struct, frozen=True):
    """Limits of a batch; it waits for `gather_events`, up to `gather_s`, while no query needs its events."""

    batch_size: int = 5_000
    batch_bytes: int = 8 * 1024 * 1024
    gather_s: float = 0.0
    gather_events: int = 1_000


USUAL_LIMITS = ForwardingLimits()


class Forwarder:
    """Empties the spool, one batch after the other, in their order.

    With a backlog, the next batch begins while one is being written: its events are prepared while the store works.
    The delivery keeps the order; only a batch whose write fails may end after the next one.
    """

    def __init__(
        self,
        *,
        spool: Spool,
        sender: BatchSender,
        counters: ServiceCounters,
        clock: Clock,
        metrics: IngestionMetrics,
        limits: ForwardingLimits = USUAL_LIMITS,
    ) -> None:
        self._spool = spool
        self._sender = sender
        self._counters = counters
        self._clock = clock
        self._metrics = metrics
        self._limits = limits
        self._may_begin = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    @property
    def is_running(self) -> bool:
        """True between start and stop, unless it died."""
        return self._task is not None and not self._task.done()

    def use_registries(self, registries: Registries | None) -> None:
        """Use these registries from now on; None: there are none to wait for.

        The first batch waits for this call, so that the first events have names, too.
        """
        if registries is not None:
            self._sender.registries = registries
        self._may_begin.set()

    async def start(self) -> None:
        """Begin to deliver."""
        self._task = supervised(self._run, name="forwarder", restart=False)

    async def stop(self, drain_s: float = DRAIN_S) -> None:
        """Deliver what is queued for `drain_s` at most, and stop; the rest stays in the spool."""
        self._may_begin.set()
        self._sender.hurry()
        self._spool.hurry()
        if self.is_running:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(drain_s):
                    await self._spool.wait_until_empty()
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
            self._task = None
        if self._spool.depth:
            _log.info("events_kept_in_spool", events=self._spool.depth, error=self._sender.last_error)

    async def _run(self) -> None:
        await self._may_begin.wait()
        before: asyncio.Task[None] | None = None
        async with asyncio.TaskGroup() as under_way:
            while True:
                if self._limits.gather_s:
                    await self._spool.gather(self._limits.gather_events, self._limits.gather_s)
                taken = await self._spool.take(self._limits.batch_size, self._limits.batch_bytes)
                delivery = under_way.create_task(self._forward(taken))
                if before is not None:
                    await before
                before = delivery
                if not self._spool.has_more:
                    await delivery

    async def _forward(self, taken: Taken) -> None:
        with self._metrics.delivery_seconds.time():
            receipt = await self._sender.deliver(taken.events)
        observe_latencies([taken.due_ns(event) for event in taken.events], self._clock.now_ns(), self._counters)
        self._metrics.acknowledge(receipt)
        self._spool.acknowledge(taken, receipt)
