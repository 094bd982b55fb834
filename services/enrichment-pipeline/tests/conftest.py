"""A scripted store, events as Home Assistant sends them, and the recorded session."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import msgspec
import pytest
from enrichment_pipeline.main import EnrichmentPipeline
from enrichment_pipeline.metrics import PipelineMetrics
from enrichment_pipeline.points.point_builder import PointBuilder
from enrichment_pipeline.points.prepared_batch import PreparedBatch, prepare
from enrichment_pipeline.rejected.rejected_file import FILE_NAME, RejectedFile
from enrichment_pipeline.settings import FilterSettings, PipelineSettings, Settings, WeatherSettings
from enrichment_pipeline.taps.open_taps import Taps
from enrichment_pipeline.writing.durable_totals import DurableTotals
from enrichment_pipeline.writing.group_writer import GroupWriter
from ha_ingestor_core.clock import FakeClock
from ha_ingestor_core.events import EventBatch, OriginKind, RawEvent
from ha_ingestor_core.service_metrics import ServiceCounters
from ha_ingestor_core.settings.service import LogSettings, ServiceSettings
from ha_ingestor_store.points import RejectedEvent
from ha_ingestor_store.settings import StoreSettings
from msgspec import Raw
from prometheus_client import CollectorRegistry

from tests.enrichment_pipeline.fake_store import FakeStore
from tests.enrichment_pipeline.scripted_weather import OPEN_METEO, OPENWEATHERMAP, ScriptedService

RECORDED = Path(__file__).parents[3] / "tests" / "data" / "home-assistant-2024.3-session.jsonl"
TIME = "2026-11-23T08:07:54.088501+00:00"


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


class KeptEvents:
    """What the file of rejected events in a folder holds, as another process sees it, in the order of arrival."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def __call__(self) -> list[RejectedEvent]:
        if not (self._folder / FILE_NAME).exists():
            return []
        with closing(sqlite3.connect(self._folder / FILE_NAME)) as db:
            columns = RejectedEvent.__struct_fields__
            query = f"SELECT {', '.join(columns)} FROM rejected_events LEFT JOIN replays USING (id)"
            rows = db.execute(f"{query} ORDER BY rejected_events.rowid")
            found = [dict(zip(columns, row, strict=True)) for row in rows]
        return [msgspec.convert(each, RejectedEvent) for each in found]


@pytest.fixture
def kept(tmp_path: Path) -> KeptEvents:
    return KeptEvents(tmp_path)


@pytest.fixture
async def rejected_file(tmp_path: Path) -> AsyncIterator[RejectedFile]:
    file = RejectedFile(tmp_path, limit_bytes=1024 * 1024)
    await file.open()
    yield file
    await file.close()


@pytest.fixture
def settings(tmp_path: Path) -> Callable[..., Settings]:
    def make(weather: dict[str, Any] | None = None, **pipeline: Any) -> Settings:
        values = {"port": 0, "batch_age_ms": 0} | pipeline
        return Settings(
            pipeline=PipelineSettings(**values),
            weather=WeatherSettings(**weather or {}),
            filters=FilterSettings(),  # type: ignore[call-arg]
            store=StoreSettings(data_dir=tmp_path),  # type: ignore[call-arg]
            service=ServiceSettings.model_validate({"instance": "test", "internal_token": "a-token-of-sixteen"}),
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


@pytest.fixture
async def start_writer(
    store: Any,
    clock: FakeClock,
    counters: ServiceCounters,
    metrics: PipelineMetrics,
    tmp_path: Path,
    rejected_file: RejectedFile,
) -> AsyncIterator[Callable[..., Awaitable[GroupWriter]]]:
    writers: list[GroupWriter] = []

    async def make(batch_size: int = 5_000, batch_age_s: float = 0.0) -> GroupWriter:
        writer = GroupWriter(
            store,
            service="test",
            batch_size=batch_size,
            batch_age_s=batch_age_s,
            clock=clock,
            counters=counters,
            totals=DurableTotals(tmp_path / "totals", service="test", counters=counters),
            rejected=rejected_file,
            taps=Taps(clock),
            metrics=metrics,
        )
        writers.append(writer)
        await writer.start()
        return writer

    yield make
    store.gate.set()
    for writer in writers:
        await writer.stop()


@pytest.fixture
def prepared(
    batch: Callable[..., EventBatch], changes: Callable[..., list[dict[str, Any]]]
) -> Callable[..., Awaitable[PreparedBatch]]:
    async def make(count: int = 1, entity_id: str = "sensor.kitchen", *more: Any) -> PreparedBatch:
        return await prepare(batch(*changes(count, entity_id), *more), PointBuilder("home"))

    return make


@pytest.fixture
async def service() -> AsyncIterator[ScriptedService]:
    scripted = ScriptedService()
    await scripted.server.start_server()
    yield scripted
    await scripted.server.close()


@pytest.fixture
def open_meteo() -> dict[str, Any]:
    return OPEN_METEO


@pytest.fixture
def openweathermap() -> dict[str, Any]:
    return OPENWEATHERMAP
