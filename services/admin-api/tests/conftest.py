"""Doubles of the store and of the services, and a client that calls the application without a socket."""

from __future__ import annotations

import asyncio
import json
from collections import Counter as Tally
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest
from admin_api.alerts.keeper import AlertKeeper
from admin_api.alerts.metrics import AlertMetrics
from admin_api.alerts.parts import AlertParts
from admin_api.alerts.readings.readings import Readings
from admin_api.alerts.rules import Rule
from admin_api.app import build_app
from admin_api.http.draining import Draining
from admin_api.metrics import AdminApiMetrics
from admin_api.peers.status import StatusSources
from admin_api.rollout.settings import StatsSettings
from admin_api.security.audit import AuditLog
from admin_api.security.guard import Guard
from admin_api.security.scopes import Scope
from admin_api.security.settings import SecuritySettings, TokenPolicy
from admin_api.security.token_file import TokenFile
from admin_api.stats.parts import Statistics
from admin_api.store.gate import StoreGate
from admin_api.store.metrics import StoreMetrics
from admin_api.stream.broadcaster import Stream
from admin_api.stream.tap_sessions import TapDesk
from fastapi import FastAPI
from ha_ingestor_core.alerts import Alert
from ha_ingestor_core.calls.backfill import BackfillProgress
from ha_ingestor_core.calls.taps import OpenedTap, TapPage
from ha_ingestor_core.clock import NS_PER_S, FakeClock
from ha_ingestor_core.delivery import Replayed, ReplayOutcome
from ha_ingestor_core.errors import FixedByEnvironmentError, IngestorError, NotFoundError
from ha_ingestor_core.filters.live_filter import LiveFilter
from ha_ingestor_core.filters.rules import FilterLists, Filters, FiltersInForce, FilterSource, check_filters
from ha_ingestor_core.gaps import Gap, GapReason
from ha_ingestor_core.reporting.report_memory import Reports
from ha_ingestor_core.service_metrics import ServiceCounters, ServiceMetricsPoint
from ha_ingestor_core.settings.in_force import settings_in_force
from ha_ingestor_core.settings.service import LogSettings
from ha_ingestor_store import answers
from ha_ingestor_store.across_renames import newest_first
from ha_ingestor_store.points import EventPoint, RejectedEvent, WeatherObservation
from ha_ingestor_store.questions import (
    EVERY_HOME,
    AlertCursor,
    EntityHistory,
    EntityWindows,
    EventCursor,
    GapCursor,
    Homes,
    KnownEntities,
    RecentAlerts,
    RecentEvents,
    RecentGaps,
    RecentRejected,
    RejectedCursor,
    SilentEntities,
)
from ha_ingestor_store.store import Capabilities, Source
from ha_ingestor_store.time_range import HOUR_NS, TimeRange
from msgspec import Raw
from prometheus_client import CollectorRegistry
from pydantic import SecretStr

from tests.fastapi_routes import remembered_routes
from tests.influxdb_fixtures import influxdb, influxdb_1, influxdb_2

__all__ = ["influxdb", "influxdb_1", "influxdb_2", "remembered_routes"]

NOW_NS = 1_800_000_000 * NS_PER_S
LAG = Rule.model_validate(
    {
        "name": "lag",
        "watch": "lag_s",
        "level": "warning",
        "above": 60,
        "clear": 20,
        "clear_after": "20s",
        "message": "{service} is {value} s behind",
    }
)


