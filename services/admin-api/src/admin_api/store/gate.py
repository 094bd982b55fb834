"""The store gate: counts and times every query, and rejects queries while the store is unavailable."""

from __future__ import annotations

import asyncio
import contextlib
import statistics
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Any, cast

import structlog
from ha_ingestor_core.clock import NS_PER_S, Clock
from ha_ingestor_core.errors import (
    IngestorError,
    InvalidInputError,
    NotFoundError,
    StoreRefusedError,
    StoreUnavailableError,
)
from ha_ingestor_core.reporting.event_rate import EventRate
from ha_ingestor_core.reporting.transfer_rate import TransferRate, Transfers, nearest_rank, transfers
from ha_ingestor_core.tasks import supervised
from ha_ingestor_store.store import Source, StoreReader

from admin_api.store.circuit_breaker import CircuitBreaker
from admin_api.store.metrics import StoreMetrics

PROBE_TIMEOUT_S = 1.0
VERDICT_WAIT_S = 0.3
"""Time that queries wait for the first probe after a failed query."""
_TIMES_KEPT = 1_000

BeforeQuestions = Callable[[], Awaitable[None]]
"""Awaited before each query, to write captured events that are still queued."""

_log = structlog.get_logger()


class StoreGate:
    """Provides readers of a store, which raise StoreUnavailableError immediately while the store is unavailable.

    A failed query starts a task that probes the store until a probe succeeds. If the first probe succeeds, the store
    stays available: the failed query was slow itself, or not supported by this store.
    """

    def __init__(self, reader: StoreReader | None, source: Source, *, clock: Clock, metrics: StoreMetrics) -> None:
        self._reader = reader
        self._clock = clock
        self.metrics = metrics
        self._breaker = CircuitBreaker()
        self._probing: asyncio.Task[None] | None = None
        self._decided = asyncio.Event()
        self._waiting: set[asyncio.Timeout] = set()
        self._times_ms: deque[float] = deque(maxlen=_TIMES_KEPT)
        self._answers = TransferRate(clock)
        self._errors = EventRate(clock)
        self._refused_as: type[StoreRefusedError] | None = None
        self._is_closed = False
        self.before_questions: BeforeQuestions | None = None
        self.source = source
        self.query_count = 0
        self.error_count = 0

    @property
    def queried(self) -> StoreReader:
        """The reader that is queried; raises StoreUnavailableError if there is none."""
        if self._reader is None:
            raise StoreUnavailableError("The store is not connected. Call connect() first")
        return self._reader

    @property
    def is_connected(self) -> bool:
        """Whether the last probe succeeded."""
        return not self._breaker.is_open

    @property
    def last_error(self) -> str | None:
        """The reason why the store is unavailable; None while it is available."""
        return self._breaker.reason if self._breaker.is_open else None

    @property
    def mean_query_time_ms(self) -> float | None:
        """Mean duration of the last thousand queries."""
        return statistics.fmean(self._times_ms) if self._times_ms else None

    @property
    def p95_query_time_ms(self) -> float | None:
        """95th percentile of the duration of the last thousand queries (nearest rank)."""
        return nearest_rank(sorted(self._times_ms), 95)

    @property
    def transfers(self) -> Transfers:
        """Rate and latency of the successful queries of the last five minutes."""
        return transfers([self._answers])

    @property
    def recent_errors(self) -> int:
        """Number of failed queries in the last five minutes."""
        return round(self._errors.recent())

    def reader(self, endpoint: str, timeout_s: float | None = None, *, newest: bool = True) -> StoreReader:
        """Return a reader whose queries are counted for an endpoint and limited to `timeout_s`.

        Without `newest`, queued events are not written before a query, so events of the last half minute may be
        missing. Use it for periodic queries, which would otherwise force a write each time.
        """
        return cast("StoreReader", _Reader(self, endpoint, timeout_s, newest))

    async def start(self) -> bool:
        """Probe the store; return False if it is unavailable, and probe it in the background."""
        self._is_closed = False
        is_answered = await self._probe()
        if not is_answered:
            self._begin_probing()
        return is_answered

    async def stop(self) -> None:
        """Stop probing."""
        self._is_closed = True
        if self._probing is not None:
            self._probing.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._probing

    async def ask(self, endpoint: str, timeout_s: float | None, question: Callable[[], Awaitable[Any]]) -> Any:
        """Return the result of a query; raises StoreUnavailableError, and the errors of the store."""
        if not self._breaker.is_closed:
            await self._verdict()
        begin = self._clock.monotonic()
        status = "error"
        try:
            answer = await self._answer(timeout_s, question)
            status = "success"
        except (InvalidInputError, NotFoundError):
            status = "success"  # an error of the caller, not of the store
            raise
        except Exception as err:
            if self._breaker.failed(_reason(err)):
                self._decided.clear()
                self._begin_probing()
            raise
        finally:
            self._count(endpoint, status, self._clock.monotonic() - begin)
        return answer

    async def _answer(self, timeout_s: float | None, question: Callable[[], Awaitable[Any]]) -> Any:
        try:
            async with asyncio.timeout(timeout_s) as limit:
                self._waiting.add(limit)
                try:
                    return await question()
                finally:
                    self._waiting.discard(limit)
        except TimeoutError as err:
            within = f"within {timeout_s:g} s" if timeout_s is not None else "in time"
            raise StoreUnavailableError(self.last_error or f"The store did not answer {within}") from err

    def _count(self, endpoint: str, status: str, seconds: float) -> None:
        self.query_count += 1
        if status == "error":
            self.error_count += 1
            self._errors.add(1)
        else:
            self._answers.add(1, seconds)
        self._times_ms.append(seconds * 1000)
        self.metrics.count_query(endpoint, status, seconds)

    async def _verdict(self) -> None:
        """Wait for a pending probe; raises the reason if the store is unavailable."""
        if not self._breaker.is_open:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(VERDICT_WAIT_S):
                    await self._decided.wait()
        if not self._breaker.is_closed:
            raise self._refusal()

    def _begin_probing(self) -> None:
        is_probing = self._probing is not None and not self._probing.done()
        if not (self._is_closed or is_probing):
            self._probing = supervised(self._probe_until_answered, name="store probe")

    async def _probe_until_answered(self) -> None:
        begin = self._clock.monotonic()
        is_logged = False
        while not await self._probe():
            if not is_logged:
                _log.warning("store_unreachable", error=self.last_error, then="statistics come from the services")
            is_logged = True
            await asyncio.sleep(self._breaker.next_probe_s)
        if is_logged:
            _log.info("store_reconnected", after_s=round(self._clock.monotonic() - begin, 1))

    async def _probe(self) -> bool:
        try:
            async with asyncio.timeout(PROBE_TIMEOUT_S):
                await self.queried.ping()
        except Exception as err:  # after any error the store counts as unavailable
            self._refused_as = type(err) if isinstance(err, StoreRefusedError) else None
            if self._breaker.probe_failed(_reason(err)):
                self.metrics.set_connected(False)
                self.metrics.fallback_activations.inc()
                self._give_up_waiting()
            return False
        else:
            self._breaker.answered()
            self._refused_as = None
            self.metrics.set_connected(True)
            return True
        finally:
            self._decided.set()

    def _give_up_waiting(self) -> None:
        """Time out all running queries of a store that hangs."""
        for limit in self._waiting:
            if not limit.expired():  # an expired limit cannot be rescheduled
                limit.reschedule(asyncio.get_running_loop().time())

    def _refusal(self) -> IngestorError:
        """Return the last error of the store, of its class: temporary, or requiring an action."""
        reason = self._breaker.reason or "The store does not answer"
        if self._refused_as is not None:
            return self._refused_as(reason)
        return StoreUnavailableError(reason, retry_after_s=max(1.0, self._breaker.next_probe_s))


