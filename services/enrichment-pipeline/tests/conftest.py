"""A store in memory that does as it is told, events as Home Assistant sends them, and the recorded session."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from enrichment_pipeline.main import EnrichmentPipeline
from enrichment_pipeline.metrics import PipelineMetrics
from enrichment_pipeline.settings import FilterSettings, PipelineSettings, Settings
from ha_ingestor_core.clock import FakeClock
from ha_ingestor_core.events import EventBatch, OriginKind, RawEvent
from ha_ingestor_core.service_metrics import ServiceCounters, ServiceMetricsPoint
from ha_ingestor_core.settings import LogSettings, ServiceSettings
from ha_ingestor_core.totals import Totals
from ha_ingestor_store.answers import RejectedPoint, WriteResult
from ha_ingestor_store.points import EventPoint, RejectedEvent
from ha_ingestor_store.settings import StoreSettings
from ha_ingestor_store.store import Tally
from msgspec import Raw
from prometheus_client import CollectorRegistry

RECORDED = Path(__file__).parents[3] / "tests" / "data" / "home-assistant-2024.3-session.jsonl"
TIME = "2026-11-23T08:07:54.088501+00:00"


class FakeStore:
    """A `PipelineStore` in memory: raises what is in `failures` first, holds every write while `gate` is closed."""

    def __init__(self) -> None:
        self.points: dict[tuple[Any, int], EventPoint] = {}
        self.rejected: list[RejectedEvent] = []
        self.metrics: list[ServiceMetricsPoint] = []
        self.writes: list[int] = []
        self.failures: list[Exception] = []
        self.refuses: Callable[[EventPoint], bool] = lambda point: False
        self.gate = asyncio.Event()
        self.gate.set()
        self.entered = asyncio.Event()

    async def write_events(
        self, points: Sequence[EventPoint], rejected: Sequence[RejectedEvent] = (), tally: Tally | None = None
    ) -> WriteResult:
        self.writes.append(len(points))
        self.entered.set()
        await self.gate.wait()
        if self.failures:
            raise self.failures.pop(0)
        refused = [RejectedPoint(i, "type_conflict", "no") for i, point in enumerate(points) if self.refuses(point)]
        good = [point for point in points if not self.refuses(point)]
        before = len(self.points)
        self.points |= {(point.series_key, point.time_ns): point for point in good}
        self.rejected += rejected
        written = len(self.points) - before
        return WriteResult(written=written, duplicate=len(good) - written, rejected=refused)

    async def totals(self, service: str) -> Totals | None:
        return None

    async def rejected_event(self, rejected_id: str) -> RejectedEvent | None:
        return next((event for event in self.rejected if event.id == rejected_id), None)

    async def mark_replayed(self, replayed: RejectedEvent) -> None:
        self.rejected = [replayed if event.id == replayed.id else event for event in self.rejected]

    async def write_service_metrics(self, points: Sequence[ServiceMetricsPoint]) -> None:
        if self.failures:
            raise self.failures.pop(0)
        self.metrics += points


@pytest.fixture
def store() -> FakeStore:
    return FakeStore()


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def counters() -> ServiceCounters:
    return ServiceCounters()


@pytest.fixture
def registry() -> CollectorRegistry:
    return CollectorRegistry()


@pytest.fixture
def metrics(registry: CollectorRegistry) -> PipelineMetrics:
    return PipelineMetrics(registry)


@pytest.fixture
def settings(tmp_path: Path) -> Callable[..., Settings]:
    def make(**pipeline: Any) -> Settings:
        values = {"port": 0, "batch_age_ms": 0} | pipeline
        return Settings(
            pipeline=PipelineSettings(**values),
            filters=FilterSettings(),  # type: ignore[call-arg]
            store=StoreSettings(data_dir=tmp_path),  # type: ignore[call-arg]
            service=ServiceSettings(instance="test", internal_token="a-token-of-sixteen"),  # type: ignore[arg-type]
            log=LogSettings(),  # type: ignore[call-arg]
        )

    return make


@pytest.fixture
async def start(
    store: FakeStore, clock: FakeClock, registry: CollectorRegistry, settings: Callable[..., Settings]
) -> AsyncIterator[Callable[..., Awaitable[EnrichmentPipeline]]]:
    running: list[EnrichmentPipeline] = []

    async def make(**pipeline: Any) -> EnrichmentPipeline:
        made = EnrichmentPipeline(settings(**pipeline), store=store, clock=clock, registry=registry)
        await made.start()
        running.append(made)
        return made

    yield make
    store.gate.set()
    for made in running:
        await made.stop()


@pytest.fixture
def change() -> Callable[..., dict[str, Any]]:
    """A state change as Home Assistant sends it; `new` overrides parts of the new state, `rest` of the event."""

    def make(
        entity_id: str = "sensor.kitchen",
        state: Any = "21.5",
        *,
        attributes: Any = None,
        new: dict[str, Any] | None = None,
        **rest: Any,
    ) -> dict[str, Any]:
        new_state = {
            "entity_id": entity_id,
            "state": state,
            "attributes": {} if attributes is None else attributes,
            "last_changed": TIME,
            "last_updated": TIME,
            "context": {"id": "c1", "parent_id": None, "user_id": "u1"},
            **(new or {}),
        }
        data = {"entity_id": entity_id, "old_state": {"state": "20"}, "new_state": new_state}
        return {
            "event_type": "state_changed",
            "data": data,
            "origin": "LOCAL",
            "time_fired": TIME,
            "context": {"id": "c1", "parent_id": None, "user_id": "u1"},
            **rest,
        }

    return make


@pytest.fixture
def raw(clock: FakeClock) -> Callable[..., RawEvent]:
    """An event as captured: JSON bytes as they are, anything else encoded."""

    def make(event: Any, kind: OriginKind = OriginKind.LIVE) -> RawEvent:
        content = event if isinstance(event, bytes) else json.dumps(event, ensure_ascii=False).encode()
        return RawEvent(event=Raw(content), received_ns=clock.now_ns(), kind=kind)

    return make


@pytest.fixture
def batch(raw: Callable[..., RawEvent]) -> Callable[..., EventBatch]:
    def make(*events: Any, home: str = "home", registry_version: str | None = None) -> EventBatch:
        return EventBatch(home=home, events=[raw(event) for event in events], registry_version=registry_version)

    return make


@pytest.fixture
def changes(change: Callable[..., dict[str, Any]]) -> Callable[..., list[dict[str, Any]]]:
    """State changes that differ from each other."""

    def make(count: int, entity_id: str = "sensor.kitchen") -> list[dict[str, Any]]:
        times = [f"2026-11-23T08:07:54.{n:06d}+00:00" for n in range(count)]
        return [change(entity_id, str(n), new={"last_updated": time}) for n, time in enumerate(times)]

    return make


@pytest.fixture(scope="session")
def recorded() -> list[dict[str, Any]]:
    """The messages of the recorded session that Home Assistant sent."""
    lines = map(json.loads, RECORDED.read_text(encoding="utf-8").splitlines())
    return [line["msg"] for line in lines if line["dir"] == "server"]
