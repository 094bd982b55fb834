"""A proxy in front of the database, or between two services, with all kinds of HTTP failures."""

from __future__ import annotations

import asyncio
import gzip
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager

import aiohttp
from aiohttp import web
from msgspec import Struct

_GZIP = b"\x1f\x8b"
_OF_ONE_HOP = {"host", "content-length", "transfer-encoding", "connection", "keep-alive"}


class Request(Struct):
    """A request of a client."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes


class Answer(Struct):
    """The answer to a request."""

    status: int
    headers: dict[str, str] = {}
    body: bytes = b""


class CutError(Exception):
    """Reset the connection instead of answering."""


Forward = Callable[[Request], Awaitable[Answer]]
Behaviour = Callable[[Request, Forward], Awaitable[Answer]]


class HttpProxy:
    """Forwards requests, unless a behaviour is set."""

    def __init__(self, target: str) -> None:
        self.url = ""
        self._target = target
        self._behaviour: Behaviour | None = None
        self._runner: web.ServerRunner | None = None
        self._session: aiohttp.ClientSession | None = None
        self._transports: set[asyncio.Transport] = set()

    async def start(self) -> None:
        """Listen on a free port."""
        self._session = aiohttp.ClientSession(auto_decompress=False)
        self._runner = web.ServerRunner(
            web.Server(self._serve, access_log=None, auto_decompress=False), shutdown_timeout=0.1
        )
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}"

    async def stop(self) -> None:
        """Stop listening."""
        self.cut()
        if self._runner is not None:
            await self._runner.cleanup()
        if self._session is not None:
            await self._session.close()

    @contextmanager
    def behaving(self, behaviour: Behaviour) -> Iterator[None]:
        """Use this behaviour until the block ends."""
        self._behaviour = behaviour
        try:
            yield
        finally:
            self._behaviour = None
            self.cut()

    def cut(self) -> None:
        """Reset every connection with a request in flight."""
        for transport in tuple(self._transports):
            transport.abort()

    async def _serve(self, request: web.BaseRequest) -> web.StreamResponse:
        asked = Request(request.method, request.raw_path, _headers(request.headers), await request.read())
        transport = request.transport
        assert transport is not None
        self._transports.add(transport)
        try:
            behaviour = self._behaviour
            answer = await (behaviour(asked, self._forward) if behaviour else self._forward(asked))
        except (CutError, aiohttp.ClientError):
            transport.abort()
            answer = Answer(502)
        finally:
            self._transports.discard(transport)
        return web.Response(status=answer.status, headers=answer.headers, body=answer.body)

    async def _forward(self, request: Request) -> Answer:
        assert self._session is not None
        async with self._session.request(
            request.method,
            f"{self._target}{request.path}",
            headers=request.headers,
            data=request.body,
            skip_auto_headers=("Content-Type", "Accept-Encoding", "User-Agent"),
        ) as response:
            return Answer(response.status, _headers(response.headers), await response.read())


TLS_PORT = b"Client sent an HTTP request to an HTTPS server.\n"
PAGE = b"<html><head><title>400 Bad Request</title></head><body><h1>400 Bad Request</h1>nginx</body></html>"
STRANGE = b'{"code":"invalid","error":"the moon is full","message":"the moon is full"}'


def saying(status: int, body: bytes) -> Behaviour:
    """Answer every request with a status and a body, as a server other than InfluxDB does."""

    async def behave(_: Request, __: Forward) -> Answer:
        return Answer(status, {}, body)

    return behave


def answering(status: int, **headers: str) -> Behaviour:
    """Answer every request with a status."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}

    async def behave(_: Request, __: Forward) -> Answer:
        return Answer(status, named, b'{"error":"a fault of the test","message":"a fault of the test"}')

    return behave


def slow(seconds: float) -> Behaviour:
    """Forward the request, and delay the answer."""

    async def behave(request: Request, forward: Forward) -> Answer:
        answer = await forward(request)
        await asyncio.sleep(seconds)
        return answer

    return behave


def cut_before() -> Behaviour:
    """Reset the connection before forwarding the request."""

    async def behave(_: Request, __: Forward) -> Answer:
        raise CutError

    return behave


def cut_after() -> Behaviour:
    """Forward the request, and reset the connection instead of answering."""

    async def behave(request: Request, forward: Forward) -> Answer:
        await forward(request)
        raise CutError

    return behave


def silent() -> Behaviour:
    """Half-open: accept the request, and never answer."""

    async def behave(_: Request, __: Forward) -> Answer:
        await asyncio.Event().wait()
        raise AssertionError("nobody waits that long")

    return behave


def refusing_bodies_above(limit: int) -> Behaviour:
    """Answer 413 to large requests, as a proxy does."""

    async def behave(request: Request, forward: Forward) -> Answer:
        if len(request.body) > limit:
            return Answer(413, body=b"Request Entity Too Large")
        return await forward(request)

    return behave


def refusing_lines(mark: bytes, status: int) -> Behaviour:
    """Write all lines of events except marked ones, and report those, as InfluxDB does for a field of another type."""

    async def behave(request: Request, forward: Forward) -> Answer:
        if request.method != "POST" or "/write?" not in request.path:
            return await forward(request)
        is_packed = request.body.startswith(_GZIP)
        lines = (gzip.decompress(request.body) if is_packed else request.body).split(b"\n")
        good = [line for line in lines if not (line.startswith(b"home_assistant_events") and mark in line)]
        if len(good) == len(lines):
            return await forward(request)
        if good:
            body = gzip.compress(b"\n".join(good), 1) if is_packed else b"\n".join(good)
            answer = await forward(Request(request.method, request.path, request.headers, body))
            if answer.status >= 300:
                return answer
        dropped = len(lines) - len(good)
        text = b"partial write: field type conflict: by a fault of the test dropped=%d" % dropped
        return Answer(status, {"Content-Type": "application/json"}, b'{"error":"%b","message":"%b"}' % (text, text))

    return behave


def _headers(headers: aiohttp.typedefs.LooseHeaders) -> dict[str, str]:
    return {name: value for name, value in dict(headers).items() if name.lower() not in _OF_ONE_HOP}