_AS_OF_TIMEOUT_S = 1.0


class _Reader:
    """A StoreReader whose methods pass the gate."""

    def __init__(self, gate: StoreGate, endpoint: str, timeout_s: float | None, newest: bool) -> None:
        self._gate = gate
        self._newest = newest
        self._endpoint = endpoint
        self._timeout_s = timeout_s

    async def as_of(self, now_ns: int) -> int:
        """Return the moment that a query should end with; of a store that does not say it, the second of `now_ns`."""
        if self._gate.is_connected:
            with contextlib.suppress(IngestorError, TimeoutError):
                async with asyncio.timeout(_AS_OF_TIMEOUT_S):
                    return await self._gate.queried.as_of(now_ns)
        return now_ns // NS_PER_S * NS_PER_S

    def __getattr__(self, name: str) -> Callable[..., Awaitable[Any]]:
        async def asked(*arguments: Any, **named: Any) -> Any:
            before = self._gate.before_questions if self._newest else None
            if before is not None and self._gate.is_connected:
                await before()
            return await self._gate.ask(
                self._endpoint, self._timeout_s, lambda: getattr(self._gate.queried, name)(*arguments, **named)
            )

        return asked


def _reason(err: Exception) -> str:
    if isinstance(err, TimeoutError):
        return f"The store did not answer within {PROBE_TIMEOUT_S:g} s"
    if isinstance(err, IngestorError):
        return err.message
    return f"Unexpected error of the store ({type(err).__name__})"  # the details are logged, not shown to clients
