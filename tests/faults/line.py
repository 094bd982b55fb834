"""The way to Home Assistant, which may break: a TCP proxy that goes silent, or cuts in the middle of a frame."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager, suppress

_CHUNK = 64 * 1024


class Line:
    """Passes everything on, on a port of its own, until it is told otherwise."""

    def __init__(self, target_port: int) -> None:
        self.port = 0
        self._target_port = target_port
        self._is_mute = False
        self._cut_next = False
        self._server: asyncio.Server | None = None
        self._transports: set[asyncio.WriteTransport] = set()
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def url(self) -> str:
        """The address to be used in place of the target's."""
        return f"http://127.0.0.1:{self.port}"

    async def start(self) -> None:
        """Listen."""
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        """Listen no more, and cut everything."""
        if self._server is not None:
            self._server.close()
            self._server = None
        self.cut()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    @property
    def is_flowing(self) -> bool:
        """Whether what is sent arrives."""
        return self._server is not None and not self._is_mute

    @contextmanager
    def muted(self) -> Iterator[None]:
        """Half-open inside: connections stay, and new ones are accepted; nothing comes through and nobody is told."""
        self._is_mute = True
        try:
            yield
        finally:
            self._is_mute = False

    def cut(self) -> None:
        """Reset every connection."""
        for transport in tuple(self._transports):
            transport.abort()

    def cut_in_next_frame(self) -> None:
        """Reset the connection that is next to carry something to the client, half-way through it."""
        self._cut_next = True

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.create_task(self._connection(reader, writer), name="line")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _connection(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            target_reader, target_writer = await asyncio.open_connection("127.0.0.1", self._target_port)
        except OSError:
            writer.transport.abort()
            return
        ends = {writer.transport, target_writer.transport}
        self._transports |= ends
        try:
            await asyncio.gather(self._pump(reader, target_writer), self._pump(target_reader, writer, may_cut=True))
        finally:
            self._transports -= ends
            for end in ends:
                end.abort()

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, may_cut: bool = False) -> None:
        has_hole = False
        with suppress(ConnectionError):
            while data := await reader.read(_CHUNK):
                if self._is_mute:
                    has_hole = True
                    continue
                if has_hole:  # TCP would not go on with something missing in the middle
                    break
                if may_cut and self._cut_next and len(data) > 1:
                    self._cut_next = False
                    writer.write(data[: len(data) // 2])
                    await writer.drain()
                    break
                writer.write(data)
                await writer.drain()
        await asyncio.sleep(0)
        writer.close()