class FakeStore:
    """Answers from a list of events and from what a test put in; fails with `error` while that is set.

    `answers_pings`: whatever its questions do.
    """

    def __init__(self) -> None:
        self.events: list[EventPoint] = []
        self.services: list[answers.ServiceStatistics] = []
        self.errors = answers.ErrorRate(total_writes=0, write_errors=0)
        self.coverage = answers.Coverage(start_ns=None, complete=False)
        self.windows: list[answers.WindowPoint] = []
        self.series: dict[str, list[answers.ServiceTrendPoint]] = {}
        self.service_windows_found: list[answers.ServiceWindow] = []
        self.latest: list[answers.LatestMetric] = []
        self.gaps_found: list[Gap] = []
        self.open_gaps = 1
        self.counts = [answers.EntityCount("home", "sensor.power", 7)]
        self.known_homes = ["home"]
        self.known: list[answers.KnownEntity] = []
        self.homes_of_entities: dict[str, list[str]] | None = None
        self.silences: list[answers.EntitySilence] | None = None
        self.history: list[Alert] = []
        self.rejected: list[RejectedEvent] = []
        self.written: list[ServiceMetricsPoint] = []
        self.asked: list[Any] = []
        self.error: Exception | None = None
        self.hangs = False
        self.answers_pings = False
        self.capabilities = Capabilities(source=Source.EMBEDDED, transactional_rollups=True)

    @property
    def reader(self) -> FakeStore:
        return self

    @property
    def writer(self) -> FakeStore:
        return self

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
        return [each for each in self.services if service in (None, each.service)]

    async def service_trend(
        self, service: str, name: str, time_range: TimeRange, window_ns: int
    ) -> list[answers.ServiceTrendPoint]:
        await self._ask((service, name, time_range, window_ns))
        return self.series.get(service, [])

    async def service_windows(
        self, time_range: TimeRange, window_ns: int, service: str | None = None
    ) -> list[answers.ServiceWindow]:
        await self._ask((time_range, window_ns, service))
        return [each for each in self.service_windows_found if service in (None, each.service)]

    async def latest_metrics(self, service: str | None = None, limit: int = 1000) -> list[answers.LatestMetric]:
        await self._ask((service, limit))
        return [metric for metric in self.latest if service in (None, metric.service)][:limit]

    async def recent_events(self, question: RecentEvents) -> answers.EventPage:
        await self._ask(question)
        found = sorted(self._within(question.time_range), key=newest_first)
        if question.cursor:
            after = (-question.cursor.time_ns, tuple(tag or "" for tag in question.cursor.series))
            found = [event for event in found if newest_first(event) > after]
        page = found[: question.limit]
        more = len(found) > question.limit
        return answers.EventPage(page, EventCursor(page[-1].time_ns, page[-1].series_key) if more else None)

    async def homes(self) -> list[str]:
        await self._raise()
        return self.known_homes

    async def entity_homes(self, entity_id: str) -> list[str]:
        await self._raise()
        return ["home"] if self.homes_of_entities is None else self.homes_of_entities.get(entity_id, [])

    async def known_entities(self, question: KnownEntities) -> list[answers.KnownEntity]:
        await self._raise()
        return [each for each in self.known if question.entity_id in (None, each.entity_id)]

    async def entity_history(self, question: EntityHistory) -> answers.HistoryPage:
        await self._ask(question)
        found = sorted(
            (event for event in self._within(question.time_range) if event.entity_id == question.entity_id),
            key=lambda event: event.time_ns,
        )
        found = [event for event in found if question.after_ns is None or event.time_ns > question.after_ns]
        page = [answers.HistoryPoint(e.time_ns, e.state, e.value, e.unit) for e in found[: question.limit]]
        more = len(found) > question.limit
        return answers.HistoryPage(found[0].unit if found else None, page, page[-1].time_ns if more else None)

    async def entity_windows(self, question: EntityWindows) -> answers.WindowsPage:
        await self._ask(question)
        page = self.windows[: question.limit]
        more = len(self.windows) > question.limit
        return answers.WindowsPage("°C", page, page[-1].start_ns if more else None)

    async def busiest_entities(
        self, time_range: TimeRange, limit: int = 10, homes: Homes = EVERY_HOME
    ) -> list[answers.EntityCount]:
        await self._ask((time_range, limit))
        return [count for count in self.counts if homes.include(count.home)][:limit]

    async def silent_entities(self, question: SilentEntities) -> list[answers.EntitySilence]:
        await self._ask(question)
        seen_ns = question.now_ns - 5 * HOUR_NS
        known = answers.EntitySilence("home", "sensor.power", seen_ns, seen_ns - HOUR_NS, 5 * HOUR_NS, HOUR_NS)
        return [known] if self.silences is None else self.silences

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
            page, GapCursor(page[-1].start_ns, page[-1].home, page[-1].reason) if more else None, self.open_gaps
        )

    async def alerts(self, question: RecentAlerts) -> answers.AlertPage:
        await self._ask(question)
        behind = [a for a in self.history if question.cursor is None or a.since_ns < question.cursor.since_ns]
        page = behind[: question.limit]
        more = len(behind) > question.limit
        return answers.AlertPage(
            page, AlertCursor(page[-1].since_ns, page[-1].rule, page[-1].service) if more else None
        )

    async def write_alerts(self, alerts: Sequence[Alert]) -> None:
        await self._ask("write alerts")
        self.history += alerts

    async def weather(self, time_range: TimeRange, limit: int = 1000) -> list[WeatherObservation]:
        raise NotImplementedError

    async def ping(self) -> None:
        if not self.answers_pings:
            await self._ask("ping")

    async def write_service_metrics(self, points: Sequence[ServiceMetricsPoint]) -> None:
        self.written += points

    async def _ask(self, question: Any) -> None:
        self.asked.append(question)
        await self._raise()

    async def _raise(self) -> None:
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
        self.since_ns = NOW_NS - 3600 * NS_PER_S
        self.points: list[ServiceMetricsPoint] = []
        self.unreported: dict[str, int] = {}
        self.hangs = False
        self.asked_for_reports = 0

    async def status(self) -> dict[str, Any]:
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer

    async def reports(self, start_ns: int) -> Reports:
        self.asked_for_reports += 1
        if self.hangs:
            await asyncio.Event().wait()
        if isinstance(self.answer, Exception):
            raise self.answer
        service = self.answer["service"]
        unreported = ServiceMetricsPoint(service, NOW_NS, "i", self.unreported)
        return Reports(service, self.since_ns, [p for p in self.points if p.time_ns >= start_ns], [unreported])

    def report(self, ago_s: float, levels: dict[str, float] | None = None, **counters: int) -> None:
        """A report that it remembers, oldest first."""
        time_ns = NOW_NS - round(ago_s * NS_PER_S)
        point = ServiceMetricsPoint(self.answer["service"], time_ns, "i", counters, levels or {})  # type: ignore[index]
        self.points.append(point)


