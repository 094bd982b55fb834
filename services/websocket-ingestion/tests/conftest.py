"""The parts of a capture with fakes around them, and the recorded session."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from ha_ingestor_core.clock import FakeClock
from ha_ingestor_core.service_metrics import ServiceCounters
from prometheus_client import CollectorRegistry
from websocket_ingestion.connection.socket import USUAL_TIMING, SocketTiming
from websocket_ingestion.gaps.filling_plan import FillingLimits
from websocket_ingestion.gaps.gap_tracker import GapTracker
from websocket_ingestion.gaps.outcomes import Outcomes
from websocket_ingestion.metrics import IngestionMetrics
from websocket_ingestion.spool.intake import Intake
from websocket_ingestion.spool.limits import SpoolLimits
from websocket_ingestion.spool.segments.segment import Found
from websocket_ingestion.spool.segments.segment_log import SegmentLog
from websocket_ingestion.spool.spool import Spool

from tests.websocket_ingestion.capture_rig import CaptureRig
from tests.websocket_ingestion.fakes import FakeDelivery, FakeSink
from tests.websocket_ingestion.gap_rig import HISTORY, GapRig
from tests.websocket_ingestion.scripted_home_assistant import Message, ScriptedHomeAssistant

RECORDED = Path(__file__).parents[3] / "tests" / "data" / "home-assistant-2024.3-session.jsonl"
TIMEOUT_S = 10.0


@pytest.fixture
async def home_assistant() -> AsyncIterator[ScriptedHomeAssistant]:
    scripted = ScriptedHomeAssistant()
    await scripted.start()
    yield scripted
    scripted.released.set()
    await scripted.server.close()


@pytest.fixture
def eventually() -> Callable[[Callable[[], Any]], Awaitable[None]]:
    async def wait(is_so: Callable[[], Any]) -> None:
        async with asyncio.timeout(TIMEOUT_S):
            while not is_so():  # noqa: ASYNC110
                await asyncio.sleep(0.002)

    return wait


@pytest.fixture
def delivery() -> FakeDelivery:
    return FakeDelivery()


@pytest.fixture
def sink() -> FakeSink:
    return FakeSink()


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def registry() -> CollectorRegistry:
    return CollectorRegistry()


@pytest.fixture
def metrics(registry: CollectorRegistry) -> IngestionMetrics:
    return IngestionMetrics(registry)


@pytest.fixture
def counters() -> ServiceCounters:
    return ServiceCounters()


@pytest.fixture
async def spool(tmp_path: Path, clock: FakeClock, metrics: IngestionMetrics) -> AsyncIterator[Spool]:
    limits = SpoolLimits(disk_bytes=10_000, memory_bytes=100_000, retry_s=0.01)
    spool = Spool(tmp_path / "spool" / "home", clock=clock, metrics=metrics, limits=limits)
    await spool.start()
    yield spool
    await spool.stop()


@pytest.fixture
def intake(spool: Spool, counters: ServiceCounters, clock: FakeClock, metrics: IngestionMetrics) -> Intake:
    return Intake(spool=spool, counters=counters, clock=clock, metrics=metrics)


@pytest.fixture
async def gaps(
    tmp_path: Path, intake: Intake, sink: FakeSink, clock: FakeClock, metrics: IngestionMetrics
) -> AsyncIterator[GapTracker]:
    keeper = GapTracker(
        home="home",
        folder=tmp_path / "gaps",
        intake=intake,
        outcomes=Outcomes(),
        sink=sink,
        clock=clock,
        metrics=metrics,
        limits=FillingLimits(rest_s=0, settle_s=0, retry_s=0.01),
    )
    await keeper.start()
    yield keeper
    await keeper.stop()


@pytest.fixture(scope="session")
def recorded() -> list[Message]:
    """The messages of a real Home Assistant's session, those of the server only."""
    lines = map(json.loads, RECORDED.read_text(encoding="utf-8").splitlines())
    return [line["msg"] for line in lines if line["dir"] == "server"]


@pytest.fixture
async def rig(
    home_assistant: ScriptedHomeAssistant, delivery: FakeDelivery, sink: FakeSink, tmp_path: Path, eventually: Any
) -> AsyncIterator[GapRig]:
    """The capture of one home, whose gaps are watched."""
    rig = GapRig(home_assistant, delivery, sink, tmp_path, eventually)
    home_assistant.results[HISTORY] = {}
    yield rig
    for service in rig.services:
        await service.stop()


@pytest.fixture
async def open_spool(tmp_path: Path, clock: FakeClock) -> AsyncIterator[Any]:
    """Spools on the same folder, one after the other."""
    running: list[Spool] = []

    async def open_next(log: SegmentLog | None = None, **limits: Any) -> Spool:
        for spool in running:
            await spool.stop()
        running[:] = [
            Spool(
                tmp_path / "home",
                clock=clock,
                metrics=IngestionMetrics(CollectorRegistry()),
                limits=SpoolLimits(**{"retry_s": 0.01, **limits}),
                log=log,
            )
        ]
        await running[0].start()
        return running[0]

    yield open_next
    for spool in running:
        await spool.stop()


@pytest.fixture
def open_log(tmp_path: Path) -> Iterator[Any]:
    """The folder open_log again and again; each time the one before is closed."""
    folders: list[SegmentLog] = []

    def open_folder(segment_bytes: int = 200) -> tuple[SegmentLog, Found]:
        for folder in folders:
            folder.close()
        folders[:] = [SegmentLog(tmp_path / "spool" / "home", segment_bytes=segment_bytes)]
        return folders[0], folders[0].open()

    yield open_folder
    for folder in folders:
        folder.close()


@pytest.fixture
async def start(home_assistant: Any, delivery: Any, sink: Any, eventually: Any, tmp_path: Path) -> AsyncIterator[Any]:
    rigs: list[CaptureRig] = []

    async def start_rig(
        *,
        token: str = "the-token",
        disk_bytes: int = 1 << 30,
        timing: SocketTiming = USUAL_TIMING,
        subscribed: bool = True,
    ) -> CaptureRig:
        folder = tmp_path / str(len(rigs)) / "spool"
        rigs.append(
            CaptureRig(home_assistant, delivery, sink, folder, token=token, disk_bytes=disk_bytes, timing=timing)
        )
        await rigs[-1].start()
        if subscribed:
            await eventually(lambda: home_assistant.commands_of("get_states"))
        return rigs[-1]

    yield start_rig
    for rig in rigs:
        await rig.stop()
