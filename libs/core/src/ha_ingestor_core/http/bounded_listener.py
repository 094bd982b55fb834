"""Accepts connections within limits, so that clients cannot exhaust the file descriptors of store and spool.

A connection is closed that does not send a complete request head within ten seconds, or does not read its response. At
a limit (of all connections, or of one address) the oldest connection that waits for its client is closed; where none
waits, the new one is closed. The servers have no such limits: uvicorn has no deadline for a request head.
"""

from __future__ import annotations

import asyncio
import resource
import socket
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from ipaddress import IPv6Address, IPv6Network, ip_address
from typing import Any

import structlog

_MOST_CONNECTIONS = 2_500
_BACKLOG = 512
_ACCEPTED_AT_ONCE = 16
_PAUSE_S = 0.1
_WARN_EVERY_S = 60.0

_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class ConnectionLimits:
    """Maximum number of connections, in total and per address, and their deadlines."""

    total: int
    per_address: int
    request_s: float = 10.0
    """Seconds until the head of a request must be complete."""
    answer_s: float = 30.0
    """Seconds after which a client must have read its response."""


def connection_limits() -> ConnectionLimits:
    """Return the limits of this process: half of its descriptors are reserved for other purposes."""
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    total = min(_MOST_CONNECTIONS, soft // 2) if soft != resource.RLIM_INFINITY else _MOST_CONNECTIONS
    return ConnectionLimits(total, total // 2)


class BoundedListener:
    """Serves a protocol on a socket, within limits.

    `is_idle` returns whether a protocol waits for the head of a request; `is_waiting` whether it waits for its client
    at all, including a body, whose deadline is set by the application. `exempt` addresses (trusted proxies with many
    clients) have no limit per address.
    """

    def __init__(
        self,
        protocols: Callable[[], asyncio.Protocol],
        is_idle: Callable[[Any], bool],
        is_waiting: Callable[[Any], bool],
        *,
        limits: ConnectionLimits | None = None,
        exempt: Callable[[str], bool] = lambda _: False,
    ) -> None:
        self._protocols = protocols
        self._is_idle = is_idle
        self._is_waiting = is_waiting
        self._limits = limits or connection_limits()
        self._exempt = exempt
        self._socket: socket.socket | None = None
        self._connections: dict[_Connection, None] = {}  # the oldest first
        self._by_address: Counter[str] = Counter()
        self._starting: set[asyncio.Task[Any]] = set()
        self._warned_at = -_WARN_EVERY_S

    def start(self, bound: socket.socket) -> None:
        """Listen on a bound socket."""
        bound.listen(_BACKLOG)
        bound.setblocking(False)
        self._socket = bound
        asyncio.get_running_loop().add_reader(bound, self._accept)

    def close(self) -> None:
        """Accept the connections in the queue of the socket, which closing would reset, then stop listening.

        Open connections continue.
        """
        if self._socket is not None:
            while self._accept():
                pass
            asyncio.get_running_loop().remove_reader(self._socket)
            self._socket.close()
            self._socket = None

    async def wait_closed(self) -> None:
        """Return at once: the owner of the protocols closes them."""

    def _accept(self) -> bool:
        """Accept waiting connections; return whether more may be waiting."""
        for _ in range(_ACCEPTED_AT_ONCE):
            if self._socket is None:
                return False
            try:
                accepted, peer = self._socket.accept()
            except (BlockingIOError, InterruptedError, ConnectionAbortedError):
                return False
            except OSError as err:
                self._pause(err)
                return False
            accepted.setblocking(False)
            address = _unit(peer[0])
            if self._has_room(address, is_exempt=self._exempt(peer[0])):
                self._serve(accepted, address)
            else:
                accepted.close()
        return True

    def _pause(self, err: OSError) -> None:
        """Pause: while connections cannot be accepted, the event loop would report the socket continuously."""
        self._warn("connection_accept_failed", error=err.strerror)
        loop, listening = asyncio.get_running_loop(), self._socket
        assert listening is not None
        loop.remove_reader(listening)

        def resume() -> None:
            if self._socket is not None:
                loop.add_reader(self._socket, self._accept)

        loop.call_later(_PAUSE_S, resume)

    def _has_room(self, address: str, *, is_exempt: bool) -> bool:
        """Return whether a connection from an address is accepted; at a limit, a waiting one is closed for it."""
        limits = self._limits
        if not is_exempt and self._by_address[address] >= limits.per_address:
            self._warn("connection_limit_reached", address=address, limit=limits.per_address)
            return self._close_waiting(address)
        if len(self._connections) >= limits.total:
            self._warn("connection_limit_reached", limit=limits.total)
            return self._close_waiting(None)
        return True

    def _close_waiting(self, address: str | None) -> bool:
        for connection in self._connections:
            if address in (None, connection.address) and self._is_waiting(connection.inner):
                self._forget(connection)
                connection.abort()
                return True
        return False

    def _serve(self, accepted: socket.socket, address: str) -> None:
        loop = asyncio.get_running_loop()
        connection = _Connection(self._protocols(), address, self._is_idle, self._limits, self._forget)
        self._connections[connection] = None
        self._by_address[address] += 1
        starting = loop.create_task(loop.connect_accepted_socket(lambda: connection, accepted), name="connection")
        self._starting.add(starting)

        def started(task: asyncio.Task[Any]) -> None:
            self._starting.discard(task)
            if task.cancelled() or task.exception() is not None:
                self._forget(connection)
                accepted.close()

        starting.add_done_callback(started)

    def _forget(self, connection: _Connection) -> None:
        if connection in self._connections:
            del self._connections[connection]
            self._by_address[connection.address] -= 1
            if not self._by_address[connection.address]:
                del self._by_address[connection.address]

    def _warn(self, event: str, **fields: Any) -> None:
        now = asyncio.get_running_loop().time()
        if now - self._warned_at >= _WARN_EVERY_S:
            self._warned_at = now
            _log.warning(event, **fields)


class _Connection(asyncio.Protocol):
    """Forwards to the server's protocol, and closes the connection at its deadlines."""

    def __init__(
        self,
        inner: asyncio.Protocol,
        address: str,
        is_idle: Callable[[Any], bool],
        limits: ConnectionLimits,
        on_lost: Callable[[_Connection], None],
    ) -> None:
        self.inner = inner
        self.address = address
        self._is_idle = is_idle
        self._limits = limits
        self._on_lost = on_lost
        self._transport: asyncio.Transport | None = None
        self._is_aborted = False
        self._head: asyncio.TimerHandle | None = None
        self._answer: asyncio.TimerHandle | None = None

    def abort(self) -> None:
        """Close the connection at once."""
        self._is_aborted = True
        if self._transport is not None:
            self._transport.abort()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport  # type: ignore[assignment]  # of a stream
        self.inner.connection_made(transport)
        if self._is_aborted:  # closed for another one before it began
            self.abort()
        self._head = self._later(self._limits.request_s)

    def data_received(self, data: bytes) -> None:
        self.inner.data_received(data)
        if not self._is_idle(self.inner):
            self._head = _no_longer(self._head)
        elif self._head is None:
            self._head = self._later(self._limits.request_s)

    def eof_received(self) -> bool | None:
        return self.inner.eof_received()

    def pause_writing(self) -> None:
        self.inner.pause_writing()
        self._answer = self._answer or self._later(self._limits.answer_s)

    def resume_writing(self) -> None:
        self._answer = _no_longer(self._answer)
        self.inner.resume_writing()

    def connection_lost(self, exc: Exception | None) -> None:
        self._head, self._answer = _no_longer(self._head), _no_longer(self._answer)
        self._on_lost(self)
        self.inner.connection_lost(exc)

    def _later(self, seconds: float) -> asyncio.TimerHandle:
        return asyncio.get_running_loop().call_later(seconds, self.abort)


def _no_longer(timer: asyncio.TimerHandle | None) -> asyncio.TimerHandle | None:
    """Cancel a timer; return None."""
    if timer is not None:
        timer.cancel()
    return None


def _unit(peer: str) -> str:
    """Return the unit of the limit per address: an IPv4 address, or the /64 network of an IPv6 address."""
    try:
        address = ip_address(peer.partition("%")[0])
    except ValueError:
        return peer
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped:
            return str(address.ipv4_mapped)
        return str(address) if address.is_loopback else str(IPv6Network((address, 64), strict=False).network_address)
    return str(address)