class FakeTaps:
    """Taps whose events a test puts in; fails with `error` while that is set."""

    def __init__(self) -> None:
        self.opened: dict[str, LiveFilter] = {}
        self.events: list[Raw] = []
        self.error: Exception | None = None
        self.left_out = 0
        self.lasts_s = 600.0
        self.taken = asyncio.Event()

    async def open_tap(self, wanted: LiveFilter) -> OpenedTap:
        if self.error:
            raise self.error
        tap_id = f"{len(self.opened):016x}"
        self.opened[tap_id] = wanted
        return OpenedTap(tap_id, self.lasts_s)

    async def read_tap(self, tap_id: str) -> TapPage:
        if self.error:
            raise self.error
        if tap_id not in self.opened:
            raise NotFoundError("There is no such tap")
        events, self.events = self.events, []
        if events:
            self.taken.set()
        return TapPage(events, self.left_out, self.lasts_s)

    async def close_tap(self, tap_id: str) -> None:
        self.opened.pop(tap_id, None)


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


@dataclass(frozen=True)
class LogSettingsAlone:
    """The settings of a process that has only these."""

    log: LogSettings


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
    host: str = "localhost"
    client: str = "127.0.0.1"
    authorization: str = ""

    async def __call__(self, target: str, method: str = "GET", body: bytes = b"", **headers: str) -> Answer:
        self.body = body
        parts = urlsplit(target)
        scope = self.scope(parts.path, parts.query, method)
        if self.authorization:
            headers.setdefault("authorization", self.authorization)
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
            "headers": [(b"host", self.host.encode()), (b"content-type", b"application/json")],
            "server": ("localhost", 80),
            "client": (self.client, 1),
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
            "transfers": {
                "enrichment-pipeline": {"per_minute": 59.0, "latency_p50_ms": 3.0, "latency_p95_ms": 8.0},
                "store": {"per_minute": 6.0, "latency_p50_ms": 1.0, "latency_p95_ms": 2.0},
            },
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
            "version": "9.9.9",
            "started": "2027-01-15T07:00:00.000000+00:00",
            "uptime_s": 3600.0,
            "logs": [
                {"time": "2027-01-15T07:30:00.000000+00:00", "level": "warning", "event": "told", "message": "a=1"}
            ],
            "transfers": {"store": {"per_minute": 58.0, "latency_p50_ms": 1.5, "latency_p95_ms": 4.5}},
            "storage": {
                "is_connected": True,
                "written_per_minute": 58.0,
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
    return Stream(reader=store, clock=clock, metrics=metrics, poll_interval_s=0.005, linger_s=0.01)


@pytest.fixture
def taps() -> FakeTaps:
    return FakeTaps()


@pytest.fixture
def tap_desk(taps: FakeTaps, audit: AuditLog, clock: FakeClock) -> TapDesk:
    return TapDesk(taps, audit=audit, clock=clock, poll_interval_s=0.005)


@pytest.fixture
def alert_rules() -> list[Rule]:
    return [LAG]


@pytest.fixture
def alerts(
    alert_rules: list[Rule],
    store: FakeStore,
    sources: StatusSources,
    clock: FakeClock,
    registry: CollectorRegistry,
    tmp_path: Path,
) -> AlertParts:
    """Evaluated by `await alerts.keeper.turn()` alone."""
    keeper = AlertKeeper(
        alert_rules,
        readings=Readings(reader=store, sources=sources, data_dir=tmp_path, clock=clock),
        sink=store,
        targets=[],
        folder=tmp_path / "alerts",
        clock=clock,
        metrics=AlertMetrics(registry),
    )
    return AlertParts(alert_rules, keeper)


@pytest.fixture
def stats_settings() -> StatsSettings:
    return StatsSettings.model_construct()


@pytest.fixture
def gate(store: FakeStore, clock: FakeClock, registry: CollectorRegistry) -> StoreGate:
    return StoreGate(store, Source.EMBEDDED, clock=clock, metrics=StoreMetrics(registry, Source.EMBEDDED))


@pytest.fixture
async def statistics(
    gate: StoreGate,
    sources: StatusSources,
    stats_settings: StatsSettings,
    alerts: AlertParts,
    clock: FakeClock,
    tmp_path: Path,
) -> AsyncIterator[Statistics]:
    statistics = Statistics(
        stats_settings,
        gate=gate,
        services=sources.reports,
        data_dir=tmp_path,
        clock=clock,
        alerts=alerts.views.active,
    )
    yield statistics
    await statistics.stop()


def security_settings(**changes: Any) -> SecuritySettings:
    """Settings that no environment changes."""
    usual = {
        "token_policy": TokenPolicy.AUTO,
        "allowed_hosts": "",
        "trusted_proxies": "",
        "rate_limit": 50.0,
        "token": None,
        "loopback_read": True,
    }
    return SecuritySettings.model_construct(**{**usual, **changes})


@pytest.fixture
def tokens(tmp_path: Path, clock: FakeClock) -> TokenFile:
    return TokenFile(tmp_path, clock)


@pytest.fixture
def audit(tmp_path: Path, clock: FakeClock) -> AuditLog:
    return AuditLog(tmp_path, clock)


@pytest.fixture
def make_guard(tokens: TokenFile, audit: AuditLog, clock: FakeClock) -> Callable[..., Guard]:
    """Builds a guard; without words it is that of an Admin API that listens on this machine alone."""

    def build(listens_on: str = "127.0.0.1", metrics_token: SecretStr | None = None, **settings: Any) -> Guard:
        return Guard(
            security_settings(**settings),
            listens_on=listens_on,
            tokens=tokens,
            audit=audit,
            clock=clock,
            metrics_token=metrics_token,
        )

    return build


@pytest.fixture
def guard(make_guard: Callable[..., Guard]) -> Guard:
    return make_guard()


@pytest.fixture
def make_app(
    statistics: Statistics,
    sources: StatusSources,
    store: FakeStore,
    filters: FakeFilters,
    replay: FakeReplay,
    backfill: FakeBackfill,
    stream: Stream,
    tap_desk: TapDesk,
    alerts: AlertParts,
    clock: FakeClock,
    counters: ServiceCounters,
    metrics: AdminApiMetrics,
    registry: CollectorRegistry,
    tmp_path: Path,
) -> Callable[..., FastAPI]:
    """Builds the application behind a guard."""

    def build(guard: Guard, **more: Any) -> FastAPI:
        return build_app(
            **more,
            statistics=statistics,
            service_urls={},
            instance="test",
            commit=None,
            sources=sources,
            filters=filters,
            rejected=store,
            replay=replay,
            backfill=backfill,
            stream=stream,
            tap_desk=tap_desk,
            alerts=alerts,
            guard=guard,
            configuration=lambda: settings_in_force([LogSettingsAlone(LogSettings.model_construct())]),
            dashboard_dir=tmp_path / "dist",
            draining=Draining(0),
            clock=clock,
            counters=counters,
            metrics=metrics,
            registry=registry,
        )

    return build


@pytest.fixture
def app(make_app: Callable[[Guard], FastAPI], guard: Guard) -> FastAPI:
    return make_app(guard)


@pytest.fixture
def call(secret_of: Callable[[Scope], str]) -> Callable[..., Call]:
    """`await call(app)("/api/v1/stats")` as admin, for an application that a test has built itself."""
    return partial(Call, authorization=f"Bearer {secret_of(Scope.ADMIN)}")


@pytest.fixture
def get(app: FastAPI, call: Callable[..., Call]) -> Call:
    """`await get("/api/v1/stats?period=1h")` as admin."""
    return call(app)


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


class Asker:
    """Somebody at an address who calls the application by a name, with a token or a cookie."""

    def __init__(self, app: Any, *, host: str = "localhost", client: str = "127.0.0.1", **headers: str) -> None:
        self._app = app
        self._host = host
        self._client = client
        self._headers = headers

    async def __call__(
        self, path: str, method: str = "GET", body: bytes = b"", chunks: list[bytes] | None = None, **headers: str
    ) -> Any:
        """(status, headers, body) of an answer."""
        sent: list[dict[str, Any]] = []
        parts = [body] if chunks is None else list(chunks)
        given = {**self._headers, **headers}

        async def receive() -> dict[str, Any]:
            if not parts:
                await asyncio.Event().wait()
            return {"type": "http.request", "body": parts.pop(0), "more_body": bool(parts)}

        async def send(message: dict[str, Any]) -> None:
            sent.append(message)

        await self._app(
            {
                "type": "http",
                "asgi": {"version": "3.0"},
                "http_version": "1.1",
                "scheme": "http",
                "method": method,
                "path": path,
                "raw_path": path.encode(),
                "query_string": b"",
                "root_path": "",
                "headers": [
                    (b"host", self._host.encode()),
                    (b"content-type", b"application/json"),
                    *((name.replace("_", "-").encode(), value.encode("latin-1")) for name, value in given.items()),
                ],
                "server": ("localhost", 80),
                "client": (self._client, 1),
            },
            receive,
            send,
        )
        return Told(sent)


class Told:
    """An answer."""

    def __init__(self, sent: list[dict[str, Any]]) -> None:
        self.status: int = sent[0]["status"]
        self.headers = {name.decode(): value.decode() for name, value in sent[0]["headers"]}
        self.body = b"".join(message.get("body", b"") for message in sent[1:])
        self.is_complete = not sent[-1].get("more_body", False)

    @property
    def key(self) -> str:
        """The key of an error."""
        return str(self.json["error"]["key"])

    @property
    def json(self) -> Any:
        """The body."""
        return json.loads(self.body)


@pytest.fixture
def local_app(make_app: Any, make_guard: Callable[..., Guard]) -> Any:
    """Listens on this machine alone."""
    return make_app(make_guard())


@pytest.fixture
def open_app(make_app: Any, make_guard: Callable[..., Guard]) -> Any:
    """Listens to everybody."""
    return make_app(make_guard("0.0.0.0"))


@pytest.fixture
def secret_of(tokens: TokenFile) -> Callable[[Scope], str]:
    """Makes a token of a scope; its secret."""
    return lambda scope: tokens.create(scope.value, scope)[0]


@pytest.fixture
def asking(open_app: Any, secret_of: Callable[[Scope], str]) -> Callable[[Scope], Asker]:
    """Somebody elsewhere who has a token of a scope."""
    return lambda scope: Asker(open_app, client="192.0.2.7", authorization=f"Bearer {secret_of(scope)}")


@pytest.fixture
def asker() -> type[Asker]:
    """Calls an application as anybody from anywhere."""
    return Asker
