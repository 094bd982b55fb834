"""An HTTP server on a free port of this machine, answered by one function."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from aiohttp import web

from tests.recorded.exchanges import Response

_LONGEST_BODY = 64 * 1024 * 1024


@asynccontextmanager
async def serving(answer: Callable[[web.Request], Awaitable[Response]]) -> AsyncIterator[str]:
    """The address of a server that answers every request by `answer`; bodies arrive as they were sent."""

    async def handle(request: web.Request) -> web.Response:
        response = await answer(request)
        return web.Response(status=response.status, headers=response.headers, body=response.body.encode())

    app = web.Application(client_max_size=_LONGEST_BODY)
    app.router.add_route("*", "/{path:.*}", handle)
    runner = web.AppRunner(app, auto_decompress=False, access_log=None)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        host, port = runner.addresses[0][:2]
        yield f"http://{host}:{port}"
    finally:
        await runner.cleanup()
