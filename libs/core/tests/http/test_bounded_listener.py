"""Connections have deadlines and limits, on both servers that we use and on plain protocols."""

from __future__ import annotations

import asyncio
import resource
import socket
from collections.abc import AsyncIterator, Callable

import pytest
from ha_ingestor_core.http import bounded_listener
from ha_ingestor_core.http.bounded_listener import BoundedListener, ConnectionLimits, connection_limits

_opened: list[asyncio.StreamWriter] = []


class Lines(asyncio.Protocol):
    """A protocol whose request is a line: `wait` is answered at `release`, `big` by more than fits, others at once."""

    def __init__(self) -> None:
        self.is_idle = True
        self.is_uploading = False
        self.transport: asyncio.Transport | None = None
        self.received = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport  # type: ignore[assignment]

    def data_received(self, data: bytes) -> None:
        self.received += data
        assert self.transport is not None
        while b"\n" in self.received:
            line, _, self.received = self.received.partition(b"\n")
            if line == b"wait":
                self.is_idle = False
            elif line == b"upload":
                self.is_idle, self.is_uploading = False, True
            elif line == b"big":
                self.is_idle = False
                self.transport.write(b"x" * 50_000_000)
            else:
                self.is_idle, self.is_uploading = True, False
                self.transport.write(b"answer\n")


Listen = Callable[..., int]
Connection = tuple[asyncio.StreamReader, asyncio.StreamWriter]


@pytest.fixture
async def listen() -> AsyncIterator[Listen]:
    """Listens within limits; returns the port."""
    listeners: list[BoundedListener] = []
    protocols: list[Lines] = []

    def protocol() -> Lines:
        protocols.append(Lines())
        return protocols[-1]

    def start(
        total: int = 8, per_address: int = 8, request_s: float = 10, answer_s: float = 10, exempt: bool = False
    ) -> int:
        bound = socket.create_server(("127.0.0.1", 0))
        limits = ConnectionLimits(total, per_address, request_s, answer_s)
        listener = BoundedListener(
            protocol,
            lambda each: each.is_idle,
            lambda each: each.is_idle or each.is_uploading,
            limits=limits,
            exempt=lambda address: exempt and address.startswith("127."),
        )
        listener.start(bound)
        listeners.append(listener)
        port: int = bound.getsockname()[1]
        return port

    yield start
    for listener in listeners:
        listener.close()
    for each in protocols:
        if each.transport is not None:
            each.transport.abort()
    while _opened:
        _opened.pop().close()
    await asyncio.sleep(0)


async def connect(port: int, send: bytes = b"", source: str = "127.0.0.1") -> Connection:
    reader, writer = await asyncio.open_connection("127.0.0.1", port, local_addr=(source, 0))
    writer.write(send)
    _opened.append(writer)
    return reader, writer


async def is_closed(connection: Connection) -> bool:
    """Wait for the end of a connection, however it comes."""
    try:
        return await asyncio.wait_for(connection[0].read(1), 5) == b""
    except ConnectionError:
        return True


async def answer(connection: Connection, line: bytes = b"x\n") -> bytes:
    connection[1].write(line)
    return await asyncio.wait_for(connection[0].readline(), 5)


async def test_a_request_is_answered_and_the_connection_stays(listen: Listen) -> None:
    connection = await connect(listen())
    assert await answer(connection) == b"answer\n"
    assert await answer(connection) == b"answer\n"


async def test_half_a_request_has_a_deadline(listen: Listen) -> None:
    port = listen(request_s=0.2)
    for sent in (b"", b"half"):
        assert await is_closed(await connect(port, sent))


async def test_bytes_that_trickle_in_do_not_move_the_deadline(listen: Listen) -> None:
    reader, writer = await connect(listen(request_s=0.3))

    async def trickle() -> None:
        while True:
            writer.write(b"x")
            await asyncio.sleep(0.02)

    trickling = asyncio.create_task(trickle())
    assert await is_closed((reader, writer))
    trickling.cancel()


async def test_neither_do_those_after_an_answer(listen: Listen) -> None:
    connection = await connect(listen(request_s=0.2))
    assert await answer(connection) == b"answer\n"
    connection[1].write(b"half")
    assert await is_closed(connection)


async def test_a_request_that_is_being_answered_has_none(listen: Listen) -> None:
    connection = await connect(listen(request_s=0.1), b"wait\n")
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(connection[0].read(1), 0.5)
    assert await answer(connection) == b"answer\n"


async def test_a_response_that_is_not_read_closes_the_connection(listen: Listen) -> None:
    port = listen(total=1, per_address=1, answer_s=0.2)
    unread = await connect(port, b"big\n")
    while not await _gets_in(port):
        pass
    unread[1].close()


async def _gets_in(port: int) -> bool:
    connection = await connect(port)
    try:
        return await answer(connection) == b"answer\n"
    except ConnectionError:
        return False


async def test_at_the_limit_the_one_that_waits_longest_makes_room(listen: Listen) -> None:
    port = listen(total=3)
    busy = await connect(port, b"wait\n")
    first, second = [await connect(port, b"half") for _ in range(2)]
    newest = await connect(port)
    assert await answer(newest) == b"answer\n"
    assert await is_closed(first)
    assert await answer(second, b"\n") == b"answer\n"
    assert await answer(busy) == b"answer\n"


async def test_so_does_one_that_is_in_the_middle_of_a_body(listen: Listen) -> None:
    port = listen(total=1)
    uploading = await connect(port, b"upload\n")
    await asyncio.sleep(0.05)
    assert await answer(await connect(port)) == b"answer\n"
    assert await is_closed(uploading)


async def test_at_the_limit_of_busy_connections_a_new_one_is_closed(listen: Listen) -> None:
    port = listen(total=2)
    busy = [await connect(port, b"wait\n") for _ in range(2)]
    assert await is_closed(await connect(port))
    assert [await answer(each) for each in busy] == [b"answer\n"] * 2


async def test_one_address_cannot_take_the_places_of_others(listen: Listen) -> None:
    port = listen(total=4, per_address=2)
    other = await connect(port, source="127.0.0.2")
    greedy = [await connect(port, b"wait\n") for _ in range(2)]
    assert await is_closed(await connect(port))
    assert await answer(other) == b"answer\n"
    assert await answer(await connect(port, source="127.0.0.3")) == b"answer\n"
    for each in greedy:
        each[1].close()


async def test_a_trusted_proxy_has_no_limit_of_its_own(listen: Listen) -> None:
    port = listen(total=4, per_address=1, exempt=True)
    connections = [await connect(port) for _ in range(4)]
    assert [await answer(each) for each in connections] == [b"answer\n"] * 4


async def test_a_trusted_proxy_is_recognised_by_its_address_and_not_by_its_network(
    listen: Listen, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bounded_listener, "_unit", lambda _: "2001:db8::")  # as for one of 2001:db8::/64
    port = listen(total=4, per_address=1, exempt=True)
    connections = [await connect(port) for _ in range(4)]
    assert [await answer(each) for each in connections] == [b"answer\n"] * 4


async def test_places_of_connections_that_end_are_free_again(listen: Listen) -> None:
    port = listen(total=1)
    for _ in range(20):
        connection = await connect(port)
        assert await answer(connection) == b"answer\n"
        connection[1].close()


async def test_more_connections_than_descriptors_leave_some_for_others(listen: Listen) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    limits = connection_limits()
    assert limits.total <= min(2_500, soft // 2)
    assert limits.per_address <= limits.total // 2
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(soft, 256), hard))
    try:
        assert connection_limits().total == 128
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
