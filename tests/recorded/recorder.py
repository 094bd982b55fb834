"""Stands in front of a real server and keeps every exchange; what it answers is what a replay will."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp
from aiohttp import web
from yarl import URL

from tests.recorded.exchanges import RESPONSE_HEADERS, Exchange, Response, read_request
from tests.recorded.loopback import serving

_OF_ONE_HOP = frozenset({"host", "connection", "content-length", "transfer-encoding", "keep-alive"})


@asynccontextmanager
async def recording(server_url: str) -> AsyncIterator[tuple[str, list[Exchange]]]:
    """The address to ask instead of `server_url`, and the exchanges, which grow."""
    exchanges: list[Exchange] = []

    async with aiohttp.ClientSession() as session:

        async def forward(request: web.Request) -> Response:
            seen, sent = await read_request(request)
            headers = {name: value for name, value in request.headers.items() if name.lower() not in _OF_ONE_HOP}
            url = URL(server_url + request.raw_path, encoded=True)
            async with session.request(request.method, url, headers=headers, data=sent or None) as answer:
                response = Response(
                    status=answer.status,
                    headers={name: answer.headers[name] for name in RESPONSE_HEADERS if name in answer.headers},
                    body=(await answer.read()).decode(),
                )
            exchanges.append(Exchange(seen, response))
            return response

        async with serving(forward) as url:
            yield url, exchanges
