"""Two homes in one process with the same entity ids: they are separate, and neither delays the other."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from enrichment_pipeline.main import build_enrichment_pipeline
from enrichment_pipeline.settings import Settings as PipelineSettings
from ha_ingestor.demo_home import DemoHome
from ha_ingestor_core.clock import SystemClock
from ha_ingestor_core.events import OriginKind
from ha_ingestor_core.gaps import Gap
from ha_ingestor_core.settings.loading import load_settings
from ha_ingestor_store import Store
from ha_ingestor_store.embedded.store import EmbeddedStore
from ha_ingestor_store.points import EventPoint
from ha_ingestor_store.questions import RecentEvents, RecentGaps
from ha_ingestor_store.time_range import DAY_NS, TimeRange
from prometheus_client import CollectorRegistry
from pydantic import SecretStr
from websocket_ingestion.connection.capture import Home
from websocket_ingestion.connection.reconnect import BackoffLimits
from websocket_ingestion.main import build_websocket_ingestion
from websocket_ingestion.service import WebsocketIngestion
from websocket_ingestion.settings import CaptureSettings, GapSettings

from tests.odd_names import ODD_ROOMS
from tests.ports import free_port

EVER = TimeRange(0, 40_000 * DAY_NS)
METRIC = "ha_ingestor_websocket_ingestion"


class Ingestor:
    """Capture, enrichment and store over two homes, `main` and `cabin`."""

    def __init__(self, store: Store, ingestion: WebsocketIngestion, registry: CollectorRegistry) -> None:
        self.store = store
        self.ingestion = ingestion
        self.registry = registry

    async def events(self, home: str) -> list[EventPoint]:
        page = await self.store.reader.recent_events(RecentEvents(EVER, limit=100_000))
        return [event for event in page.events if event.home == home]

    def received(self, home: str) -> float:
        kinds = ("live", "snapshot", "backfill")
        name = f"{METRIC}_events_received_total"
        return sum(self.registry.get_sample_value(name, {"home": home, "kind": kind}) or 0 for kind in kinds)


@asynccontextmanager
async def running(folder: Path, main: Home, cabin: Home) -> AsyncIterator[Ingestor]:
    registry, clock = CollectorRegistry(), SystemClock()
    store = await EmbeddedStore.open(folder)
    pipeline = build_enrichment_pipeline(load_settings(PipelineSettings), store=store.writer)
    ingestion = build_websocket_ingestion(
        [main, cabin],
        settings=CaptureSettings.model_validate({}),
        gap_settings=GapSettings.model_validate({"settle_s": 0.2, "rest_s": 0}),
        data_dir=folder,
        instance="here",
        delivery=pipeline,
        sink=store.writer,
        clock=clock,
        registry=registry,
        backoff=BackoffLimits(first_s=0.05, usual_longest_s=0.1),
    )
    await pipeline.start()
    await ingestion.start()
    try:
        yield Ingestor(store, ingestion, registry)
    finally:
        await ingestion.stop()
        await pipeline.stop()
        await store.close()


async def eventually(condition: Callable[[], Any]) -> None:
    async with asyncio.timeout(30):
        while not await condition():  # noqa: ASYNC110
            await asyncio.sleep(0.05)


def home_of(name: str, demo: DemoHome) -> Home:
    return Home(name=name, url=demo.url, token=SecretStr(demo.token))


@pytest.fixture(autouse=True)
def no_settings_around(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)


async def test_homes_with_the_same_entities_are_kept_apart(tmp_path: Path) -> None:
    main, cabin = [DemoHome(seed=seed, history_hours=0.1, rooms=ODD_ROOMS) for seed in (1, 2)]
    await main.start()
    await cabin.start()
    wanted = {state.entity_id for state in main.house.states()}
    assert wanted == {state.entity_id for state in cabin.house.states()}
    async with running(tmp_path, home_of("main", main), home_of("cabin", cabin)) as ingestor:

        async def all_are_there() -> bool:
            return all([wanted <= {e.entity_id for e in await ingestor.events(name)} for name in ("main", "cabin")])

        await eventually(all_are_there)
        found = {name: await ingestor.events(name) for name in ("main", "cabin")}
        areas = {event.area for event in found["main"]}
        status, health = await ingestor.ingestion.status(), ingestor.ingestion.health()
        received = {name: ingestor.received(name) for name in ("main", "cabin")}
        await main.stop()
        await cabin.stop()
    contexts = {name: {event.context_id for event in events} for name, events in found.items()}
    assert not contexts["main"] & contexts["cabin"]
    assert set(ODD_ROOMS.values()) <= areas
    for name in found:
        assert (tmp_path / "spool" / name).is_dir()
        assert received[name] >= len(found[name])
        assert any(event.weather for event in found[name])
    assert health["status"] == "healthy"
    assert [each["home"] for each in status["homes"]] == ["main", "cabin"]
    assert status["counters"]["events_received"] == sum(e["counters"]["events_received"] for e in status["homes"])


async def test_each_home_is_told_what_was_recovered_for_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WRITE_BATCH_AGE_MS", "300")  # so that the recovered events of both are written together
    monkeypatch.setenv("HISTORY_AT_FIRST_START", "0")  # the days before are not part of a gap
    main, cabin = DemoHome(seed=1, history_hours=0.1), DemoHome(seed=2, history_hours=0.1)
    await main.start()
    await cabin.start()
    async with running(tmp_path, home_of("main", main), home_of("cabin", cabin)) as ingestor:
        await eventually(lambda: ingestor.events("main"))
        await eventually(lambda: ingestor.events("cabin"))
    for state in range(30):
        main.house.set_state("sensor.of_the_test", str(state), {})
        if state < 10:
            cabin.house.set_state("sensor.of_the_test", str(state), {})
    async with running(tmp_path, home_of("main", main), home_of("cabin", cabin)) as ingestor:

        async def closed() -> dict[str, Gap]:
            page = await ingestor.store.reader.gaps(RecentGaps(EVER))
            return {gap.home: gap for gap in page.gaps if gap.closed_ns is not None}

        async def both_are_closed() -> bool:
            return len(await closed()) == 2

        await eventually(both_are_closed)
        await main.stop()
        await cabin.stop()
        for home, gap in (await closed()).items():
            found = [event for event in await ingestor.events(home) if event.origin_kind is OriginKind.BACKFILL]
            assert gap.recovered == len(found) >= (29 if home == "main" else 9)


async def test_a_home_that_is_away_delays_no_other_and_comes_later(tmp_path: Path) -> None:
    port = free_port()
    main, cabin = DemoHome(seed=1, history_hours=0.1), DemoHome(seed=2, history_hours=0.1, port=port)
    await main.start()
    away = Home(name="cabin", url=f"http://127.0.0.1:{port}", token=SecretStr(cabin.token))
    async with running(tmp_path, home_of("main", main), away) as ingestor:
        await eventually(lambda: ingestor.events("main"))
        health, status = ingestor.ingestion.health(), await ingestor.ingestion.status()
        assert await ingestor.events("cabin") == []
        assert health["status"] == "degraded"
        assert (health["homes"]["main"]["status"], health["homes"]["main"]["reasons"]) == ("healthy", [])
        assert (status["home"], status["websocket_connection"]["is_connected"]) == ("cabin", False)
        await cabin.start()
        await eventually(lambda: ingestor.events("cabin"))

        async def is_well() -> bool:
            return bool(ingestor.ingestion.health()["status"] == "healthy")

        await eventually(is_well)
        await main.stop()
        await cabin.stop()
