"""The active segment: written ahead, synced, cut off after a failed write."""

from __future__ import annotations

import errno
import os
import shutil
from pathlib import Path
from typing import Any

import pytest
from websocket_ingestion.spool.segments.segment import Found
from websocket_ingestion.spool.segments.segment_log import SegmentLog

from tests.websocket_ingestion.spool_segments import numbered, numbers


@pytest.mark.parametrize("fails_at", ["write", "fdatasync"])
@pytest.mark.parametrize("already", [0, 4])
def test_a_failed_write_leaves_nothing_and_can_be_repeated(
    open_log: Any, monkeypatch: pytest.MonkeyPatch, fails_at: str, already: int
) -> None:
    folder, _ = open_log(10_000)
    folder.commit(numbered(0, already), 0)
    real = getattr(os, fails_at)

    def fail(fd: int, *data: Any) -> Any:
        if fails_at == "write" and len(data[0]) > 20:
            real(fd, data[0][:13])  # a full disk takes what it has room for
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(os, fails_at, fail)
        for _ in range(3):
            with pytest.raises(OSError, match="No space"):
                folder.commit(numbered(already, 3), 0)
    folder.commit(numbered(already, 3), 0)
    assert numbers(folder) == list(range(1, already + 4))
    folder, found = open_log()
    assert (found, folder.damaged_files) == (Found(already + 3, 7 * (already + 3), 0), 0)
    assert numbers(folder) == list(range(1, already + 4))


def test_what_is_written_ahead_outlives_a_kill(tmp_path: Path) -> None:
    killed = SegmentLog(tmp_path / "killed", segment_bytes=4096)
    killed.open()
    killed.commit(numbered(1, 2), 0)
    killed.write_ahead(numbered(3, 2))
    assert killed.durable_id == 2
    shutil.copytree(tmp_path / "killed", tmp_path / "after")  # what a process leaves that closes nothing
    killed.close()
    after = SegmentLog(tmp_path / "after", segment_bytes=4096)
    assert after.open().events == 4
    assert numbers(after) == [1, 2, 3, 4]
    after.close()


def test_a_commit_begins_with_what_was_written_ahead(open_log: Any) -> None:
    folder, _ = open_log(4096)
    folder.write_ahead(numbered(1, 1))
    folder.write_ahead(numbered(2, 1))
    folder.commit(numbered(1, 3), 0)
    assert numbers(folder) == [1, 2, 3]
    folder, found = open_log(4096)
    assert (found.events, numbers(folder)) == (3, [1, 2, 3])


def test_what_was_written_ahead_of_a_file_that_ends_goes_into_the_next(open_log: Any) -> None:
    folder, _ = open_log(200)
    folder.commit(numbered(1, 4), 0)
    folder.write_ahead(numbered(5, 1))
    folder.commit(numbered(5, 2), 4)  # all before is acknowledged, so that file ends first
    assert numbers(folder, after=4) == [5, 6]
    folder, found = open_log(200)
    assert (found.events, found.lost, numbers(folder, after=4)) == (2, 0, [5, 6])
