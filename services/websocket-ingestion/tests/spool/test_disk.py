"""Files: written whole, read as far as they can be, set aside under a name of their own."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest
from websocket_ingestion.spool.disk import read_available, read_begin, read_end, write_file


def test_the_ends_of_a_file(tmp_path: Path) -> None:
    path = tmp_path / "file"
    write_file(path, b"0123456789")
    assert (read_begin(path, 3), read_end(path, 3), read_end(path, 30)) == (b"012", b"789", b"0123456789")
    assert read_available(path, 4) == b"456789"


def test_what_is_not_there_has_no_bytes(tmp_path: Path) -> None:
    for path in (tmp_path / "none", tmp_path):
        assert (read_begin(path, 3), read_end(path, 3), read_available(path)) == (b"", b"", b"")


def test_a_block_that_the_disk_cannot_read_is_zeros(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"a" * 4096 + b"b" * 4096 + b"c" * 10)
    real = os.pread

    def bad_second_block(fd: int, size: int, offset: int) -> bytes:
        if offset == 4096:
            raise OSError(errno.EIO, "Input/output error")
        return real(fd, size, offset)

    def refuse(*_: object) -> None:
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(os, "pread", bad_second_block)
    monkeypatch.setattr(Path, "open", refuse)
    assert read_available(path) == b"a" * 4096 + bytes(4096) + b"c" * 10
