"""Damaged segments on a full disk: counted once, and read as far as possible."""

from __future__ import annotations

import errno
from pathlib import Path
from typing import Any

import pytest

from tests.websocket_ingestion.spool_segments import files, numbered, numbers


def test_damage_on_a_full_disk_is_counted_and_what_can_be_read_is_read(
    open_log: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, _ = open_log()
    for n in range(0, 30, 3):
        folder.commit(numbered(n, 3), 0)
    folder.close()
    victim = files(tmp_path)[1]
    data = bytearray(victim.read_bytes())
    data[60] ^= 1
    victim.write_bytes(data)
    folder, _ = open_log()

    def fail(*_: Any) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("websocket_ingestion.spool.segments.repair.write_file", fail)
    assert len(numbers(folder)) == 29
    assert folder.damaged_files == 1


def test_damage_that_cannot_be_repaired_on_a_full_disk_is_counted_once(
    open_log: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, _ = open_log(10_000)
    folder.commit(numbered(0, 20), 0)
    victim = files(tmp_path)[0]
    data = bytearray(victim.read_bytes())
    data[60] ^= 1
    victim.write_bytes(data)

    def fail(*_: Any) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("websocket_ingestion.spool.segments.repair.write_file", fail)
    monkeypatch.setattr(folder, "close", folder._lock.release)  # as a kill leaves it: the file is unsealed
    folder, found = open_log(10_000)
    assert found.lost == 1
    assert folder.read_after(0, folder.durable_id).lost == 0
