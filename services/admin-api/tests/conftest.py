"""Doubles of the store and of the services, and a client that calls the application without a socket."""

from __future__ import annotations

import asyncio
import json
from collections import Counter as Tally
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest
from admin_api.app import build_app
from admin_api.metrics import AdminApiMetrics
from admin_api.sources import StatusSources
from admin_api.stream import Stream
from fastapi import FastAPI
from ha_ingestor_core.backfill import BackfillProgress
from ha_ingestor_core.clock import NS_PER_S, FakeClock
from ha_ingestor_core.delivery import Replayed, ReplayOutcome
from ha_ingestor_core.errors import FixedByEnvironmentError, IngestorError
from ha_ingestor_core.filters import FilterLists, Filters, FiltersInForce, FilterSource, check_filters
from ha_ingestor_core.gaps import Gap, GapReason
from ha_ingestor_core.service_metrics import ServiceCounters, ServiceMetricsPoint
from ha_ingestor_store import answers
from ha_ingestor_store.periods import TimeRange
from ha_ingestor_store.points import EventPoint, RejectedEvent
from ha_ingestor_store.questions import (
    EntityHistory,
    EntityWindows,
    EventCursor,
    GapCursor,
    RecentEvents,
    RecentGaps,
    RecentRejected,
    RejectedCursor,
)
from ha_ingestor_store.store import Capabilities, Source
from prometheus_client import CollectorRegistry

NOW_NS = 1_800_000_000 * NS_PER_S


