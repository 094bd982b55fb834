"""Fakes of the store and of the services, and a client that calls the application without a socket."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

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
from ha_ingestor_core.clock import NS_PER_S, FakeClock
from ha_ingestor_core.service_metrics import ServiceCounters
from ha_ingestor_core.settings.in_force import settings_in_force
from ha_ingestor_core.settings.service import LogSettings
from ha_ingestor_store.points import EventPoint
from ha_ingestor_store.store import Source
from prometheus_client import CollectorRegistry
from pydantic import SecretStr

from tests.admin_api.client import Client
from tests.admin_api.fake_services import NOW_NS, FakeBackfill, FakeFilters, FakeReplay, FakeStatus, FakeTaps
from tests.admin_api.fake_store import FakeStore
from tests.fastapi_routes import remembered_routes
from tests.influxdb_fixtures import influxdb, influxdb_1, influxdb_2

__all__ = ["influxdb", "influxdb_1", "influxdb_2", "remembered_routes"]

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


@dataclass(frozen=True)
class LogSettingsAlone:
    """The settings of logging only."""

    log: LogSettings


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
    """Evaluated only by `await alerts.keeper.turn()`."""
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
    """Settings that do not depend on the environment."""
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
    """Builds a guard; by default that of an Admin API that listens only on loopback."""

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
def call(secret_of: Callable[[Scope], str]) -> Callable[..., Client]:
    """`await call(app)("/api/v1/stats")` as admin, for an application built by a test."""
    return partial(Client, authorization=f"Bearer {secret_of(Scope.ADMIN)}")


@pytest.fixture
def get(app: FastAPI, call: Callable[..., Client]) -> Client:
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


@pytest.fixture
def local_app(make_app: Any, make_guard: Callable[..., Guard]) -> Any:
    """An application that listens only on loopback."""
    return make_app(make_guard())


@pytest.fixture
def open_app(make_app: Any, make_guard: Callable[..., Guard]) -> Any:
    """An application that listens on all addresses."""
    return make_app(make_guard("0.0.0.0"))


@pytest.fixture
def secret_of(tokens: TokenFile) -> Callable[[Scope], str]:
    """Creates a token of a scope and returns its secret."""
    return lambda scope: tokens.create(scope.value, scope)[0]


@pytest.fixture
def asking(open_app: Any, secret_of: Callable[[Scope], str]) -> Callable[[Scope], Client]:
    """A remote client with a token of a scope."""
    return lambda scope: Client(open_app, client="192.0.2.7", authorization=f"Bearer {secret_of(scope)}")


@pytest.fixture
def asker() -> type[Client]:
    """Calls an application as any client."""
    return Client
