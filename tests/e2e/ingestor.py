"""The `ha-ingestor` command as started by a user: a process, with requests over HTTP."""

from __future__ import annotations

import asyncio
import itertools
import json
import os
import re
import signal
import sys
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from pathlib import Path
from types import TracebackType
from typing import Any
from urllib.parse import urlencode

import aiohttp

from tests.ports import free_port

COMMAND = Path(sys.executable).parent / "ha-ingestor"
START_LIMIT_S = 60.0
"""Time limit of any operation on a busy machine, where a start can take half a minute."""


class Process:
    """One `ha-ingestor` process; its log is part of the message of a failed test."""

    def __init__(self, *arguments: str, folder: Path, **environment: str) -> None:
        self._arguments = arguments
        self.command = COMMAND
        self.folder = folder
        # The history at the first start has its own test; here only captured events are counted.
        self.environment = {"HISTORY_AT_FIRST_START": "0", **environment}
        self._log = folder / f"{'-'.join(arguments)}.log"
        self._process: asyncio.subprocess.Process | None = None

    @property
    def log(self) -> str:
        """The log so far."""
        return self._log.read_text(encoding="utf-8", errors="replace")

    async def start(self) -> None:
        """Start it in its folder; of this environment it has only PATH."""
        with self._log.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                self.command,
                *self._arguments,
                cwd=self.folder,
                env={"PATH": os.environ["PATH"], "HOME": str(self.folder), **self.environment},
                stdout=log,
                stderr=log,
            )

    async def end(self, by: signal.Signals = signal.SIGINT, within_s: float = 10.0) -> int:
        """Send a signal and wait; return the exit code. Killed after a time limit."""
        if self._process is None:
            return 0
        process, self._process = self._process, None
        if process.returncode is None:
            process.send_signal(by)
        try:
            return await asyncio.wait_for(process.wait(), within_s)
        except TimeoutError:
            process.kill()
            await process.wait()
            raise AssertionError(f"{self._arguments} did not end within {within_s} s:\n{self.log[-4000:]}") from None

    async def wait(self) -> int:
        """Return the exit code of a process that exits by itself."""
        assert self._process is not None
        return await self._process.wait()

    @property
    def has_ended(self) -> bool:
        """Whether it was started and has exited by itself."""
        return self._process is not None and self._process.returncode is not None

    def send_signal(self, number: signal.Signals) -> None:
        """Send it a signal if it is running."""
        if self._process is not None and self._process.returncode is None:
            self._process.send_signal(number)

    def assert_running(self) -> None:
        """Fail with its log if it has exited by itself."""
        assert self._process is not None
        assert self._process.returncode is None, f"{self._arguments} ended:\n{self.log[-4000:]}"


class NotKnownError(AssertionError):
    """A 404 instead of the expected status."""


class Api:
    """The Admin API of an ingestor, which may not have started yet."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._minutes = itertools.count(60)
        self._session = aiohttp.ClientSession()

    async def get(self, path: str, *, status: int = 200, **parameters: Any) -> Any:
        """Return the JSON of an answer with the expected status."""
        query = f"?{urlencode(parameters)}" if parameters else ""
        async with self._session.get(f"{self.url}{path}{query}") as response:
            text = await response.text()
            if response.status != status:
                kind = NotKnownError if response.status == HTTPStatus.NOT_FOUND else AssertionError
                raise kind(f"{path}{query}: {response.status} {text[:500]}")
            return json.loads(text)

    async def eventually(
        self, ask: Callable[[], Awaitable[Any]], wanted: Callable[[Any], Any], within_s: float = START_LIMIT_S
    ) -> Any:
        """Return the first answer that matches; the message of a failure has the last one.

        A 404 is retried.
        """
        answer: Any = None
        try:
            async with asyncio.timeout(within_s):
                while True:
                    try:
                        answer = await ask()
                        if wanted(answer):
                            return answer
                    except (aiohttp.ClientConnectionError, NotKnownError) as err:
                        answer = err
                    await asyncio.sleep(0.05)
        except TimeoutError:
            raise AssertionError(f"not within {within_s} s; last answer: {str(answer)[:2000]}") from None

    async def events(self, **parameters: Any) -> list[dict[str, Any]]:
        """Return one page of events, newest first."""
        answer: list[dict[str, Any]] = (await self.get("/api/v1/events", **parameters))["events"]
        return answer

    async def total(self) -> int:
        """Return the events of about the last hour; the period differs in each call, since answers are cached."""
        period = f"{next(self._minutes)}m"
        total: int = (await self.get("/api/v1/stats", period=period))["metrics"]["total_events"]
        return total

    async def close(self) -> None:
        """Close the connections."""
        await self._session.close()


class Ingestor:
    """`ha-ingestor run all` with a Home Assistant; `async with` starts it and stops it by SIGINT."""

    def __init__(self, folder: Path, *, url: str = "", token: str = "", **environment: str) -> None:
        self.port = free_port()
        self.process = Process(
            "run",
            "all",
            folder=folder,
            HA_URL=url,
            HA_TOKEN=token,
            ADMIN_API_PORT=str(self.port),
            DATA_DIR=str(folder / "data"),
            **environment,
        )
        self.api = Api(f"http://127.0.0.1:{self.port}")

    async def start(self) -> None:
        """Start it, and return when it is connected to Home Assistant."""
        await self.process.start()

        async def health() -> Any:
            self.process.assert_running()
            return await self.api.get("/api/v1/health")

        await self.api.eventually(
            health, lambda h: h["ingestion_service"]["websocket_connection"]["is_connected"], START_LIMIT_S
        )

    async def command(self, *arguments: str) -> str:
        """Return the output of a `ha-ingestor` command with the same settings; it must succeed."""
        process = await asyncio.create_subprocess_exec(
            COMMAND,
            *arguments,
            cwd=self.process.folder,
            env={"PATH": os.environ["PATH"], "HOME": str(self.process.folder), **self.process.environment},
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        output, _ = await process.communicate()
        assert process.returncode == 0, output.decode()
        return output.decode()

    async def sign_in_link(self, url: str | None = None) -> str:
        """Return a sign-in link, at another address of the dashboard if one is given."""
        output = await self.command("link", *(["--url", url] if url else []))
        (link,) = re.findall(r"http\S+#sign-in=\S+", output)
        return str(link)

    async def __aenter__(self) -> Ingestor:
        try:
            await self.start()
        except BaseException:
            await self.process.end(signal.SIGKILL)
            await self.api.close()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            await self.process.end()
        finally:
            await self.api.close()


async def wait_until_closed(ingestor: Ingestor, logged: int) -> None:
    """Return when a gap is closed and none is open, by the log after a number of characters."""

    def is_closed(log: str) -> bool:
        closed = log[logged:].count("gap_closed")
        return closed >= max(1, log[logged:].count("gap_found"))

    await ingestor.api.eventually(lambda: asyncio.sleep(0, ingestor.process.log), is_closed)
