"""What a start finds in the folder, also after damage."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from websocket_ingestion.spool.segments.segment import Found

from tests.websocket_ingestion.spool_segments import files, numbered, numbers


def test_what_is_there_is_counted_without_reading_it(open_log: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    folder, found = open_log()
    assert found == Found(0, 0, 0)
    for n in range(0, 30, 3):
        folder.commit(numbered(n, 3), 0)
    folder.close()

    def refuse(*_: Any) -> None:
        raise AssertionError("was read")

    monkeypatch.setattr("websocket_ingestion.spool.segments.recovery.read_available", refuse)
    folder, found = open_log()
    assert (found.events, folder.durable_id) == (30, 30)
    assert found.event_bytes == sum(len(event.event) for event in numbered(0, 30))


def test_a_lost_cursor_repeats_what_is_there_and_loses_nothing(open_log: Any, tmp_path: Path) -> None:
    folder, _ = open_log(10_000)
    folder.commit(numbered(0, 5), 0)
    folder.commit([], 3)
    folder.close()
    (tmp_path / "spool" / "home" / "cursor").write_bytes(b"rubbish")
    folder, found = open_log()
    assert found == Found(5, 35, 0)
    assert folder.damaged_files == 1


def test_a_file_that_is_gone_is_counted_once(open_log: Any, tmp_path: Path) -> None:
    folder, _ = open_log()
    for n in range(0, 30, 3):
        folder.commit(numbered(n, 3), 0)
    folder.close()
    victim = files(tmp_path)[1]
    lost = int(files(tmp_path)[2].stem) - int(victim.stem)
    victim.unlink()
    folder, found = open_log()
    assert (found.events, found.lost, len(numbers(folder))) == (30 - lost, lost, 30 - lost)
    assert open_log()[1].lost == 0


def test_the_newest_file_cut_short_is_noticed_by_the_cursor(open_log: Any, tmp_path: Path) -> None:
    folder, _ = open_log(10_000)
    folder.commit(numbered(0, 5), 0)
    path = files(tmp_path)[0]
    os.truncate(path, path.stat().st_size - 40)
    folder.close()
    os.truncate(path, path.stat().st_size - 80)
    folder, found = open_log()
    assert (found.events + found.lost, found.lost > 0) == (5, True)
    assert path.with_name(f"{path.name}.damaged").exists()
