"""`ha-ingestor` as its user starts it: a process of its own, asked over HTTP."""

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
"""For whatever has an end on a busy machine, where a start alone may take half a minute."""


class Process:
    """One `ha-ingestor` process; its log is kept for the message of a failed test."""

    def __init__(self, *arguments: str, folder: Path, **environment: str) -> None:
        self._arguments = arguments
        self.command = COMMAND
        self.folder = folder
        # What a home was before is another test's: only what is captured here is counted.
        self.environment = {"HISTORY_AT_FIRST_START": "0", **environment}
        self._log = folder / f"{'-'.join(arguments)}.log"
        self._process: asyncio.subprocess.Process | None = None

    @property
    def log(self) -> str:
        """What it has written so far."""
        return self._log.read_text(encoding="utf-8", errors="replace")

    async def start(self) -> None:
        """Start it in its folder, with nothing of this environment but the path."""
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
        """Send a signal and wait; returns the exit code. Killed when it takes too long."""
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
        """The exit code of one that ends by itself."""
        assert self._process is not None
        return await self._process.wait()

    @property
    def has_ended(self) -> bool:
        """Whether it was started and has ended by itself."""
        return self._process is not None and self._process.returncode is not None

    def send_signal(self, number: signal.Signals) -> None:
        """Send it a signal, if it runs."""
        if self._process is not None and self._process.returncode is None:
            self._process.send_signal(number)

    def assert_running(self) -> None:
        """Fail with its log when it has ended by itself."""
        assert self._process is not None
        assert self._process.returncode is None, f"{self._arguments} ended:\n{self.log[-4000:]}"


class NotKnownError(AssertionError):
    """An answer 404 where another one was expected."""


class Api:
    """The Admin API of an ingestor that may not be there yet."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._minutes = itertools.count(60)
        self._session = aiohttp.ClientSession()

    async def get(self, path: str, *, status: int = 200, **parameters: Any) -> Any:
        """The JSON of an answer with the expected status."""
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
        """The first answer that is wanted; the last one is in the message when none is.

        What is not known yet is asked for again.
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
        """One page of events, newest first."""
        answer: list[dict[str, Any]] = (await self.get("/api/v1/events", **parameters))["events"]
        return answer

    async def total(self) -> int:
        """Events of the last hour or so, as of now: about a period of its own, since an answer is kept for a while."""
        period = f"{next(self._minutes)}m"
        total: int = (await self.get("/api/v1/stats", period=period))["metrics"]["total_events"]
        return total

    async def close(self) -> None:
        """Let go of the connections."""
        await self._session.close()


class Ingestor:
    """`ha-ingestor run all` on a Home Assistant; `async with` starts it and ends it by Ctrl-C."""

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
        """The output of a `ha-ingestor` command with the same settings; it must end well."""
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
        """A link that signs one browser in, at another address of the dashboard if one is given."""
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
    """Return once a gap is closed and none is open, by what the log says behind so many characters."""

    def is_closed(log: str) -> bool:
        closed = log[logged:].count("gap_closed")
        return closed >= max(1, log[logged:].count("gap_found"))

    await ingestor.api.eventually(lambda: asyncio.sleep(0, ingestor.process.log), is_closed)
