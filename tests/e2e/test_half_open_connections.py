"""2,000 connections with incomplete requests: events are still captured, and a complete request is answered."""

from __future__ import annotations

import asyncio
import resource
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from tests.e2e.ingestor import COMMAND, START_LIMIT_S, Api
from tests.ports import free_port

CONNECTIONS = 2_000
DESCRIPTORS = 512
HALF_A_HEAD = b"GET /api/v1/health HTTP/1.1\r\nHost: localhost\r\nX-Slow: "
HALF_A_BODY = (
    b"POST /api/v1/session HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 99\r\n\r\n{"
)


@pytest.fixture(autouse=True)
def many_descriptors() -> Iterator[None]:
    """Raise the limit of descriptors, since this process holds all connections."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY and hard < CONNECTIONS + 500:
        pytest.skip(f"at most {hard} files may be open here")
    resource.setrlimit(resource.RLIMIT_NOFILE, (CONNECTIONS + 500, hard))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


class Ingestor:
    """`ha-ingestor run all` with a demo home and few descriptors."""

    def __init__(self, folder: Path) -> None:
        self.port = free_port()
        self.log = folder / "log"
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                [COMMAND, "run", "all"],
                cwd=folder,
                env={
                    "PATH": "/usr/bin:/bin",
                    "HOME": str(folder),
                    "ADMIN_API_PORT": str(self.port),
                    "DATA_DIR": str(folder / "data"),
                },
                stdout=log,
                stderr=log,
                preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (DESCRIPTORS, DESCRIPTORS)),
            )

    @property
    def descriptors(self) -> int:
        """Return the number of its open descriptors."""
        return len(list(Path(f"/proc/{self.process.pid}/fd").iterdir()))


@pytest.mark.skipif(sys.platform != "linux", reason="counts the descriptors in /proc")
@pytest.mark.parametrize("half", [HALF_A_HEAD, HALF_A_BODY], ids=["head", "body"])
async def test_half_open_connections_stop_nothing(tmp_path: Path, half: bytes) -> None:
    ingestor = Ingestor(tmp_path)
    api = Api(f"http://127.0.0.1:{ingestor.port}")
    opened: list[socket.socket] = []

    async def captured() -> Any:
        return (await api.get("/api/v1/health"))["ingestion_service"]["event_processing"]["last_event_time"]

    try:
        before = await api.eventually(captured, bool, START_LIMIT_S)
        for number in range(CONNECTIONS):
            connection = socket.socket()
            connection.setblocking(False)
            opened.append(connection)
            await asyncio.get_running_loop().sock_connect(connection, ("127.0.0.1", ingestor.port))
            try:
                await asyncio.get_running_loop().sock_sendall(connection, half)
            except ConnectionError:
                continue  # closed to make room
            if number % 200 == 0:
                assert ingestor.descriptors < DESCRIPTORS
        assert ingestor.descriptors < DESCRIPTORS - 100
        async with aiohttp.ClientSession() as honest:  # a new connection, while all others are open
            async with honest.get(f"{api.url}/api/v1/health") as answer:
                assert answer.status == 200
            async with honest.get(f"{api.url}/api/v1/events", params={"limit": 1}) as answer:
                assert answer.status == 200
        await api.eventually(captured, lambda now: now > before)
        log = ingestor.log.read_text(encoding="utf-8", errors="replace")
        assert "Too many open files" not in log
        assert "not_writable" not in log
        assert "connection_limit_reached" in log
    finally:
        for connection in opened:
            connection.close()
        await api.close()
        ingestor.process.terminate()
        assert await asyncio.to_thread(ingestor.process.wait, 15) == 0
