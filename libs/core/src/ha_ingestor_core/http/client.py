"""The HTTP client for requests between the services."""

from __future__ import annotations

import asyncio
import gzip
from http import HTTPStatus

import aiohttp

from ha_ingestor_core.errors import (
    ServiceUnavailableError,
)
from ha_ingestor_core.http.errors import error_from

_IDLE_S = 5.0  # below the server's limit: it would close a connection that a request is using


class InternalClient:
    """Calls another service; its errors are raised here as there.

    The exception is TerminalError, which is raised as ServiceUnavailableError: the caller can only wait and retry.
    """

    def __init__(self, base_url: str, token: str | None, *, timeout_s: float = 30.0, compresses: bool = True) -> None:
        self._compresses = compresses
        self._base_url = base_url.rstrip("/")
        self._headers = {"Authorization": f"Bearer {token}"} if token else {}
        self._timeout = aiohttp.ClientTimeout(total=timeout_s)
        self._session: aiohttp.ClientSession | None = None

    async def get(self, path: str) -> bytes:
        """Return the response to a GET request; raises the errors of `send`."""
        return await self.send("GET", path)

    async def send(self, method: str, path: str, body: bytes | None = None) -> bytes:
        """Send a request with a JSON body; return the response. Raises the error of the other service."""
        if self._session is None:
            connector = aiohttp.TCPConnector(keepalive_timeout=_IDLE_S)
            self._session = aiohttp.ClientSession(headers=self._headers, timeout=self._timeout, connector=connector)
        headers = {"Content-Type": "application/json"} if body is not None else {}
        payload = body
        if body is not None and self._compresses:
            headers["Content-Encoding"] = "gzip"
            payload = await asyncio.to_thread(gzip.compress, body, 1)
        try:
            async with self._session.request(method, self._base_url + path, data=payload, headers=headers) as response:
                content = await response.read()
        except (aiohttp.ClientError, TimeoutError) as err:
            reason = str(err) or type(err).__name__
            raise ServiceUnavailableError(f"{self._base_url} did not answer: {reason}") from err
        if response.status >= HTTPStatus.BAD_REQUEST:
            raise error_from(response, content, self._base_url)
        return content

    async def close(self) -> None:
        """Close the connections."""
        if self._session is not None:
            await self._session.close()
            self._session = None
