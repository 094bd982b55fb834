"""Instances of admin-api are restarted in turn behind nginx: no request fails and no event is missed."""

from __future__ import annotations

import asyncio
import http.client
import itertools
import json
import logging
import socketserver
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from threading import Thread

import aiohttp
import pytest
from admin_api.security.scopes import Scope
from admin_api.security.token_file import TokenFile
from ha_ingestor_core.clock import SystemClock
from ha_ingestor_store.embedded.store import EmbeddedStore
from ha_ingestor_store.points import EventPoint

from tests.admin_api_instance import Instance
from tests.deploy.test_nginx import ADDRESS, DOCKER, NameServer, needs_nginx
from tests.deploy.test_nginx import dashboard as dashboard
from tests.ports import free_port

HOSTS = ("127.0.0.2", "127.0.0.3")
"""Two addresses of this machine, as of two containers: nginx resolves both from one name, with the same port."""
REQUESTS_PER_S = 200
IN_FLIGHT = 50
"""The rate is lower on a machine that cannot answer so many."""
EVENTS_PER_S = 100
PATHS = (
    "stats?period=1h",
    "events?limit=5",
    "health/live",
    "alerts",
    "entities/busiest",
    "gaps",
    "accounting",
)
STREAMS = 5

pytestmark = [pytest.mark.integration, needs_nginx]


class TwoInstances(NameServer):
    """A name server that answers with the addresses of both instances."""

    addresses = HOSTS


@pytest.fixture
def port() -> int:
    """The port of both instances."""
    return free_port()


@pytest.fixture
def address(port: int) -> Iterator[str]:
    """The address file of the Admin API for nginx, with the name server and the port of this test."""
    with socketserver.UDPServer(("127.0.0.1", 0), TwoInstances) as server:
        Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        text = (DOCKER / ADDRESS).read_text(encoding="utf-8").replace("admin-api:8003", f"admin-api:{port}")
        yield text.replace("resolver 127.0.0.11", f"resolver 127.0.0.1:{server.server_address[1]}")
        server.shutdown()


@dataclass
class Requests:
    """A client with a fixed request rate, which does not retry."""

    url: str
    headers: dict[str, str]
    answered: int = 0
    failed: list[str] = field(default_factory=list)

    async def run(self, http: aiohttp.ClientSession, ended: asyncio.Event) -> None:
        """Send requests until the end, and wait for the last answers."""
        loop = asyncio.get_running_loop()
        begin, in_flight = loop.time(), asyncio.Semaphore(IN_FLIGHT)
        async with asyncio.TaskGroup() as asked:
            for number in itertools.count():
                if ended.is_set():
                    return
                await asyncio.sleep(begin + number / REQUESTS_PER_S - loop.time())
                await in_flight.acquire()
                asked.create_task(self._ask(http, number)).add_done_callback(lambda _: in_flight.release())

    async def _ask(self, http: aiohttp.ClientSession, number: int) -> None:
        changes = number % 20 == 0
        method, path = ("PUT", "config/stats-source") if changes else ("GET", PATHS[number % len(PATHS)])
        body = {"stats_compare": bool(number % 40)} if changes else None
        try:
            async with http.request(method, f"{self.url}/api/v1/{path}", json=body, headers=self.headers) as response:
                await response.read()
                if response.status != 200:
                    self.failed.append(f"{method} {path}: {response.status}")
        except (aiohttp.ClientError, TimeoutError) as err:
            self.failed.append(f"{method} {path}: {err!r}")
        self.answered += 1


