"""The state of the file on disk: whether it exists, is the one that was opened, or was written before; and its lock.

The file is not opened here: closing it would release the locks that SQLite holds on it in this process.
"""

from __future__ import annotations

from pathlib import Path

from ha_ingestor_core.files.file_lock import FileLock
from ha_ingestor_core.reporting.report_journal import ReportJournal

from ha_ingestor_store.embedded.errors import damaged

FILE_NAME = "events.sqlite3"
_LOCK_NAME = "store.lock"


class StoreFile:
    """The file at a path; `check` compares it with its state when `opened` was called. All methods raise OSError."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._inode: int | None = None
        self._size = 0

    def check_before_opening(self) -> None:
        """Raise StoreDamagedError if the file is missing or empty although events were stored in it before."""
        size = self.path.stat().st_size if self.path.exists() else None
        if not size and (self._inode is not None or stored_before(self.path.parent)):
            what = "is missing" if size is None else "is empty"
            raise damaged(self.path, f"{what}, although events were stored in it before")

    def opened(self) -> None:
        """Remember the identity and the size of the file."""
        found = self.path.stat()
        self._inode, self._size = found.st_ino, found.st_size

    def check(self) -> None:
        """Raise StoreDamagedError if the file was removed, replaced or truncated since it was opened."""
        try:
            found = self.path.stat()
        except FileNotFoundError:
            raise damaged(self.path, "was deleted or moved while it was in use") from None
        if found.st_ino != self._inode:
            raise damaged(self.path, "was replaced while it was in use")
        if found.st_size < self._size:
            raise damaged(self.path, f"was truncated: it has {found.st_size:,} bytes instead of {self._size:,}")
        self._size = found.st_size


class StoreLock:
    """Held while a process uses the store of a folder, together with others, or `alone`: to replace its file."""

    def __init__(self, data_dir: Path, *, alone: bool = False) -> None:
        self._lock = FileLock(data_dir / _LOCK_NAME)
        self._lock.acquire(shared=not alone)

    @property
    def is_held(self) -> bool:
        """Whether the lock was free, and is held."""
        return self._lock.is_held

    def release(self) -> None:
        """Release the lock."""
        self._lock.release()


def stored_before(data_dir: Path) -> bool:
    """Whether events were written to the embedded store of a folder before.

    The pipeline keeps its totals beside its reports. Where InfluxDB was the store, it has a file of totals of its own,
    and an embedded store may begin.
    """
    if any(data_dir.glob("*.totals")):
        return False
    return any(map(_counts_events, data_dir.glob("*.reports")))


def _counts_events(path: Path) -> bool:
    try:
        return any(entry.totals.written for entry in ReportJournal(path).read())
    except OSError:
        return False
