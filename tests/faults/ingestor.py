"""The processes of an ingestor under test: killed, suspended, and restarted, also if they exit by themselves."""

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
    """One process or three, by role; a fault that stops some of them restarts them."""

    def __init__(self, *roles: str, folder: Path, environment: dict[str, str]) -> None:
        self.roles = roles
        self.deaths: list[str] = []
        """The processes that exited by themselves and were restarted, as by a supervisor."""
        self._processes = {role: Process("run", role, folder=folder, **environment) for role in roles}
        self._turns = {role: asyncio.Lock() for role in roles}
        self._watcher: asyncio.Task[None] | None = None

    @property
    def capture(self) -> str:
        """The process with the spool."""
        return "all" if "all" in self.roles else "websocket-ingestion"

    @property
    def writer(self) -> str:
        """The process that writes to the store."""
        return "all" if "all" in self.roles else "enrichment-pipeline"

    async def start(self) -> None:
        """Start all processes, and restart those that exit."""
        for role in self.roles:
            await self._start(role)
        self._watcher = asyncio.create_task(self._watch(), name="supervisor")

    async def stop(self, by: signal.Signals = signal.SIGTERM) -> None:
        """Stop all processes finally."""
        if self._watcher is not None:
            self._watcher.cancel()
            await asyncio.wait({self._watcher})
        for role in self.roles[::-1]:
            await self._processes[role].end(by, _END_LIMIT_S)

    @asynccontextmanager
    async def without(self, *roles: str, by: signal.Signals = signal.SIGKILL) -> AsyncIterator[None]:
        """Send a signal to these processes; they are stopped inside the block and restarted after it."""
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
        """Suspend a process inside the block, as a suspended machine does."""
        async with self._turns[role]:
            self._processes[role].send_signal(signal.SIGSTOP)
            try:
                yield
            finally:
                self._processes[role].send_signal(signal.SIGCONT)

    def lost_in_the_spool(self) -> int:
        """Return the events reported as unreadable; one file may be reported more than once."""
        lost: dict[str, int] = {}
        for line in _lines(self._processes[self.capture]):
            if line["event"] == "spool_damaged":
                name = line.get("file") or Path(line["set_aside"]).name.partition(".damaged")[0]
                lost[name] = max(line["events_lost"], lost.get(name, 0))
        return sum(lost.values())

    def tracebacks(self) -> list[str]:
        """Return the logged tracebacks of unexpected errors."""
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
    """The lines of the log, without a line truncated by a kill."""
    texts = process.log.splitlines()
    return [json.loads(text) for text in texts if text.startswith("{") and text.endswith("}")]