@dataclass
class EventSource:
    """Reads the stream as a browser does: reconnects with the last id after the announced delay."""

    url: str
    headers: dict[str, str]
    states: list[int] = field(default_factory=list)
    reconnected: int = 0
    problems: list[str] = field(default_factory=list)
    has_begun: asyncio.Event = field(default_factory=asyncio.Event)
    came: asyncio.Event = field(default_factory=asyncio.Event)
    _last_id: str | None = None

    async def run(self, http: aiohttp.ClientSession) -> None:
        """Read until cancelled."""
        while True:
            again = {} if self._last_id is None else {"Last-Event-ID": self._last_id}
            async with http.get(f"{self.url}/api/v1/stream", headers=self.headers | again) as response:
                if response.status != 200:
                    self.problems.append(str(response.status))
                event = b""
                async for line in response.content:
                    event = self._take(line.rstrip(b"\n"), event)
            self.reconnected += 1
            await asyncio.sleep(0.25)

    async def have(self, events: int) -> None:
        """Return when that number of events was received."""
        while len(self.states) < events:
            self.came.clear()
            await self.came.wait()

    def _take(self, line: bytes, event: bytes) -> bytes:
        name, _, value = line.partition(b": ")
        if name == b"id":
            self._last_id = value.decode()
        elif name == b"data" and event == b"events":
            self.states += [int(each["state"]) for each in json.loads(value)]
            self.came.set()
        elif name == b"data" and event in (b"missed", b"statistics"):
            self.has_begun.set()
            self.problems += ["missed"] if event == b"missed" else []
        return value if name == b"event" else event


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[EmbeddedStore]:
    """The embedded store read by both instances."""
    opened = await EmbeddedStore.open(tmp_path / "data")
    yield opened
    await opened.close()


async def write(store: EmbeddedStore, ended: asyncio.Event) -> int:
    """Store numbered events until the end, with the number as state; return their number."""
    clock = SystemClock()
    for number in itertools.count():
        if ended.is_set():
            return number
        point = EventPoint("home", "state_changed", clock.now_ns(), "sensor", "sensor.counter", str(number))
        await store.writer.write_events([point])
        await asyncio.sleep(1 / EVENTS_PER_S)
    raise AssertionError


# plan: success-downtime
async def test_a_rolling_restart_fails_no_request_and_streams_miss_no_event(
    store: EmbeddedStore, dashboard: http.client.HTTPConnection, port: int, tmp_path: Path
) -> None:
    data_dir = tmp_path / "data"
    secret, _ = TokenFile(data_dir, SystemClock()).create("client", Scope.ADMIN)
    url, headers = f"http://127.0.0.1:{dashboard.port}", {"Authorization": f"Bearer {secret}"}
    more = {"ADMIN_API_DRAIN_SECONDS": "1", "ADMIN_API_TRUSTED_PROXIES": "127.0.0.0/8"}
    instances = [Instance(tmp_path / host, data_dir, address=f"{host}:{port}", **more) for host in HOSTS]
    requests, ended = Requests(url, headers), asyncio.Event()
    sources = [EventSource(url, headers) for _ in range(STREAMS)]
    connector = aiohttp.TCPConnector(limit=0)
    async with instances[0], instances[1], aiohttp.ClientSession(connector=connector) as session:
        reading = [asyncio.create_task(source.run(session)) for source in sources]
        for task, source in zip(reading, sources, strict=True):
            begun = asyncio.create_task(source.has_begun.wait())
            await asyncio.wait({task, begun}, timeout=30, return_when=asyncio.FIRST_COMPLETED)
            assert source.has_begun.is_set(), (source, task)
        asking, writing = asyncio.create_task(requests.run(session, ended)), asyncio.create_task(write(store, ended))
        for instance in instances:
            assert await instance.process.end(within_s=30) == 0
            await instance.start()
        ended.set()
        _, events = await asyncio.gather(asking, writing)
        await asyncio.wait_for(asyncio.gather(*(source.have(events) for source in sources)), 30)
        for task in reading:
            task.cancel()
        await asyncio.gather(*reading, return_exceptions=True)
    logging.getLogger(__name__).info("%d requests, %d events", requests.answered, events)
    assert requests.failed == []
    assert requests.answered > REQUESTS_PER_S
    assert [source.problems for source in sources] == [[]] * STREAMS
    assert [sorted(source.states) for source in sources] == [list(range(events))] * STREAMS
    assert sum(source.reconnected for source in sources) >= STREAMS
