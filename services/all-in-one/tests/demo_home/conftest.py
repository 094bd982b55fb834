"""Fixtures of the demo home's tests: a house, its server, and a plain WebSocket client."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC
from pathlib import Path
from random import Random
from typing import Any

import aiohttp
import pytest
from ha_ingestor.demo_home import House, SimulatedHomeAssistant
from ha_ingestor.demo_home.simulation import Behaviour, Turn
from ha_ingestor_core.clock import NS_PER_S, FakeClock

TOKEN = "a-token-of-the-tests"
MIDNIGHT_NS = 1_799_971_200 * NS_PER_S
SESSION = Path(__file__).parents[4] / "tests" / "data" / "home-assistant-2024.3-session.jsonl"


class Client:
    """Speaks the WebSocket API, one message at a time, coalesced or not."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self.socket = socket
        self.frames: list[str] = []
        self._pending: list[dict[str, Any]] = []
        self._next_id = 0

    async def receive(self) -> dict[str, Any]:
        """The next message."""
        while not self._pending:
            frame = await self.socket.receive_str(timeout=5)
            self.frames.append(frame)
            decoded = json.loads(frame)
            self._pending.extend(decoded if isinstance(decoded, list) else [decoded])
        return self._pending.pop(0)

    async def send(self, **message: Any) -> None:
        """Send a message as it is."""
        await self.socket.send_json(message)

    async def ask(self, kind: str, **arguments: Any) -> dict[str, Any]:
        """Send a command with the next id, and receive the next message."""
        self._next_id += 1
        await self.send(id=self._next_id, type=kind, **arguments)
        return await self.receive()


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def house(clock: FakeClock) -> House:
    return House(clock=clock, rng=Random(1))


@pytest.fixture
async def server(house: House) -> AsyncIterator[SimulatedHomeAssistant]:
    server = SimulatedHomeAssistant(house, TOKEN)
    await server.start()
    yield server
    await server.stop()


@pytest.fixture
async def connect(server: SimulatedHomeAssistant) -> AsyncIterator[Callable[[], Awaitable[Client]]]:
    """Opens connections that are not logged in."""
    async with aiohttp.ClientSession() as session:

        async def open_connection() -> Client:
            return Client(await session.ws_connect(f"{server.url}/api/websocket"))

        yield open_connection


@pytest.fixture
async def client(connect: Callable[[], Awaitable[Client]]) -> Client:
    """A client that is logged in."""
    client = await connect()
    await client.receive()
    await client.send(type="auth", access_token=TOKEN)
    await client.receive()
    return client


@pytest.fixture
def live(house: House) -> Callable[..., float]:
    """Gives a behaviour that many turns from an hour of the day on; returns the seconds that they took."""
    rng = Random(1)

    def give(behaviour: Behaviour, *, turns: int, hour: float = 12.0) -> float:
        passed = 0.0
        for _ in range(turns):
            time_ns = MIDNIGHT_NS + round((hour * 3600 + passed) * NS_PER_S)
            seconds = behaviour.take_turn(Turn(house, time_ns, rng, UTC))
            if seconds is None:
                break
            passed += seconds
        return passed

    return give


@pytest.fixture(scope="session")
def recorded_messages() -> list[dict[str, Any]]:
    """What a real Home Assistant 2024.3 sent."""
    frames = [json.loads(line) for line in SESSION.read_text(encoding="utf-8").splitlines()]
    return [frame["msg"] for frame in frames if frame["dir"] == "server"]
