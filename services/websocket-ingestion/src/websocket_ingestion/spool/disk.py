"""Reading and writing files: durably, completely, and as far as a failing disk allows."""

from __future__ import annotations

import os
import sys
from pathlib import Path

_BLOCK = 4096


def sync_data(fd: int) -> None:
    """Return once the data written to a file is on the disk."""
    if sys.platform == "darwin":
        import fcntl

        fcntl.fcntl(fd, fcntl.F_FULLFSYNC)  # fsync does not flush the cache of the drive there
    else:
        os.fdatasync(fd)


def write_all(fd: int, data: bytes) -> None:
    """Write all data; raises OSError."""
    view = memoryview(data)
    while view:
        view = view[os.write(fd, view) :]


def write_file(path: Path, data: bytes) -> None:
    """Write a file with this content durably; raises OSError."""
    fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        write_all(fd, data)
        sync_data(fd)
    finally:
        os.close(fd)


def read_available(path: Path, begin: int = 0) -> bytes:
    """Return the bytes of a file, zeros where the disk cannot read them; empty where it cannot be opened."""
    try:
        with path.open("rb") as file:
            file.seek(begin)
            return file.read()
    except OSError:
        if not path.is_file():
            return b""
    try:
        fd = os.open(path, os.O_RDONLY)
    except OSError:
        return b""
    try:
        return b"".join(_block(fd, offset) for offset in range(begin, os.fstat(fd).st_size, _BLOCK))
    finally:
        os.close(fd)


def read_begin(path: Path, size: int) -> bytes:
    """Return the first bytes of a file, fewer where it is shorter; empty where it cannot be read."""
    try:
        with path.open("rb") as file:
            return file.read(size)
    except OSError:
        return b""


def read_end(path: Path, size: int) -> bytes:
    """Return the last bytes of a file, fewer where it is shorter; empty where it cannot be read."""
    try:
        with path.open("rb") as file:
            file.seek(max(0, file.seek(0, os.SEEK_END) - size))
            return file.read()
    except OSError:
        return b""


def _block(fd: int, offset: int) -> bytes:
    size = min(_BLOCK, os.fstat(fd).st_size - offset)
    try:
        return os.pread(fd, size, offset)
    except OSError:
        return bytes(size)
