"""The way to the store: counts and times every question, and asks none while the store does not answer."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import statistics
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Any, cast

import structlog
from ha_ingestor_core.clock import Clock
from ha_ingestor_core.errors import (
    IngestorError,
    InvalidInputError,
    NotFoundError,
    StoreRefusedError,
    StoreUnavailableError,
)
from ha_ingestor_core.event_rate import EventRate
from ha_ingestor_core.tasks import supervised
from ha_ingestor_core.transfer_rate import TransferRate, Transfers, nearest_rank, transfers
from ha_ingestor_store.store import Source, StoreReader

from admin_api.store.circuit_breaker import CircuitBreaker
from admin_api.store.metrics import StoreMetrics

PROBE_TIMEOUT_S = 1.0
VERDICT_WAIT_S = 0.3
"""How long questions wait for the probe that says whether the store or the question before was at fault."""
_TIMES_KEPT = 1_000

BeforeQuestions = Callable[[], Awaitable[None]]
"""Awaited before the store is asked: what was captured and waits is then stored."""

_log = structlog.get_logger()


class StoreGate:
    """Hands out readers of a store; while it does not answer, they raise StoreUnavailableError at once.

    A question that fails lets a task probe the store, until a probe is answered. A store that answers the first one is
    asked on: what failed was that question, which may be slow by itself, or one that this store can't answer.
    """

    def __init__(self, reader: StoreReader, source: Source, *, clock: Clock, metrics: StoreMetrics) -> None:
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
    def asked(self) -> StoreReader:
        """The store that the questions go to."""
        return self._reader

    @property
    def is_connected(self) -> bool:
        """The store answers, as far as is known."""
        return not self._breaker.is_open

    @property
    def last_error(self) -> str | None:
        """Why it is not asked; None while it is."""
        return self._breaker.reason if self._breaker.is_open else None

    @property
    def mean_query_time_ms(self) -> float | None:
        """Mean time of the last thousand questions."""
        return statistics.fmean(self._times_ms) if self._times_ms else None

    @property
    def p95_query_time_ms(self) -> float | None:
        """95th percentile of the last thousand questions (the nearest rank)."""
        return nearest_rank(sorted(self._times_ms), 95)

    @property
    def transfers(self) -> Transfers:
        """Answers of the last five minutes, and how long the store took for them."""
        return transfers([self._answers])

    @property
    def recent_errors(self) -> int:
        """Questions of the last five minutes that were not answered."""
        return round(self._errors.recent())

    def reader(self, endpoint: str, timeout_s: float | None = None, *, newest: bool = True) -> StoreReader:
        """A reader whose questions count for an endpoint, and that waits no longer than that.

        Without `newest` events of the last half minute may be missing: what asks all the time would have each of them
        written by itself.
        """
        return cast("StoreReader", _Reader(self, endpoint, timeout_s, newest))

    async def start(self) -> bool:
        """Ask once; False where it does not answer, and then it is probed until it does."""
        self._is_closed = False
        is_answered = await self._probe()
        if not is_answered:
            self._begin_probing()
        return is_answered

    async def stop(self) -> None:
        """Probe no more."""
        self._is_closed = True
        if self._probing is not None:
            self._probing.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._probing

    async def ask(self, endpoint: str, timeout_s: float | None, question: Callable[[], Awaitable[Any]]) -> Any:
        """The answer to a question; raises StoreUnavailableError where the store is not asked, or does not answer."""
        if not self._breaker.is_closed:
            await self._verdict()
        begin = self._clock.monotonic()
        status = "error"
        try:
            answer = await self._answer(timeout_s, question)
            status = "success"
        except (InvalidInputError, NotFoundError):
            status = "success"  # the caller asked for something wrong, and was told
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
            raise StoreUnavailableError(self.last_error or f"the store did not answer {within}") from err

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
        """Return where the store may be asked after all; raises what says why not."""
        if not self._breaker.is_open:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(VERDICT_WAIT_S):
                    await self._decided.wait()
        if not self._breaker.is_closed:
            raise self._refusal()

    def _begin_probing(self) -> None:
        is_probing = self._probing is not None and not self._probing.done()
        if not (self._is_closed or is_probing):
            self._probing = supervised(self._probe_until_answered, name="probes of the store")

    async def _probe_until_answered(self) -> None:
        begin = self._clock.monotonic()
        is_told = False
        while not await self._probe():
            if not is_told:
                _log.warning("store_does_not_answer", error=self.last_error, then="the services answer statistics")
            is_told = True
            await asyncio.sleep(self._breaker.next_probe_s)
        if is_told:
            _log.info("store_answers_again", after_s=round(self._clock.monotonic() - begin, 1))

    async def _probe(self) -> bool:
        try:
            async with asyncio.timeout(PROBE_TIMEOUT_S):
                await self.asked.ping()
        except Exception as err:  # whatever it is, the store can't be asked
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
        """End the questions that a store which hangs was asked before: their own limits may be far away."""
        for limit in self._waiting:
            if not limit.expired():  # one that has just passed can't be moved any more
                limit.reschedule(asyncio.get_running_loop().time())

    def _refusal(self) -> IngestorError:
        """What the store said last: that a retry helps, or that a person must act."""
        reason = self._breaker.reason or "the store does not answer"
        if self._refused_as is not None:
            return self._refused_as(reason)
        return StoreUnavailableError(reason, retry_after_s=max(1.0, self._breaker.next_probe_s))


class _Reader:
    """Any question of a StoreReader, asked through the gate."""

    def __init__(self, gate: StoreGate, endpoint: str, timeout_s: float | None, newest: bool) -> None:
        self._gate = gate
        self._newest = newest
        self._endpoint = endpoint
        self._timeout_s = timeout_s

    def __getattr__(self, name: str) -> Callable[..., Awaitable[Any]]:
        question = getattr(self._gate.asked, name)

        async def asked(*arguments: Any, **named: Any) -> Any:
            call = functools.partial(question, *arguments, **named)
            before = self._gate.before_questions if self._newest else None
            if before is not None and self._gate.is_connected:
                await before()
            return await self._gate.ask(self._endpoint, self._timeout_s, call)

        return asked


def _reason(err: Exception) -> str:
    if isinstance(err, TimeoutError):
        return f"the store did not answer within {PROBE_TIMEOUT_S:g} s"
    if isinstance(err, IngestorError):
        return err.message
    return f"it failed unexpectedly ({type(err).__name__})"  # what else it says is for the log, not for callers
