"""What all questions about statistics share: their interface, their time range, and the context of an answer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

import msgspec
from ha_ingestor_core.clock import ns_to_rfc3339
from ha_ingestor_store.time_range import TimeRange
from msgspec import Struct

from admin_api.http.errors import unknown_name
from admin_api.http.time_range import RequestedRange
from admin_api.http.views import View
from admin_api.peers.names import SERVICES
from admin_api.rollout.source import StatsSource
from admin_api.stats.sources.period_statistics import Facts, StatisticsSource


class AnswerContext(Struct, frozen=True):
    """Metadata of an answer: its time, its source, and the reason for a fallback."""

    now_ns: int
    source: StatsSource
    warning: str | None = None
    alerts: Sequence[View] = ()

    def view(self) -> View:
        """Return the members common to all answers."""
        return {"timestamp": ns_to_rfc3339(self.now_ns), "source": self.source, "warning": self.warning}


class Question(Protocol):
    """A question about statistics; hashable, used as cache key."""

    @property
    def endpoint(self) -> str:
        """The endpoint label of its metrics."""
        ...

    @property
    def ttl_s(self) -> float:
        """Seconds for which the answer is cached; raises InvalidInputError for invalid parameters."""
        ...

    async def answer(self, source: StatisticsSource, context: AnswerContext) -> Any:
        """Return the JSON-ready answer; raises InvalidInputError, NotFoundError, and what the source raises."""
        ...


class TimedQuestion(Struct, frozen=True):
    """A question about a time range."""

    time: RequestedRange

    @property
    def ttl_s(self) -> float:
        """Seconds for which the answer is cached; raises InvalidInputError for an invalid time."""
        return self.time.ttl_s


async def facts_of_service(
    source: StatisticsSource,
    context: AnswerContext,
    service: str | None,
    time_range: TimeRange,
    window_ns: int | None = None,
) -> Facts:
    """Return the facts of a period; `unknown` contains the service if it has not reported. Raises NotFoundError."""
    facts = await source.facts(time_range, service, window_ns)
    if service is None or service in facts.unknown or any(each.service == service for each in facts.services):
        return facts
    await check_service(source, context, service)
    return msgspec.structs.replace(facts, unknown={**facts.unknown, service: "no report in this period"})


async def check_service(source: StatisticsSource, context: AnswerContext, service: str) -> None:
    """Raise NotFoundError for an unknown service; not during a fallback, since the store may know it."""
    if context.source is StatsSource.SERVICES_FALLBACK:
        return
    known = {*SERVICES, *await source.service_names()}
    if service not in known:
        raise unknown_name("service", service, known)
