"""uvicorn inside our own event loop: no signal handlers, a port that is known, and an end that waits for nobody."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import math
import socket
from collections.abc import Callable, Iterator, Sequence

import uvicorn
from ha_ingestor_core.bounded_listener import BoundedListener, ConnectionLimits
from ha_ingestor_core.errors import TerminalError
from starlette.types import ASGIApp
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from admin_api.http.addresses import Network, address_of, is_in

_LEAST_GRACE_S = 1
_MAX_HEAD_BYTES = 65_536


class HttpServer:
    """Serves an application on one address, within limits of connections; `proxies` have none of their own.

    `grace_s` is how long requests that run at its end may still take, a second at least.
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
        """The address to open in a browser."""
        host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(self._host, self._host)  # noqa: S104
        return f"http://{f'[{host}]' if ':' in host else host}:{self.port}"

    async def start(self) -> None:
        """Listen; raises TerminalError that names the settings when the address is taken or is none of ours."""
        logging.getLogger("uvicorn.error").addFilter(_is_news)
        listening = await self._bind()
        self.port = listening.getsockname()[1]
        config = uvicorn.Config(
            self._app,
            http=HttpToolsProtocol,
            ws="none",  # there are none; a connection that changed its protocol would leave the limits
            log_config=None,
            access_log=False,
            proxy_headers=False,  # or whoever writes X-Forwarded-For says who it is: the guard reads it
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
        """Accept no more connections; requests on those that there are are still answered."""
        if self._server is not None:
            self._server.close_listener()

    async def stop(self) -> None:
        """Take no more requests, give those that run a second or `grace_s`, then end them."""
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
                "Another ADMIN_API_PORT (or ADMIN_API_HOST) may be free",
                host=self._host,
                port=self._wanted_port,
            ) from err


class _Server(uvicorn.Server):
    """Accepts connections within limits, says when it listens, and leaves the signals to whoever runs it."""

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
        self.servers = [self._listener]  # type: ignore[list-item]  # closed and waited for like uvicorn's own
        self._listener.start(sockets[0])
        self.started = True
        self.ready.set()

    def close_listener(self) -> None:
        """Accept no more connections."""
        self._listener.close()

    def _protocol(self) -> asyncio.Protocol:
        return _Protocol(config=self.config, server_state=self.server_state, app_state={})


class _Protocol(HttpToolsProtocol):
    """uvicorn's, with a limit of heads and trailers: the parser keeps in memory what is not yet complete of them."""

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
    """Not that a request which took too long was ended at a stop: that was our wish, and has a traceback for each.

    Nor what strangers can cause as often as they like.
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
