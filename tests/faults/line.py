"""A TCP proxy in front of Home Assistant, which can stop forwarding, or close a connection within a frame."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager, suppress

_CHUNK = 64 * 1024


class Line:
    """Forwards all data on its own port, unless a fault is set."""

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
        """Return the URL to use instead of the target's."""
        return f"http://127.0.0.1:{self.port}"

    async def start(self) -> None:
        """Listen."""
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        """Stop listening, and close all connections."""
        if self._server is not None:
            self._server.close()
            self._server = None
        self.cut()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    @property
    def is_flowing(self) -> bool:
        """Whether data is forwarded."""
        return self._server is not None and not self._is_mute

    @contextmanager
    def muted(self) -> Iterator[None]:
        """Half-open inside the block: connections stay open and new ones are accepted, but no data is forwarded."""
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
        """Reset the connection of the next frame to the client, halfway through the frame."""
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
                if has_hole:  # TCP never continues after missing data
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
