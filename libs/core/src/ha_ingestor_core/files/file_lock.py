"""Locks between processes: `flock` on a file, which ends with its process and holds between containers, too."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ha_ingestor_core.files.durable_file import make_usable


class FileLock:
    """The lock of a file. The file is never deleted: after a deletion, two processes could hold the lock.

    A library such as filelock has no shared lock on the file itself, and costs 10 MB of memory.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._fd: int | None = None

    @property
    def is_held(self) -> bool:
        """Whether this object holds the lock."""
        return self._fd is not None

    def acquire(self, *, shared: bool = False) -> bool:
        """Take the lock if it is free, alone or together with other shared holders; return whether it is held now.

        Raises OSError.
        """
        return self._fd is not None or self._acquire((fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)

    def wait(self) -> None:
        """Block until the lock is held, alone; raises OSError."""
        if self._fd is None:
            self._acquire(fcntl.LOCK_EX)

    def release(self) -> None:
        """Release the lock; nothing where it is not held."""
        if self._fd is not None:
            os.close(self._fd)
            self._fd = None

    def _acquire(self, operation: int) -> bool:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        make_usable(self.path, then="a new lock file is created")
        fd = os.open(self.path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(fd, operation)
        except BlockingIOError:
            os.close(fd)
            return False
        except BaseException:
            os.close(fd)
            raise
        self._fd = fd
        return True


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold the lock file at a path: exclusively among all processes. Blocks; raises OSError."""
    lock = FileLock(path)
    lock.wait()
    try:
        yield
    finally:
        lock.release()
