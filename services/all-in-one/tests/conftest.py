"""Fixtures: a house, its server and a plain WebSocket client; folders of data, and a backup."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC
from pathlib import Path
from random import Random
from typing import Any

import aiohttp
import pytest
from ha_ingestor.archive.backup import make_backup
from ha_ingestor.data_formats import keep_data_formats
from ha_ingestor.demo_home import House, SimulatedHomeAssistant
from ha_ingestor.demo_home.simulation import Behaviour, Turn
from ha_ingestor_core.clock import NS_PER_S, FakeClock
from ha_ingestor_store.embedded.store import EmbeddedStore
from ha_ingestor_store.time_range import DAY_NS
from websocket_ingestion.gaps.checkpoint import Checkpoint, CheckpointFile
from websocket_ingestion.gaps.elapsed import Moment

from tests.ha_ingestor.archive_data import point, write

TOKEN = "a-token-of-the-tests"
MIDNIGHT_NS = 1_799_971_200 * NS_PER_S
SESSION = Path(__file__).parents[3] / "tests" / "data" / "home-assistant-2024.3-session.jsonl"


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


@pytest.fixture
async def data_dir(tmp_path: Path) -> Path:
    """A folder with 500 events, some settings, a spool, and a checkpoint ahead of the newest event."""
    folder = tmp_path / "data"
    await write(folder, 0, 500)
    (folder / "filters.json").write_text("before")
    (folder / "alerts").mkdir()
    (folder / "alerts" / "state.json").write_text("alerts")
    (folder / "spool" / "home").mkdir(parents=True)
    (folder / "spool" / "home" / "cursor").write_text("spool")
    file = CheckpointFile.open(folder / "gaps" / "home.mark")
    file.write(Checkpoint(2 * DAY_NS, Moment(3 * DAY_NS, 4, 5)))
    file.close()
    return folder


@pytest.fixture
async def archive(data_dir: Path, tmp_path: Path) -> Path:
    """A backup made while the store is in use; 300 events and other settings came after it."""
    store = await EmbeddedStore.open(data_dir)
    make_backup(data_dir, tmp_path / "backup.tar.gz", 7)
    await store.writer.write_events([point(n) for n in range(1000, 1300)])
    await store.close()
    (data_dir / "filters.json").write_text("after")
    return tmp_path / "backup.tar.gz"


@pytest.fixture
def influx_data_dir(tmp_path: Path) -> Path:
    """The folder of a service whose store is InfluxDB."""
    folder = tmp_path / "influx"
    (folder / "spool" / "home").mkdir(parents=True)
    (folder / "spool" / "home" / "cursor").write_text("spool")
    (folder / "filters.json").write_text("before")
    keep_data_formats(folder, "websocket-ingestion")
    return folder
