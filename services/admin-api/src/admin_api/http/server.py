"""uvicorn in an existing event loop: without signal handlers, with a known port and a bounded shutdown."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import math
import socket
from collections.abc import Callable, Iterator, Sequence

import uvicorn
from ha_ingestor_core.errors import TerminalError
from ha_ingestor_core.http.bounded_listener import BoundedListener, ConnectionLimits
from starlette.types import ASGIApp
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from admin_api.http.addresses import Network, address_of, is_in

_LEAST_GRACE_S = 1
_MAX_HEAD_BYTES = 65_536


class HttpServer:
    """Serves an application on one address, with limits of connections per client; `proxies` are exempt.

    `grace_s` is the time that running requests have to complete at shutdown, at least a second.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        host: str,
        port: int,
        proxies: Sequence[Network] = (),
        grace_s: float = 0,
        limits: ConnectionLimits | None = None,
    ) -> None:
        self._host = host
        self._wanted_port = port
        self._app = app
        self._proxies = proxies
        self._grace_s = max(_LEAST_GRACE_S, math.ceil(grace_s))
        self._limits = limits
        self._server: _Server | None = None
        self._task: asyncio.Task[None] | None = None
        self.port = 0

    @property
    def url(self) -> str:
        """The URL to open in a browser."""
        host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(self._host, self._host)  # noqa: S104
        return f"http://{f'[{host}]' if ':' in host else host}:{self.port}"

    async def start(self) -> None:
        """Listen; raises TerminalError if the address is in use or is not of this machine."""
        logging.getLogger("uvicorn.error").addFilter(_is_news)
        listening = await self._bind()
        self.port = listening.getsockname()[1]
        config = uvicorn.Config(
            self._app,
            http=HttpToolsProtocol,
            ws="none",  # an upgraded connection would bypass the limits
            log_config=None,
            access_log=False,
            proxy_headers=False,  # the guard evaluates X-Forwarded-For, and only of trusted proxies
            lifespan="off",
            server_header=False,
            timeout_graceful_shutdown=self._grace_s,
        )
        self._server = _Server(config, self._limits, self._is_proxy)
        self._task = asyncio.create_task(self._server.serve(sockets=[listening]), name="admin-api server")
        ready = asyncio.create_task(self._server.ready.wait(), name="admin-api server, ready")
        await asyncio.wait({self._task, ready}, return_when=asyncio.FIRST_COMPLETED)
        ready.cancel()
        if self._task.done():
            await self._task

    def close(self) -> None:
        """Accept no new connections; open connections are still served."""
        if self._server is not None:
            self._server.close_listener()

    async def stop(self) -> None:
        """Accept no more requests, wait up to `grace_s` for running ones, then cancel them."""
        if self._server is None or self._task is None:
            return
        self._server.should_exit = True
        await self._task
        self._server = self._task = None

    def _is_proxy(self, address: str) -> bool:
        found = address_of(address)
        return found is not None and is_in(found, self._proxies)

    async def _bind(self) -> socket.socket:
        try:
            addresses = await asyncio.get_running_loop().getaddrinfo(
                self._host, self._wanted_port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
            )
            family, kind, protocol, _, address = addresses[0]
            return _bound(socket.socket(family, kind, protocol), address)
        except OSError as err:
            raise TerminalError(
                f"Cannot listen on {self._host}:{self._wanted_port}: {err.strerror}. "
                "Change ADMIN_API_PORT or ADMIN_API_HOST",
                host=self._host,
                port=self._wanted_port,
            ) from err


class _Server(uvicorn.Server):
    """Accepts connections within limits, signals when it listens, and installs no signal handlers."""

    def __init__(
        self, config: uvicorn.Config, limits: ConnectionLimits | None, is_proxy: Callable[[str], bool]
    ) -> None:
        super().__init__(config)
        self.ready = asyncio.Event()
        self._listener = BoundedListener(self._protocol, _is_idle, _is_waiting, limits=limits, exempt=is_proxy)

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        assert sockets is not None
        self.servers = [self._listener]  # type: ignore[list-item]  # uvicorn closes and awaits it as one of its own
        self._listener.start(sockets[0])
        self.started = True
        self.ready.set()

    def close_listener(self) -> None:
        """Accept no new connections."""
        self._listener.close()

    def _protocol(self) -> asyncio.Protocol:
        return _Protocol(config=self.config, server_state=self.server_state, app_state={})


class _Protocol(HttpToolsProtocol):
    """uvicorn's protocol, with a limit on incomplete headers and trailers, which the parser keeps in memory."""

    _unparsed_bytes = 0

    def on_headers_complete(self) -> None:
        self._unparsed_bytes = 0
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        self._unparsed_bytes = 0
        super().on_body(body)

    def on_message_complete(self) -> None:
        self._unparsed_bytes = 0
        super().on_message_complete()

    def data_received(self, data: bytes) -> None:
        self._unparsed_bytes += len(data)
        super().data_received(data)
        if self._unparsed_bytes > _MAX_HEAD_BYTES:
            self.transport.abort()


def _is_idle(protocol: HttpToolsProtocol) -> bool:
    """Return whether a connection waits for the head of a request."""
    return protocol.cycle is None or protocol.cycle.response_complete


def _is_waiting(protocol: HttpToolsProtocol) -> bool:
    """Return whether a connection waits for the rest of a request, its body included."""
    return _is_idle(protocol) or protocol.cycle.more_body


def _is_news(record: logging.LogRecord) -> bool:
    """Return whether a record of uvicorn is logged: not requests cancelled at shutdown, nor malformed requests.

    Cancelled requests are intended and log a traceback each; clients can send malformed requests at any rate.
    """
    if record.getMessage().startswith(("Unsupported upgrade", "No supported WebSocket", "Invalid HTTP request")):
        return False
    return not (record.exc_info and isinstance(record.exc_info[1], asyncio.CancelledError))


def _bound(unbound: socket.socket, address: tuple[str | int, ...] | tuple[int, bytes]) -> socket.socket:
    try:
        unbound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        unbound.setblocking(False)
        unbound.bind(address)
    except OSError:
        unbound.close()
        raise
    return unbound
