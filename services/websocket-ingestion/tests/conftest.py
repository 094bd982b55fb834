"""A scripted Home Assistant on a loopback socket, a delivery that does as it is told, and the recorded session."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from aiohttp import WSMsgType, web
from aiohttp.test_utils import TestServer
from ha_ingestor_core.clock import FakeClock
from ha_ingestor_core.delivery import Receipt
from ha_ingestor_core.events import EventBatch, Registries
from ha_ingestor_core.gaps import Gap
from ha_ingestor_core.service_metrics import ServiceCounters, ServiceMetricsPoint
from prometheus_client import CollectorRegistry
from websocket_ingestion.gaps.gap_tracker import GapTracker
from websocket_ingestion.gaps.outcomes import Outcomes
from websocket_ingestion.gaps.plan import FillingLimits
from websocket_ingestion.metrics import IngestionMetrics
from websocket_ingestion.spool.intake import Intake
from websocket_ingestion.spool.limits import SpoolLimits
from websocket_ingestion.spool.spool import Spool

RECORDED = Path(__file__).parents[3] / "tests" / "data" / "home-assistant-2024.3-session.jsonl"
PATIENCE_S = 10.0

Message = dict[str, Any]


class ScriptedHomeAssistant:
    """Speaks Home Assistant's protocol as far as the tests need it, and says exactly what they want."""

    token = "the-token"
    url = ""

    def __init__(self) -> None:
        self.states: Any = []
        self.results: dict[str, Any] = {
            "config/entity_registry/list": [],
            "config/device_registry/list": [],
            "config/area_registry/list": [],
            "config/floor_registry/list": [],
            "config/label_registry/list": [],
        }
        self.first_events: dict[str, Any] = {}
        self.refusals: dict[str, str] = {}
        self.refuse: Callable[[Message], str | None] = lambda _: None
        self.allowed_event_types: set[str] | None = None
        self.ignored: set[str] = set()
        self.hangs_on: set[str] = set()
        self.released = asyncio.Event()
        self.commands: list[Message] = []
        self.sockets: list[web.WebSocketResponse] = []
        self.subscription_id = 0
        self.logins: list[str] = []
        self.rest_tokens: list[str] = []
        self.refused = 0
        self.answers_with: int | None = None
        """A status with which every request is refused, as Home Assistant does with a banned address."""
        app = web.Application(middlewares=[self._refuse_all])
        app.router.add_get("/api/websocket", self._serve)
        app.router.add_get("/manifest.json", self._manifest)
        app.router.add_get("/api/", self._rest)
        self.server = TestServer(app)

    async def start(self) -> None:
        await self.server.start_server()
        self.url = str(self.server.make_url("")).rstrip("/")

    def commands_of(self, kind: str) -> list[Message]:
        return [command for command in self.commands if command["type"] == kind]

    def event(self, event_type: str = "a_test", **data: Any) -> Message:
        body = {"event_type": event_type, "data": data, "origin": "LOCAL", "time_fired": "2026-11-24T08:00:00+00:00"}
        return {"type": "event", "event": body, "id": self.subscription_id}

    async def send(self, *messages: Message) -> None:
        """One message, or several in one coalesced frame."""
        await self.send_text(json.dumps(messages[0] if len(messages) == 1 else list(messages)))

    async def send_text(self, text: str) -> None:
        await self.sockets[-1].send_str(text)

    async def send_bytes(self, data: bytes, kind: WSMsgType = WSMsgType.BINARY) -> None:
        await self.sockets[-1].send_frame(data, kind)

    async def drop(self) -> None:
        await self.sockets[-1].close()

    @web.middleware
    async def _refuse_all(
        self, request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
    ) -> web.StreamResponse:
        if self.answers_with is not None:
            self.refused += 1
            return web.Response(status=self.answers_with)
        return await handler(request)

    async def _rest(self, request: web.Request) -> web.Response:
        self.rest_tokens.append(request.headers["Authorization"])
        return web.json_response({"message": "API running."})

    async def _manifest(self, _: web.Request) -> web.Response:
        return web.json_response({})

    async def _serve(self, request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        await socket.send_json({"type": "auth_required", "ha_version": "2024.3.3"})
        login = await socket.receive_json()
        self.logins.append(login["access_token"])
        if login != {"type": "auth", "access_token": self.token}:
            await socket.send_json({"type": "auth_invalid", "message": "Invalid access token or password"})
            await socket.close()
            return socket
        await socket.send_json({"type": "auth_ok", "ha_version": "2024.3.3"})
        self.sockets.append(socket)
        async for frame in socket:
            await self._answer(socket, json.loads(frame.data))
        return socket

    async def _answer(self, socket: web.WebSocketResponse, command: Message) -> None:
        self.commands.append(command)
        kind = command["type"]
        if kind in self.ignored:
            return
        if kind in self.hangs_on:
            await self.released.wait()
        if kind == "ping":
            await socket.send_json({"id": command["id"], "type": "pong"})
            return
        code = self.refusals.get(kind) or self.refuse(command)
        if kind == "subscribe_events":
            if self.allowed_event_types is not None and command.get("event_type") not in self.allowed_event_types:
                code = "unauthorized"
            else:
                self.subscription_id = command["id"]
        answer = {"id": command["id"], "type": "result", "success": code is None}
        if code is None:
            result = self.states if kind == "get_states" else self.results.get(kind)
            answer["result"] = result(command) if callable(result) else result
        else:
            answer["error"] = {"code": code, "message": f"no {kind} here"}
        await socket.send_json(answer)
        if code is None and kind in self.first_events:
            await socket.send_json({"id": command["id"], "type": "event", "event": self.first_events[kind]})


class FakeDelivery:
    """Acknowledges everything, after the outcomes that a test has put in front."""

    def __init__(self) -> None:
        self.outcomes: list[Exception | Receipt] = []
        self.refuses: Callable[[EventBatch], Exception | None] = lambda _: None
        self.registry_outcomes: list[Exception] = []
        self.attempts: list[EventBatch] = []
        self.delivered: list[EventBatch] = []
        self.registries: list[Registries] = []
        self.may_deliver = asyncio.Event()
        self.may_deliver.set()

    @property
    def events(self) -> list[Any]:
        """What was acknowledged, decoded, in its order."""
        return [json.loads(bytes(event.event)) for batch in self.delivered for event in batch.events]

    @property
    def kinds(self) -> list[str]:
        return [event.kind.value for batch in self.delivered for event in batch.events]

    async def deliver(self, batch: EventBatch) -> Receipt:
        self.attempts.append(batch)
        await self.may_deliver.wait()
        refusal = self.refuses(batch)
        outcome = refusal or (self.outcomes.pop(0) if self.outcomes else Receipt(written=len(batch.events)))
        if isinstance(outcome, Exception):
            raise outcome
        self.delivered.append(batch)
        return outcome

    async def deliver_registries(self, registries: Registries) -> None:
        if self.registry_outcomes:
            raise self.registry_outcomes.pop(0)
        self.registries.append(registries)


class FakeSink:
    """Keeps service_metrics and gaps, after the failures that a test has put in front."""

    def __init__(self) -> None:
        self.points: list[ServiceMetricsPoint] = []
        self.gaps: list[Gap] = []
        self.gap_outcomes: list[Exception] = []

    async def write_service_metrics(self, points: Sequence[ServiceMetricsPoint]) -> None:
        self.points.extend(points)

    async def write_gaps(self, gaps: list[Gap]) -> None:
        if self.gap_outcomes:
            raise self.gap_outcomes.pop(0)
        self.gaps.extend(gaps)


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
        async with asyncio.timeout(PATIENCE_S):
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
