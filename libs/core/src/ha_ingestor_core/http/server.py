"""The HTTP server of a service that runs in its own process."""

from __future__ import annotations

import logging
import socket

from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError
from aiohttp.web_protocol import RequestHandler

from ha_ingestor_core.errors import TerminalError
from ha_ingestor_core.http.bounded_listener import BoundedListener, ConnectionLimits

_GRACE_S = 2.0
_HEAD_S = 10.0
"""Seconds until the head of a request must be complete; InternalClient closes idle connections earlier."""


class HttpServer:
    """Serves an application on one address. At the stop, running requests have two seconds to finish.

    `setting` is the environment variable of the port, for error messages.
    """

    def __init__(
        self, app: web.Application, *, host: str, port: int, setting: str, limits: ConnectionLimits | None = None
    ) -> None:
        self._host = host
        self._wanted_port = port
        self._setting = setting
        self._runner = web.AppRunner(
            app,
            handle_signals=False,
            access_log=None,
            shutdown_timeout=_GRACE_S,
            keepalive_timeout=_HEAD_S,
            lingering_time=_GRACE_S,
            # Callers retry after a timeout: while the store is unavailable, abandoned requests would accumulate.
            handler_cancellation=True,
        )
        self._limits = limits
        self._listener: BoundedListener | None = None
        self.port = 0

    @property
    def url(self) -> str:
        """Return the address of the server; valid after `start`."""
        return f"http://{f'[{self._host}]' if ':' in self._host else self._host}:{self.port}"

    async def start(self) -> None:
        """Start to listen; raises TerminalError where the port is not available."""
        logging.getLogger("aiohttp.server").addFilter(_is_relevant)
        await self._runner.setup()
        try:
            bound = socket.create_server((self._host, self._wanted_port), family=_family(self._host))
        except OSError as err:
            await self._runner.cleanup()
            raise TerminalError(
                f"Cannot listen on {self._host}:{self._wanted_port}: {err.strerror}. "
                f"Set {self._setting} to a free port",
                host=self._host,
                port=self._wanted_port,
            ) from err
        self.port = bound.getsockname()[1]
        server = self._runner.server
        assert server is not None
        self._listener = BoundedListener(server, _is_idle, _is_waiting, limits=self._limits)
        self._listener.start(bound)

    async def stop(self) -> None:
        """Stop listening, finish running requests, and close the port."""
        if self._listener is not None:
            self._listener.close()
        await self._runner.cleanup()


def _is_relevant(record: logging.LogRecord) -> bool:
    """Return False for the traceback of a request that is not HTTP: any client can cause these."""
    return not (record.exc_info and isinstance(record.exc_info[1], HttpProcessingError))


def _is_idle(handler: RequestHandler) -> bool:
    """Return whether a connection waits for the head of a request, for which aiohttp has no public attribute."""
    return not handler._messages and handler._current_request is None


def _is_waiting(handler: RequestHandler) -> bool:
    """Return whether a connection waits for a request or its body."""
    request = handler._current_request
    return _is_idle(handler) or (request is not None and not request.content.is_eof())


def _family(host: str) -> socket.AddressFamily:
    return socket.getaddrinfo(host, None, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0][0]
