"""Moves one home's checkpoint on, to the time up to which everything is durable."""

from __future__ import annotations

import asyncio
from pathlib import Path

import structlog
from ha_ingestor_core.clock import Clock

from websocket_ingestion.gaps.checkpoint import Checkpoint, CheckpointFile
from websocket_ingestion.gaps.elapsed import this_moment
from websocket_ingestion.spool.watermark import Watermark

_log = structlog.get_logger()


class CheckpointKeeper:
    """Between `open` and `close`. While it is held the checkpoint stays where it is, whatever becomes durable."""

    def __init__(self, path: Path, *, watermark: Watermark, clock: Clock) -> None:
        self.is_held = True
        self._path = path
        self._watermark = watermark
        self._clock = clock
        self._file: CheckpointFile | None = None
        self._error: str | None = None

    @property
    def is_open(self) -> bool:
        """Whether it can be written."""
        return self._file is not None

    @property
    def checkpoint(self) -> Checkpoint | None:
        """The newest checkpoint; None before the first, and while the file is closed."""
        return self._file.checkpoint if self._file else None

    async def open(self) -> None:
        """Read what an earlier process left; raises OSError."""
        self._file = await asyncio.to_thread(CheckpointFile.open, self._path)

    async def close(self) -> None:
        """Close the file."""
        file, self._file = self._file, None
        if file is not None:
            try:
                await asyncio.to_thread(file.close)
            except OSError as err:
                self._note_error(err)

    async def step_back(self, by_ns: int) -> None:
        """Move the checkpoint back, where there is one; raises OSError."""
        checkpoint = self.checkpoint
        if self._file is not None and checkpoint is not None:
            moved = Checkpoint(checkpoint.complete_ns - by_ns, checkpoint.written)
            await asyncio.to_thread(self._file.write, moved)

    async def advance(self) -> None:
        """Move it to what is durable now; back, too, where Home Assistant's clock was set back."""
        complete_ns = self._watermark.time_ns
        if self._file is None or self.is_held or complete_ns is None:
            return
        checkpoint = self.checkpoint
        if checkpoint is None or checkpoint.complete_ns != complete_ns:
            await self.write(complete_ns)

    async def write(self, complete_ns: int) -> None:
        """Write a checkpoint; where the disk refuses, the older one stays and a little more history is requested."""
        assert self._file is not None
        try:
            await asyncio.to_thread(self._file.write, Checkpoint(complete_ns, this_moment(self._clock)))
        except OSError as err:
            self._note_error(err)
        else:
            self._error = None

    def _note_error(self, err: OSError) -> None:
        log = _log.warning if self._error is None else _log.debug
        log("checkpoint_not_written", error=str(err), then="retried until it succeeds")
        self._error = str(err)
