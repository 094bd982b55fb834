"""The processes of an ingestor under torture: killed, frozen, started again, also when they end by themselves."""

from __future__ import annotations

import asyncio
import json
import signal
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

from tests.e2e.ingestor import Process

_WATCH_S = 0.2
_END_LIMIT_S = 25.0


class Ingestor:
    """One process, or three, by the names of their roles; whoever takes some away starts them again."""

    def __init__(self, *roles: str, folder: Path, environment: dict[str, str]) -> None:
        self.roles = roles
        self.deaths: list[str] = []
        """Who ended by itself, and was started again as any supervisor would."""
        self._processes = {role: Process("run", role, folder=folder, **environment) for role in roles}
        self._turns = {role: asyncio.Lock() for role in roles}
        self._watcher: asyncio.Task[None] | None = None

    @property
    def capture(self) -> str:
        """Who has the spool."""
        return "all" if "all" in self.roles else "websocket-ingestion"

    @property
    def writer(self) -> str:
        """Who writes into the store."""
        return "all" if "all" in self.roles else "enrichment-pipeline"

    async def start(self) -> None:
        """Start all of them, and watch over them."""
        for role in self.roles:
            await self._start(role)
        self._watcher = asyncio.create_task(self._watch(), name="supervisor")

    async def stop(self, by: signal.Signals = signal.SIGTERM) -> None:
        """End all of them for good."""
        if self._watcher is not None:
            self._watcher.cancel()
            await asyncio.wait({self._watcher})
        for role in self.roles[::-1]:
            await self._processes[role].end(by, _END_LIMIT_S)

    @asynccontextmanager
    async def without(self, *roles: str, by: signal.Signals = signal.SIGKILL) -> AsyncIterator[None]:
        """These processes get a signal and are away inside; they are started again afterwards."""
        async with AsyncExitStack() as turns:
            for role in sorted(roles):
                await turns.enter_async_context(self._turns[role])
            await asyncio.gather(*(self._processes[role].end(by, _END_LIMIT_S) for role in roles))
            try:
                yield
            finally:
                await asyncio.gather(*map(self._start, roles))

    @asynccontextmanager
    async def frozen(self, role: str) -> AsyncIterator[None]:
        """A process stands still inside, as on a machine that is suspended."""
        async with self._turns[role]:
            self._processes[role].send_signal(signal.SIGSTOP)
            try:
                yield
            finally:
                self._processes[role].send_signal(signal.SIGCONT)

    def lost_in_the_spool(self) -> int:
        """Events that were told to be unreadable; a file that could not be set aside is told of more than once."""
        lost: dict[str, int] = {}
        for line in _lines(self._processes[self.capture]):
            if line["event"] == "spool_damaged":
                name = line.get("file") or Path(line["set_aside"]).name.partition(".damaged")[0]
                lost[name] = max(line["events_lost"], lost.get(name, 0))
        return sum(lost.values())

    def tracebacks(self) -> list[str]:
        """What was said about errors that nobody foresaw."""
        return [
            f"nobody foresaw: {line}"
            for process in self._processes.values()
            for line in _lines(process)
            if "exception" in line
        ]

    async def _watch(self) -> None:
        while True:
            await asyncio.sleep(_WATCH_S)
            for role, process in self._processes.items():
                async with self._turns[role]:
                    if process.has_ended:
                        self.deaths.append(f"{role}: …{process.log[-300:]}")
                        await self._start(role)

    async def _start(self, role: str) -> None:
        await self._processes[role].start()


def _lines(process: Process) -> list[dict[str, Any]]:
    """What it said, but for a line that a kill has cut."""
    texts = process.log.splitlines()
    return [json.loads(text) for text in texts if text.startswith("{") and text.endswith("}")]
