"""One instance of admin-api in its own process; several share one DATA_DIR."""

from __future__ import annotations

import asyncio
import signal
from pathlib import Path
from types import TracebackType
from typing import Any

import aiohttp

from tests.e2e.ingestor import START_LIMIT_S, Process
from tests.ports import free_port

_LOOK_S = 0.02


class Instance:
    """`ha-ingestor run admin-api`; `folder` has its log, `data_dir` is shared."""

    def __init__(self, folder: Path, data_dir: Path, *, address: str = "", **more: str) -> None:
        folder.mkdir(exist_ok=True)
        address = address or f"127.0.0.1:{free_port()}"
        host, _, port = address.partition(":")
        self.url = f"http://{address}"
        self.process = Process(
            "run",
            "admin-api",
            folder=folder,
            DATA_DIR=str(data_dir),
            ADMIN_API_HOST=host,
            ADMIN_API_PORT=port,
            ADMIN_API_RATE_LIMIT="0",
            INSTANCE=folder.name,
            **more,
        )
        self.http = aiohttp.ClientSession()

    async def start(self) -> None:
        """Start it, and return when it answers."""
        await self.process.start()
        async with asyncio.timeout(START_LIMIT_S):
            while not await self._answers():
                self.process.assert_running()
                await asyncio.sleep(_LOOK_S)

    async def ask(self, method: str, path: str, token: str = "", *, json: object = None, **headers: str) -> Any:
        """Return the status and the JSON of an answer, None without JSON."""
        shown = {"Authorization": f"Bearer {token}"} if token else {}
        async with self.http.request(
            method, f"{self.url}/api/v1/{path}", json=json, headers=shown | headers
        ) as response:
            return response.status, (await response.json() if response.content_type == "application/json" else None)

    async def eventually(self, path: str, wanted: Any, token: str = "", **headers: str) -> Any:
        """Return the first answer that matches: by status, or by `wanted` of the JSON."""
        async with asyncio.timeout(START_LIMIT_S):
            while True:
                status, body = await self.ask("GET", path, token, **headers)
                if (status == wanted) if isinstance(wanted, int) else (status == 200 and wanted(body)):
                    return body
                await asyncio.sleep(_LOOK_S)

    async def _answers(self) -> bool:
        try:
            return bool((await self.ask("GET", "health/live"))[0] == 200)
        except aiohttp.ClientConnectionError:
            return False

    async def __aenter__(self) -> Instance:
        try:
            await self.start()
        except BaseException:
            await self.end(signal.SIGKILL)
            raise
        return self

    async def end(self, by: signal.Signals = signal.SIGTERM) -> int:
        """Stop it and return the exit code."""
        code = await self.process.end(by, within_s=30)
        await self.http.close()
        return code

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.end()
