"""Answers statistics from the store through a cache, or from the services, by choice or as a fallback."""

from __future__ import annotations

import asyncio
import functools
from collections.abc import Callable, Sequence
from functools import partial

import msgspec
import structlog
from ha_ingestor_core.clock import Clock
from ha_ingestor_core.errors import IngestorError, InvalidInputError, NotFoundError
from ha_ingestor_core.tasks import supervised

from admin_api.http.views import View
from admin_api.rollout.comparison import Comparison
from admin_api.rollout.source import StatsSource
from admin_api.rollout.switches import ChoiceKeeper
from admin_api.stats.cache import Answer, AnswerCache
from admin_api.stats.questions.heartbeats import HeartbeatsQuestion
from admin_api.stats.questions.metrics import MetricsQuestion
from admin_api.stats.questions.question import AnswerContext, Question
from admin_api.stats.questions.statistics import AlertsQuestion, PerformanceQuestion, ServicesQuestion, StatsQuestion
from admin_api.stats.questions.trends import ServiceTrendsQuestion, TrendsQuestion
from admin_api.stats.sources.from_store import StoreStatistics
from admin_api.stats.sources.period_statistics import StatisticsSource
from admin_api.store.gate import StoreGate
from admin_api.store.metrics import StoreMetrics

SERVICES_TTL_S = 1.0
_MOST_COMPARISONS = 4
_QUESTIONS = (
    StatsQuestion,
    AlertsQuestion,
    ServicesQuestion,
    PerformanceQuestion,
    TrendsQuestion,
    ServiceTrendsQuestion,
    MetricsQuestion,
    HeartbeatsQuestion,
)

_log = structlog.get_logger()


class StatsAnswers:
    """Answers every valid question; `source` in the answer is the source that was used."""

    def __init__(
        self,
        *,
        gate: StoreGate,
        services: StatisticsSource,
        keeper: ChoiceKeeper,
        cache: AnswerCache,
        comparison: Comparison,
        metrics: StoreMetrics,
        clock: Clock,
        timeout_s: float,
        alerts: Callable[[], Sequence[View]] = tuple,
    ) -> None:
        self._gate = gate
        self._services = services
        self._keeper = keeper
        self._cache = cache
        self._comparison = comparison
        self._metrics = metrics
        self._clock = clock
        self._timeout_s = timeout_s
        self._alerts = alerts
        self._comparing: set[asyncio.Task[None]] = set()
        self._store_source = StatsSource(gate.source)
        for each in _QUESTIONS:  # initialised to 0, so that rate() sees the first fallback
            metrics.fallbacks.labels(each.endpoint)

    async def answer(self, question: Question, client: str) -> Answer:
        """Return the answer for a client; raises only InvalidInputError and NotFoundError."""
        ttl_s = question.ttl_s
        if not self._keeper.current.uses_store(client):
            return await self._from_services(question, StatsSource.SERVICES, None, ttl_s)
        try:
            ask = functools.partial(self._asked_store, question)
            return await self._cache.get((self._store_source, question), ttl_s, ask)
        except (InvalidInputError, NotFoundError):
            raise
        except IngestorError as err:
            reason = err.message
        except Exception as err:  # a bug in reading an answer also uses the fallback
            _log.exception("statistics_failed_unexpectedly", endpoint=question.endpoint)
            reason = f"the answer of the store cannot be read ({type(err).__name__})"
        self._metrics.fallbacks.labels(question.endpoint).inc()
        return await self._from_services(question, StatsSource.SERVICES_FALLBACK, reason, ttl_s)

    async def stop(self) -> None:
        """Cancel running comparisons."""
        for task in self._comparing:
            task.cancel()
        await asyncio.gather(*self._comparing, return_exceptions=True)

    async def _asked_store(self, question: Question) -> Answer:
        reader = self._gate.reader(question.endpoint, self._timeout_s)
        context = AnswerContext(await reader.as_of(self._clock.now_ns()), self._store_source, alerts=self._alerts())
        view = await question.answer(StoreStatistics(reader), context)
        if self._keeper.current.stats_compare and len(self._comparing) < _MOST_COMPARISONS and isinstance(view, dict):
            task = supervised(
                partial(self._compare, question, context, view),
                name=f"comparison of {question.endpoint}",
                restart=False,
            )
            self._comparing.add(task)
            task.add_done_callback(self._comparing.discard)
        return Answer.of(msgspec.json.encode(view), self._store_source)

    async def _from_services(self, question: Question, source: StatsSource, reason: str | None, ttl_s: float) -> Answer:
        ask = functools.partial(self._asked_services, question, source, reason)
        return await self._cache.get((source, question), min(SERVICES_TTL_S, ttl_s), ask)

    async def _asked_services(self, question: Question, source: StatsSource, reason: str | None) -> Answer:
        warning = (
            f"The store is unavailable. These statistics are from the memory of the services: {reason}"
            if reason
            else None
        )
        context = AnswerContext(self._clock.now_ns(), source, warning, alerts=self._alerts())
        return Answer.of(msgspec.json.encode(await question.answer(self._services, context)), source)

    async def _compare(self, question: Question, context: AnswerContext, store: View) -> None:
        try:
            services = await question.answer(self._services, context)
            found = self._comparison.add(context.now_ns, msgspec.json.encode(question).decode(), store, services)
        except Exception as err:  # the answer does not depend on the comparison
            self._comparison.failed()
            _log.warning("statistics_comparison_failed", endpoint=question.endpoint, error=repr(err))
            return
        if found:
            first = found[0]
            _log.info(
                "statistics_differences_found",
                endpoint=question.endpoint,
                fields=len(found),
                first=first.place,
                store=first.store,
                services=first.services,
            )
