"""A session that is closed at any moment, and its backfill, lead to the same keys as an uninterrupted session."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from enrichment_pipeline.main import build_enrichment_pipeline
from enrichment_pipeline.points.point_builder import PointBuilder
from enrichment_pipeline.settings import FilterSettings, PipelineSettings, WeatherSettings
from enrichment_pipeline.settings import Settings as PipelineSettingsTree
from ha_ingestor.demo_home import House, SimulatedHomeAssistant
from ha_ingestor_core.clock import SystemClock
from ha_ingestor_core.events import STATE_CHANGED, RawEvent
from ha_ingestor_core.settings.service import LogSettings, ServiceSettings
from ha_ingestor_store import Store, open_store
from ha_ingestor_store.questions import RecentEvents
from ha_ingestor_store.settings import StoreSettings
from ha_ingestor_store.time_range import TimeRange
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec import Raw
from prometheus_client import CollectorRegistry
from pydantic import SecretStr
from websocket_ingestion.connection.capture import Home
from websocket_ingestion.connection.reconnect import BackoffLimits
from websocket_ingestion.main import build_websocket_ingestion
from websocket_ingestion.service import WebsocketIngestion
from websocket_ingestion.settings import CaptureSettings, GapSettings

ENTITIES = ["sensor.a", "light.b", "climate.c"]
EVER = TimeRange(0, 4_000_000_000_000_000_000)

changes = st.tuples(st.just("change"), st.sampled_from(ENTITIES), st.sampled_from(["1", "2", "unavailable", "é"]))
acts = st.one_of(
    changes,
    changes,
    st.tuples(st.just("attribute"), st.sampled_from(ENTITIES), st.just("")),
    st.tuples(st.just("remove"), st.sampled_from(ENTITIES), st.just("")),
    st.tuples(st.sampled_from(["cut", "stop", "start", "away", "back", "breathe"]), st.just(""), st.just("")),
)


class Rig:
    """A home, its server, and a service that can be stopped and started with the same data."""

    def __init__(self, store: Store, folder: Path) -> None:
        self.house = House()
        self.server = SimulatedHomeAssistant(self.house, "token")
        self.store = store
        self.folder = folder
        self.service: WebsocketIngestion | None = None
        self.expected: set[tuple[str, int]] = set()
        self.pipeline = build_enrichment_pipeline(
            PipelineSettingsTree(
                pipeline=PipelineSettings.model_validate({}),
                weather=WeatherSettings.model_validate({}),
                filters=FilterSettings.model_validate({}),
                store=StoreSettings.model_validate({"data_dir": folder}),
                service=ServiceSettings.model_validate({}),
                log=LogSettings.model_validate({}),
            ),
            store=store.writer,
        )
        self.house.listen(self._expect)
        self._points = PointBuilder("home")
        self._n = 0

    def _expect(self, event_type: str, event: bytes) -> None:
        if event_type == STATE_CHANGED:
            point = self._points.build(RawEvent(Raw(event), 0))
            assert point.entity_id is not None
            self.expected.add((point.entity_id, point.time_ns))

    async def start(self) -> None:
        if self.service is not None:
            return
        self.service = build_websocket_ingestion(
            [Home(name="home", url=self.server.url, token=SecretStr("token"))],
            settings=CaptureSettings.model_validate({}),
            gap_settings=GapSettings.model_validate({"settle_s": 0, "rest_s": 0, "entities": 2}).model_copy(
                update={"retry_s": 0.02}  # below the minimum of the setting, to keep examples short
            ),
            data_dir=self.folder,
            instance="here",
            delivery=self.pipeline,
            sink=self.store.writer,
            clock=SystemClock(),
            registry=CollectorRegistry(),
            backoff=BackoffLimits(first_s=0.005, usual_longest_s=0.01, longest_s=0.01),
        )
        await self.service.start()

    async def stop(self) -> None:
        if self.service is not None:
            await self.service.stop()
            self.service = None

    async def act(self, act: str, entity_id: str, state: str) -> None:
        self._n += 1
        match act:
            case "change":
                self.house.set_state(entity_id, state, {"n": self._n})
            case "attribute":
                old = self.house.get_state(entity_id)
                self.house.set_state(entity_id, old.state if old else "first", {"n": self._n})
            case "remove":
                self.house.remove_state(entity_id)
            case "cut":
                self.server.drop_connections()
            case "stop":
                await self.stop()
            case "start":
                await self.start()
            case "away":
                await self.server.stop()
            case "back":
                await self.server.stop()
                await self.server.start()
            case "breathe":
                await asyncio.sleep(0.03)
        await asyncio.sleep(0)

    async def settle(self) -> None:
        """Return when it is connected, all gaps are closed and all events acknowledged."""
        await self.act("back", "", "")
        await self.start()
        assert self.service is not None
        async with asyncio.timeout(20):
            while True:
                status = await self.service.status()
                is_connected = status["websocket_connection"]["is_connected"]
                waiting = status["queue_depth"] + status["spool"]["uncommitted_events"] + status["gaps"]["open"]
                if is_connected and not waiting and await self.keys() >= self.expected:
                    return
                await asyncio.sleep(0.01)

    async def keys(self) -> set[tuple[str, int]]:
        page = await self.store.reader.recent_events(RecentEvents(EVER, limit=1000, event_type=STATE_CHANGED))
        return {(event.entity_id or "", event.time_ns) for event in page.events}


@asynccontextmanager
async def a_rig() -> AsyncIterator[Rig]:
    with tempfile.TemporaryDirectory() as folder:
        store = await open_store(StoreSettings.model_validate({"data_dir": Path(folder)}), writes_events=True)
        rig = Rig(store, Path(folder))
        await rig.server.start()
        await rig.pipeline.start()
        try:
            yield rig
        finally:
            await rig.stop()
            await rig.server.stop()
            await rig.pipeline.stop()
            await store.close()


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(script=st.lists(acts, min_size=5, max_size=40))
def test_a_cut_session_and_its_backfill_leave_the_keys_of_one_that_was_never_cut(
    script: list[tuple[str, str, str]],
) -> None:
    async def run() -> None:
        async with a_rig() as rig:
            for entity_id in ENTITIES:
                rig.house.set_state(entity_id, "0", {})
            await rig.start()
            await rig.settle()
            for act in script:
                await rig.act(*act)
            await rig.settle()
            assert await rig.keys() == rig.expected

    asyncio.run(run())
