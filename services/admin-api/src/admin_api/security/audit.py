"""The audit log: who made which change, when and from where; JSON lines in DATA_DIR, also in the service log."""

from __future__ import annotations

import os
from collections.abc import Iterator
from hashlib import blake2b
from pathlib import Path
from typing import Any

import msgspec
import structlog
from ha_ingestor_core.clock import Clock
from ha_ingestor_core.errors import TerminalError
from ha_ingestor_core.files.durable_file import make_usable
from ha_ingestor_core.files.file_lock import locked
from ha_ingestor_core.redaction import without_secrets
from ha_ingestor_store.time_range import TimeRange
from msgspec import Struct

FILE = "audit.jsonl"
_MAX_BYTES = 10 * 1024 * 1024
"""Limit of the current and of the previous file: about 40,000 changes each."""
_LONGEST = 4_000
"""Limit of a value of a detail, in characters of JSON: longer values are truncated, so that a few changes of long
lists do not push out all others."""

_log = structlog.get_logger()


class Entry(Struct, frozen=True):
    """A change, or an attempt."""

    time_ns: int
    who: str
    action: str
    address: str
    status: int
    detail: dict[str, Any] = {}


class AuditCursor(Struct, frozen=True, array_like=True):
    """The end of a page: the time and the digest of its last entry."""

    time_ns: int
    digest: str


class AuditPage(Struct, frozen=True):
    """Entries, newest first, and the cursor of the next page; None on the last page."""

    entries: list[Entry]
    next_cursor: AuditCursor | None


class AuditLog:
    """Writes and reads the audit log. Both block on the disk: call them in a thread."""

    def __init__(self, data_dir: Path, clock: Clock, *, max_bytes: int = _MAX_BYTES) -> None:
        self._path = data_dir / FILE
        self._old = self._path.with_suffix(".1.jsonl")
        self._clock = clock
        self._max_bytes = max_bytes

    def write(self, *, who: str, action: str, address: str, status: int, detail: dict[str, Any] | None = None) -> None:
        """Append an entry, synced to disk on return. A failed write is logged as an error and not raised.

        Known forms of secrets are masked in the detail, and long values truncated. A lock serialises processes that
        share the folder, since concurrent rotation would lose a file.
        """
        kept = {name: _shortened(_cleaned(value)) for name, value in (detail or {}).items()}
        entry = Entry(self._clock.now_ns(), who, action, address, int(status), kept)
        _log.info("change_requested", who=who, action=action, address=address, status=int(status), detail=entry.detail)
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            with locked(self._path.with_suffix(".lock")):
                self._append(msgspec.json.encode(entry) + b"\n")
        except OSError as err:
            _log.error("audit_not_written", file=str(self._path), error=err.strerror)

    def read(self, time_range: TimeRange, limit: int, cursor: AuditCursor | None = None) -> AuditPage:
        """Return a page of a range, newest first; raises TerminalError if the file cannot be read.

        If the entry of the cursor was removed with an old file, the page continues with older entries.
        """
        found: list[tuple[AuditCursor, Entry]] = []
        for place, entry in self._behind(cursor):
            if time_range.start_ns <= entry.time_ns < time_range.end_ns:
                if len(found) == limit:
                    return AuditPage([entry for _, entry in found], found[-1][0])
                found.append((place, entry))
        return AuditPage([entry for _, entry in found], None)

    def _behind(self, cursor: AuditCursor | None) -> Iterator[tuple[AuditCursor, Entry]]:
        if cursor is None:
            return self._newest_first()
        entries = list(self._newest_first())
        for number, (place, _) in enumerate(entries):
            if place == cursor:
                return iter(entries[number + 1 :])
        return iter([each for each in entries if each[0].time_ns < cursor.time_ns])

    def _newest_first(self) -> Iterator[tuple[AuditCursor, Entry]]:
        for path in (self._path, self._old):
            try:
                lines = path.read_bytes().splitlines()
            except FileNotFoundError:
                continue
            except OSError as err:
                if not path.is_dir():
                    raise TerminalError(f"Cannot read the audit log {path}: {err.strerror}") from err
                continue  # the next write moves it aside
            for line in reversed(lines):
                try:
                    entry = msgspec.json.decode(line, type=Entry)
                except (msgspec.MsgspecError, UnicodeDecodeError):
                    continue  # truncated by a power failure or a full disk
                yield AuditCursor(entry.time_ns, blake2b(line, digest_size=9).hexdigest()), entry

    def _append(self, line: bytes) -> None:
        for path in (self._path, self._old):
            make_usable(path, then="a new audit log is started")
        self._rotate()
        fd = os.open(self._path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            os.write(fd, line)
            os.fsync(fd)
        finally:
            os.close(fd)

    def _rotate(self) -> None:
        if self._path.exists() and self._path.stat().st_size > self._max_bytes:
            self._path.replace(self._old)


def _cleaned(value: Any) -> Any:
    if isinstance(value, str):
        return without_secrets(value)
    if isinstance(value, dict):
        return {name: _cleaned(each) for name, each in value.items()}
    return [_cleaned(each) for each in value] if isinstance(value, list | tuple) else value


def _shortened(value: Any) -> Any:
    text = msgspec.json.encode(value).decode()
    return value if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
