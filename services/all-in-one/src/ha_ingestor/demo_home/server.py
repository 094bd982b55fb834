"""A simulated Home Assistant: the WebSocket API of a house on a loopback port, with hooks for tests."""

from __future__ import annotations

import asyncio
from email.utils import formatdate

from aiohttp import web
from ha_ingestor_core.clock import NS_PER_S
from ha_ingestor_core.errors import TerminalError

from ha_ingestor.demo_home.connection import Connection, Frame
from ha_ingestor.demo_home.house import House

_HEARTBEAT_S = 55.0
_TURNS_OF_ACCEPTING = 3
"""Turns of the event loop from an accepted connection until the server knows it."""
_WRITER_LIMIT_BYTES = 2**20
MAX_PENDING_MESSAGES = 4096
"""Home Assistant's limit of unread messages per client."""


class SimulatedHomeAssistant:
    """Serves a house at `url`/api/websocket; a restart keeps the port.

    `max_pending` is the number of unread messages at which a client is disconnected; None disables it, so that a test
    can fire thousands of events at once. Commands in `refused_commands` are unknown, as in an older release.
    """

    def __init__(self, house: House, token: str, *, port: int = 0, max_pending: int | None = None) -> None:
        self.house = house
        self.token = token
        self.refused_commands: set[str] = set()
        self._port = port
        self._max_pending = max_pending
        self._connections: set[Connection] = set()
        self._runner: web.AppRunner | None = None
        self._site: web.TCPSite | None = None

    @property
    def url(self) -> str:
        """Its address; known after the first start."""
        return f"http://127.0.0.1:{self._port}"

    async def start(self) -> None:
        """Start to listen; raises TerminalError if the port is in use."""
        app = web.Application()
        app.router.add_get("/api/websocket", self._serve)
        app.router.add_get("/api/", _api_status)
        app.on_response_prepare.append(self._date)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)
        await self._runner.setup()
        try:
            self._site = web.TCPSite(self._runner, "127.0.0.1", self._port)
            await self._site.start()
        except OSError as err:
            raise TerminalError(
                f"Cannot listen on 127.0.0.1:{self._port}: {err.strerror}. Choose another --port (0: any free port)",
                port=self._port,
            ) from err
        self._port = int(self._runner.addresses[0][1])

    async def stop(self) -> None:
        """Close all connections, as Home Assistant does, and stop listening."""
        if self._runner is None or self._site is None:
            return
        await self._site.stop()
        for _ in range(_TURNS_OF_ACCEPTING):
            await asyncio.sleep(0)  # cleanup would miss a connection that is being accepted
        self.drop_connections()
        await self._runner.cleanup()
        self._runner = None

    def drop_connections(self) -> int:
        """Abort all connections and return their number."""
        dropped = tuple(self._connections)
        for connection in dropped:
            connection.abort()
        return len(dropped)

    def send_frame(self, text: str) -> int:
        """Send any text as a separate frame to all subscribers; return their number."""
        subscribers = [connection for connection in self._connections if connection.is_subscribed]
        for connection in subscribers:
            connection.send(Frame(text.encode()))
        return len(subscribers)

    def send_event(self, event_json: str | bytes, event_type: str | None = None) -> None:
        """Send any text as an event to all subscriptions, or to those of an event type, without changing the house."""
        encoded = event_json.encode() if isinstance(event_json, str) else event_json
        for connection in self._connections:
            connection.send_event(encoded, event_type)

    @property
    def subscribers(self) -> int:
        """The number of clients with a subscription."""
        return sum(connection.is_subscribed for connection in self._connections)

    async def _date(self, _: web.Request, answer: web.StreamResponse) -> None:
        """Set the Date header from the clock of the house, which also dates its events."""
        answer.headers["Date"] = formatdate(self.house.now_ns() // NS_PER_S, usegmt=True)

    async def _serve(self, request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse(heartbeat=_HEARTBEAT_S, writer_limit=_WRITER_LIMIT_BYTES)
        await socket.prepare(request)
        connection = Connection(
            socket,
            self.house,
            self.token,
            refused_commands=self.refused_commands,
            max_pending=self._max_pending,
            abort=lambda: _abort(request),
        )
        self._connections.add(connection)
        try:
            await connection.serve()
        finally:
            self._connections.discard(connection)
            await socket.close()
        return socket


async def _api_status(_: web.Request) -> web.Response:
    return web.json_response({"message": "API running."})


def _abort(request: web.Request) -> None:
    if request.transport is not None:
        request.transport.abort()