class FakeStore:
    """Answers from a list of events and from what a test put in; fails with `error` while that is set."""

    def __init__(self) -> None:
        self.events: list[EventPoint] = []
        self.services: list[answers.ServiceStatistics] = []
        self.errors = answers.ErrorRate(total_writes=0, write_errors=0)
        self.coverage = answers.Coverage(start_ns=None, complete=False)
        self.windows: list[answers.WindowPoint] = []
        self.gaps_found: list[Gap] = []
        self.rejected: list[RejectedEvent] = []
        self.written: list[ServiceMetricsPoint] = []
        self.asked: list[Any] = []
        self.error: Exception | None = None
        self.hangs = False
        self.capabilities = Capabilities(source=Source.EMBEDDED, transactional_rollups=True, several_writers=True)

    async def event_count(self, time_range: TimeRange) -> answers.EventCount:
        await self._ask(time_range)
        return answers.EventCount(len(self._within(time_range)), self.coverage)

    async def event_statistics(self, time_range: TimeRange) -> answers.EventStatistics:
        await self._ask(time_range)
        found = self._within(time_range)
        return answers.EventStatistics(len(found), {}, {}, self.coverage)

    async def event_trend(self, time_range: TimeRange, window_ns: int) -> list[answers.TrendPoint]:
        await self._ask((time_range, window_ns))
        starts = range(time_range.start_ns // window_ns * window_ns, time_range.end_ns, window_ns)
        counts = dict.fromkeys(starts, 0)
        for event in self._within(time_range):
            counts[event.time_ns // window_ns * window_ns] += 1
        return [answers.TrendPoint(start, count) for start, count in counts.items()]

    async def error_rate(self, time_range: TimeRange) -> answers.ErrorRate:
        await self._ask(time_range)
        return self.errors

    async def service_statistics(
        self, time_range: TimeRange, service: str | None = None
    ) -> list[answers.ServiceStatistics]:
        await self._ask((time_range, service))
        return self.services

    async def service_trend(
        self, service: str, name: str, time_range: TimeRange, window_ns: int
    ) -> list[answers.ServiceTrendPoint]:
        raise NotImplementedError

    async def latest_metrics(self, service: str | None = None, limit: int = 1000) -> list[answers.LatestMetric]:
        raise NotImplementedError

    async def recent_events(self, question: RecentEvents) -> answers.EventPage:
        await self._ask(question)
        found = sorted(self._within(question.time_range), key=lambda event: -event.time_ns)
        if question.cursor:
            found = [event for event in found if event.time_ns < question.cursor.time_ns]
        page = found[: question.limit]
        more = len(found) > question.limit
        return answers.EventPage(page, EventCursor(page[-1].time_ns, page[-1].series_key) if more else None)

    async def entity_history(self, question: EntityHistory) -> answers.HistoryPage:
        await self._ask(question)
        found = sorted(
            (event for event in self._within(question.time_range) if event.entity_id == question.entity_id),
            key=lambda event: event.time_ns,
        )
        found = [event for event in found if question.after_ns is None or event.time_ns > question.after_ns]
        page = [answers.HistoryPoint(e.time_ns, e.state, e.value) for e in found[: question.limit]]
        more = len(found) > question.limit
        return answers.HistoryPage(found[0].unit if found else None, page, page[-1].time_ns if more else None)

    async def entity_windows(self, question: EntityWindows) -> answers.WindowsPage:
        await self._ask(question)
        page = self.windows[: question.limit]
        more = len(self.windows) > question.limit
        return answers.WindowsPage("°C", page, page[-1].start_ns if more else None)

    async def busiest_entities(self, time_range: TimeRange, limit: int = 10) -> list[answers.EntityCount]:
        await self._ask((time_range, limit))
        return [answers.EntityCount("sensor.power", 7)]

    async def silent_entities(self, before_ns: int, limit: int = 100) -> list[answers.EntitySilence]:
        raise NotImplementedError

    async def rejected_events(self, question: RecentRejected) -> answers.RejectedPage:
        await self._ask(question)
        cursor = question.cursor
        found = [e for e in self.rejected if cursor is None or (-e.time_ns, e.id) > (-cursor.time_ns, cursor.id)]
        page = found[: question.limit]
        more = len(found) > question.limit
        return answers.RejectedPage(page, RejectedCursor(page[-1].time_ns, page[-1].id) if more else None)

    async def rejected_event(self, rejected_id: str) -> RejectedEvent | None:
        await self._ask(rejected_id)
        return next((event for event in self.rejected if event.id == rejected_id), None)

    async def rejected_counts(self, question: RecentRejected) -> dict[str, int]:
        return dict(Tally(event.key for event in self.rejected))

    async def gaps(self, question: RecentGaps) -> answers.GapPage:
        await self._ask(question)
        behind = [g for g in self.gaps_found if question.cursor is None or g.start_ns < question.cursor.start_ns]
        page = behind[: question.limit]
        more = len(behind) > question.limit
        return answers.GapPage(
            page, GapCursor(page[-1].start_ns, page[-1].home, page[-1].reason) if more else None, open=1
        )

    async def ping(self) -> None:
        await self._ask("ping")

    async def write_service_metrics(self, points: Sequence[ServiceMetricsPoint]) -> None:
        self.written += points

    async def _ask(self, question: Any) -> None:
        self.asked.append(question)
        if self.hangs:
            await asyncio.Event().wait()
        if self.error:
            raise self.error

    def _within(self, time_range: TimeRange) -> list[EventPoint]:
        return [event for event in self.events if time_range.start_ns <= event.time_ns < time_range.end_ns]


class FakeReplay:
    """A replay that says what a test put in, or raises it."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.end: Replayed | Exception = Replayed(ReplayOutcome.WRITTEN, NOW_NS)

    async def replay(self, rejected_id: str) -> Replayed:
        self.asked.append(rejected_id)
        if isinstance(self.end, Exception):
            raise self.end
        return self.end


class FakeStatus:
    """A service that says what a test put in, or raises it."""

    def __init__(self, status: dict[str, Any]) -> None:
        self.answer: dict[str, Any] | Exception = status

    async def status(self) -> dict[str, Any]:
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


class FakeFilters:
    """Filters in memory; `variables` fixes them."""

    def __init__(self) -> None:
        self.in_force = FiltersInForce(FilterLists(), FilterLists(), FilterSource.DEFAULT)
        self.variables: list[str] = []

    async def filters(self) -> FiltersInForce:
        return self.in_force

    async def set_filters(self, filters: Filters) -> FiltersInForce:
        if self.variables:
            raise FixedByEnvironmentError("The filters are set by a variable", variables=self.variables)
        check_filters(filters)
        self.in_force = FiltersInForce(filters.include, filters.exclude, FilterSource.STORED)
        return self.in_force


@dataclass
class Answer:
    """What came back."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class Call:
    """One request to an application, in its own words: no socket, no server."""

    app: Callable[..., Awaitable[None]]
    body: bytes = b""
    sent: list[dict[str, Any]] = field(default_factory=list)
    received: bool = False

    async def __call__(self, target: str, method: str = "GET", body: bytes = b"", **headers: str) -> Answer:
        self.body = body
        parts = urlsplit(target)
        scope = self.scope(parts.path, parts.query, method)
        scope["headers"] += [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
        await self.app(scope, self._receive, self._send)
        start = next(message for message in self.sent if message["type"] == "http.response.start")
        body = b"".join(message.get("body", b"") for message in self.sent)
        headers = {name.decode(): value.decode() for name, value in start["headers"]}
        self.sent, self.received = [], False
        return Answer(start["status"], headers, body)

    def scope(self, path: str, query: str = "", method: str = "GET") -> dict[str, Any]:
        return {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "scheme": "http",
            "method": method,
            "path": unquote(path),
            "raw_path": path.encode(),
            "query_string": query.encode(),
            "root_path": "",
            "headers": [(b"host", b"localhost"), (b"content-type", b"application/json")],
            "server": ("localhost", 80),
            "client": ("127.0.0.1", 1),
        }

    async def _receive(self) -> dict[str, Any]:
        if self.received:
            await asyncio.Event().wait()  # the client stays
        self.received = True
        return {"type": "http.request", "body": self.body, "more_body": False}

    async def _send(self, message: dict[str, Any]) -> None:
        self.sent.append(message)


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock(NOW_NS)


@pytest.fixture
def store() -> FakeStore:
    return FakeStore()


@pytest.fixture
def ingestion() -> FakeStatus:
    return FakeStatus(
        {
            "service": "websocket-ingestion",
            "home": "home",
            "counters": {"events_received": 42},
            "queue_depth": 0,
            "websocket_connection": {
                "state": "connected",
                "is_connected": True,
                "last_connection_time": "2027-01-15T07:00:00.000000+00:00",
                "connection_attempts": 1,
                "last_error": None,
                "ha_version": "2026.11.0",
            },
            "event_processing": {
                "events_per_minute": 60.0,
                "last_event_time": "2027-01-15T07:59:59.500000+00:00",
                "processing_lag_s": 0.01,
            },
        }
    )


@pytest.fixture
def enrichment() -> FakeStatus:
    return FakeStatus(
        {
            "service": "enrichment-pipeline",
            "storage": {
                "is_connected": True,
                "last_write_time": "2027-01-15T07:59:59.600000+00:00",
                "write_errors": 0,
                "last_error": None,
            },
            "weather_enrichment": {"enabled": False, "cache_hits": 0, "api_calls": 0, "last_error": None},
        }
    )


@pytest.fixture
def sources(ingestion: FakeStatus, enrichment: FakeStatus) -> StatusSources:
    return StatusSources(ingestion, enrichment)


class FakeBackfill:
    """Begins what it is told, or raises what a test has put there."""

    def __init__(self) -> None:
        self.progress: BackfillProgress | None = None
        self.error: IngestorError | None = None

    async def begin_backfill(self, start_ns: int, end_ns: int) -> BackfillProgress:
        if self.error:
            raise self.error
        gap = Gap(home="home", start_ns=start_ns, end_ns=end_ns, reason=GapReason.REQUESTED, found_ns=NOW_NS)
        self.progress = BackfillProgress(gap, 0.0)
        return self.progress

    async def backfill_progress(self) -> BackfillProgress | None:
        return self.progress


@pytest.fixture
def backfill() -> FakeBackfill:
    return FakeBackfill()


@pytest.fixture
def filters() -> FakeFilters:
    return FakeFilters()


@pytest.fixture
def replay() -> FakeReplay:
    return FakeReplay()


@pytest.fixture
def registry() -> CollectorRegistry:
    return CollectorRegistry()


@pytest.fixture
def metrics(registry: CollectorRegistry) -> AdminApiMetrics:
    return AdminApiMetrics(registry)


@pytest.fixture
def counters() -> ServiceCounters:
    return ServiceCounters()


@pytest.fixture
def stream(store: FakeStore, clock: FakeClock, metrics: AdminApiMetrics) -> Stream:
    return Stream(reader=store, clock=clock, metrics=metrics, poll_interval_s=0.005)


@pytest.fixture
def app(
    store: FakeStore,
    sources: StatusSources,
    filters: FakeFilters,
    replay: FakeReplay,
    backfill: FakeBackfill,
    stream: Stream,
    clock: FakeClock,
    counters: ServiceCounters,
    metrics: AdminApiMetrics,
    registry: CollectorRegistry,
    tmp_path: Path,
) -> FastAPI:
    return build_app(
        reader=store,
        source=Source.EMBEDDED,
        sources=sources,
        filters=filters,
        replay=replay,
        backfill=backfill,
        stream=stream,
        dashboard_dir=tmp_path / "dist",
        clock=clock,
        counters=counters,
        metrics=metrics,
        registry=registry,
    )


@pytest.fixture
def get(app: FastAPI) -> Call:
    """`await get("/api/v1/stats?period=1h")`."""
    return Call(app)


@pytest.fixture
def event() -> Callable[..., EventPoint]:
    """Builds a state change that happened `ago_s` seconds ago."""

    def build(entity_id: str = "sensor.power", state: str = "21.5", ago_s: float = 1, **fields: Any) -> EventPoint:
        fields.setdefault("time_ns", NOW_NS - round(ago_s * NS_PER_S))
        return EventPoint(
            home="home",
            event_type="state_changed",
            domain=entity_id.partition(".")[0],
            entity_id=entity_id,
            state=state,
            **fields,
        )

    return build
