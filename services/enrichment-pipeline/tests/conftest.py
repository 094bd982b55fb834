"""A scripted store and weather service, events as Home Assistant sends them, the recorded session."""

from __future__ import annotations

import asyncio
import json
import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import msgspec
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from enrichment_pipeline.main import EnrichmentPipeline
from enrichment_pipeline.metrics import PipelineMetrics
from enrichment_pipeline.rejected.rejected_file import FILE_NAME, RejectedFile
from enrichment_pipeline.settings import FilterSettings, PipelineSettings, Settings, WeatherSettings
from ha_ingestor_core.clock import FakeClock
from ha_ingestor_core.events import EventBatch, OriginKind, RawEvent
from ha_ingestor_core.reporting.totals import Totals
from ha_ingestor_core.service_metrics import ServiceCounters, ServiceMetricsPoint
from ha_ingestor_core.settings.service import LogSettings, ServiceSettings
from ha_ingestor_store.answers import RejectedPoint, WriteResult, repeats
from ha_ingestor_store.points import EventPoint, RejectedEvent, WeatherObservation
from ha_ingestor_store.settings import StoreSettings
from ha_ingestor_store.store import Tally
from msgspec import Raw
from prometheus_client import CollectorRegistry

RECORDED = Path(__file__).parents[3] / "tests" / "data" / "home-assistant-2024.3-session.jsonl"
TIME = "2026-11-23T08:07:54.088501+00:00"


class FakeStore:
    """An `EventWriter` in memory: raises what is in `failures` first, holds every write while `gate` is closed."""

    def __init__(self) -> None:
        self.points: dict[tuple[Any, int], EventPoint] = {}
        self.kept_from: int | None = None
        self.tallies: list[Tally | None] = []
        self.metrics: list[ServiceMetricsPoint] = []
        self.weather: list[WeatherObservation] = []
        self.writes: list[int] = []
        self.failures: list[Exception] = []
        self.refuses: Callable[[EventPoint], bool] = lambda point: False
        self.expires: Callable[[EventPoint], bool] = lambda point: False
        self.gate = asyncio.Event()
        self.gate.set()
        self.entered = asyncio.Event()

    async def write_events(self, points: Sequence[EventPoint], tally: Tally | None = None) -> WriteResult:
        self.writes.append(len(points))
        self.tallies.append(tally)
        self.entered.set()
        await self.gate.wait()
        if self.failures:
            raise self.failures.pop(0)
        refused = [RejectedPoint(i, "type_conflict", "no") for i, point in enumerate(points) if self.refuses(point)]
        expired = [i for i, point in enumerate(points) if self.expires(point)]
        lost = {*expired, *(each.index for each in refused)}
        good = [point for i, point in enumerate(points) if i not in lost]
        new = {(point.series_key, point.time_ns) for point in good} - self.points.keys()
        keys = [None if i in lost else (point.series_key, point.time_ns) for i, point in enumerate(points)]
        duplicates = [index for index in repeats(keys, new) if keys[index] is not None]
        self.points |= {(point.series_key, point.time_ns): point for point in good}
        return WriteResult(len(new), duplicates, refused, expired)

    async def write_weather(self, observations: Sequence[WeatherObservation]) -> list[RejectedPoint]:
        if self.failures:
            raise self.failures.pop(0)
        self.weather += observations
        return []

    async def kept_from_ns(self) -> int | None:
        return self.kept_from

    async def totals(self, service: str) -> Totals | None:
        return None

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


OPEN_METEO: dict[str, Any] = {
    "latitude": 52.366,
    "longitude": 4.901,
    "generationtime_ms": 0.07,
    "utc_offset_seconds": 0,
    "timezone": "GMT",
    "elevation": 13.0,
    "current_units": {"time": "unixtime", "interval": "seconds", "temperature_2m": "°C", "weather_code": "wmo code"},
    "current": {
        "time": 1795421700,
        "interval": 900,
        "temperature_2m": 7.3,
        "relative_humidity_2m": 81,
        "pressure_msl": 1017.4,
        "wind_speed_10m": 14.8,
        "wind_direction_10m": 236,
        "weather_code": 0,
        "is_day": 0,
    },
}
OPENWEATHERMAP: dict[str, Any] = {
    "coord": {"lon": 10.99, "lat": 44.34},
    "weather": [{"id": 501, "main": "Rain", "description": "moderate rain", "icon": "10d"}],
    "base": "stations",
    "main": {"temp": 25.33, "feels_like": 25.59, "temp_min": 24.4, "temp_max": 26.9, "pressure": 1015, "humidity": 64},
    "visibility": 10000,
    "wind": {"speed": 0.62, "deg": 349, "gust": 1.18},
    "rain": {"1h": 3.16},
    "clouds": {"all": 100},
    "dt": 1661870592,
    "sys": {"type": 2, "id": 2075663, "country": "IT", "sunrise": 1661834187, "sunset": 1661882248},
    "timezone": 7200,
    "id": 3163858,
    "name": "Zocca",
    "cod": 200,
}


class ScriptedService:
    """A weather service on a loopback socket: answers with the next of `answers`, and the last one for ever."""

    def __init__(self) -> None:
        self.answers: list[tuple[int, Any, dict[str, str]]] = [(200, OPEN_METEO, {})]
        self.asked: list[web.Request] = []
        app = web.Application()
        app.router.add_get("/{path:.*}", self._answer)
        self.server = TestServer(app)

    @property
    def url(self) -> str:
        return str(self.server.make_url("")).rstrip("/")

    async def _answer(self, request: web.Request) -> web.Response:
        self.asked.append(request)
        status, body, headers = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(body, bytes):
            return web.Response(status=status, body=body, headers=headers)
        return web.json_response(body, status=status, headers=headers)


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
