"""The log of segments: appended, read again, deleted when everything is acknowledged."""

from __future__ import annotations

import errno
import os
from pathlib import Path
from typing import Any

import pytest
from websocket_ingestion.errors import SpoolUnusableError
from websocket_ingestion.spool.segments.segment_log import SegmentLog

from tests.websocket_ingestion.spool_segments import files, numbered, numbers


def test_a_file_is_deleted_when_its_last_event_is_acknowledged(open_log: Any, tmp_path: Path) -> None:
    folder, _ = open_log()
    for n in range(0, 30, 3):
        folder.commit(numbered(n, 3), 0)
    before = len(files(tmp_path))
    folder.commit([], 29)
    assert len(files(tmp_path)) < before
    assert numbers(folder, 29) == [30]
    folder.commit([], 30)
    assert (files(tmp_path), folder.disk_bytes) == ([], 0)


def test_numbers_continue_after_everything_was_acknowledged(open_log: Any) -> None:
    folder, _ = open_log()
    folder.commit(numbered(0, 5), 0)
    folder.commit([], 5)
    folder, found = open_log()
    folder.commit(numbered(5, 1), 5)
    assert (found.events, numbers(folder, 5)) == (0, [6])


def test_a_file_where_the_folder_should_be_is_set_aside(open_log: Any, tmp_path: Path) -> None:
    (tmp_path / "spool").write_text("what is this?")
    folder, _ = open_log()
    folder.commit(numbered(0, 1), 0)
    assert (tmp_path / "spool.damaged").read_text() == "what is this?"
    assert numbers(folder) == [1]


def test_a_folder_that_cannot_be_made_is_an_error_that_names_it(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(SpoolUnusableError, match="file/data/spool/home"):
        SegmentLog(tmp_path / "file" / "data" / "spool" / "home", segment_bytes=100).open()


def test_acknowledged_segments_are_deleted_even_when_the_disk_is_full(
    open_log: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, _ = open_log()
    for n in range(0, 30, 3):
        folder.commit(numbered(n, 3), 0)
    before = folder.disk_bytes

    def fail(*_: Any) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(os, "write", fail)
        with pytest.raises(OSError, match="No space"):
            folder.commit(numbered(30, 3), 20)
    assert folder.disk_bytes < before
    assert open_log()[1].events == 10


def test_an_acknowledgement_that_could_not_be_written_is_written_with_the_next_commit(
    open_log: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, _ = open_log()
    for n in range(0, 30, 3):
        folder.commit(numbered(n, 3), 0)

    def fail(*_: Any) -> None:
        raise OSError(errno.EIO, "Input/output error")

    with monkeypatch.context() as patched:
        patched.setattr(os, "pwrite", fail)
        with pytest.raises(OSError, match="Input/output"):
            folder.commit([], 20)
    folder.commit([], 20)
    assert open_log()[1].events == 10
