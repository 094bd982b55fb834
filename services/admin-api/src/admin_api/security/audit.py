"""The audit log: every change, who made it, when and from where; lines of JSON in DATA_DIR, and the ordinary log."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import structlog
from ha_ingestor_core.clock import Clock
from ha_ingestor_core.errors import TerminalError
from ha_ingestor_store.periods import TimeRange
from msgspec import Struct

FILE = "audit.jsonl"
_MAX_BYTES = 10 * 1024 * 1024
"""Of the file and of the one before it: some 40,000 changes each."""

_log = structlog.get_logger()


class Entry(Struct, frozen=True):
    """One change that somebody made, or tried to."""

    time_ns: int
    who: str
    action: str
    address: str
    status: int
    detail: dict[str, Any] = {}


class AuditLog:
    """Writes and reads; both are for a thread, they wait for the disk."""

    def __init__(self, data_dir: Path, clock: Clock, *, max_bytes: int = _MAX_BYTES) -> None:
        self._path = data_dir / FILE
        self._old = self._path.with_suffix(".1.jsonl")
        self._clock = clock
        self._max_bytes = max_bytes

    def write(self, *, who: str, action: str, address: str, status: int, detail: dict[str, Any] | None = None) -> None:
        """Add a line, on the disk when this returns. One that can't be written is an error in the ordinary log.

        Processes that share the folder append to one file: a line is a single write.
        """
        entry = Entry(self._clock.now_ns(), who, action, address, int(status), detail or {})
        _log.info("change_asked_for", who=who, action=action, address=address, status=int(status), detail=entry.detail)
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._turn_over()
            fd = os.open(self._path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
            try:
                os.write(fd, msgspec.json.encode(entry) + b"\n")
                os.fsync(fd)
            finally:
                os.close(fd)
        except OSError as err:
            _log.error("audit_not_written", file=str(self._path), error=err.strerror)

    def read(self, time_range: TimeRange, limit: int) -> list[Entry]:
        """The newest entries of a range, newest first; raises TerminalError where the file can't be read."""
        found: list[Entry] = []
        for entry in self._newest_first():
            if time_range.start_ns <= entry.time_ns < time_range.end_ns:
                found.append(entry)
                if len(found) == limit:
                    break
        return found

    def _newest_first(self) -> Iterator[Entry]:
        for path in (self._path, self._old):
            try:
                lines = path.read_bytes().splitlines()
            except FileNotFoundError:
                continue
            except OSError as err:
                raise TerminalError(f"{path}: {err.strerror}") from err
            for line in reversed(lines):
                try:
                    yield msgspec.json.decode(line, type=Entry)
                except (msgspec.MsgspecError, UnicodeDecodeError):
                    continue  # cut off by a power failure, or by a full disk

    def _turn_over(self) -> None:
        if self._path.exists() and self._path.stat().st_size > self._max_bytes:
            self._path.replace(self._old)
