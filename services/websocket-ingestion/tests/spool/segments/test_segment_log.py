"""The spool's files: what a start makes of whatever it finds, and what a failing disk does to them."""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from ha_ingestor_core.events import RawEvent
from msgspec import Raw
from websocket_ingestion.errors import SpoolUnusableError
from websocket_ingestion.spool.segments.segment import Found
from websocket_ingestion.spool.segments.segment_log import SegmentLog


def numbered(first: int, count: int) -> list[RawEvent]:
    return [RawEvent(Raw(b'{"n":%d}' % n), n) for n in range(first, first + count)]


def numbers(folder: SegmentLog, after: int = 0) -> list[int]:
    """What can be read, by number."""
    found: list[int] = []
    while after < folder.durable_id:
        chunk = folder.read_after(after, folder.durable_id)
        found += [number for number, _ in chunk.events]
        after = chunk.last_id
    return found


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[Any]:
    """The folder opened again and again; each time the one before is closed."""
    folders: list[SegmentLog] = []

    def open_folder(segment_bytes: int = 200) -> tuple[SegmentLog, Found]:
        for folder in folders:
            folder.close()
        folders[:] = [SegmentLog(tmp_path / "spool" / "home", segment_bytes=segment_bytes)]
        return folders[0], folders[0].open()

    yield open_folder
    for folder in folders:
        folder.close()


def files(tmp_path: Path) -> list[Path]:
    return sorted((tmp_path / "spool" / "home").glob("*.events"))


def test_what_is_there_is_counted_without_reading_it(opened: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    folder, found = opened()
    assert found == Found(0, 0, 0)
    for n in range(0, 30, 3):
        folder.commit(numbered(n, 3), 0)
    folder.close()

    def refuse(*_: Any) -> None:
        raise AssertionError("was read")

    monkeypatch.setattr("websocket_ingestion.spool.segments.recovery.read_available", refuse)
    folder, found = opened()
    assert (found.events, folder.durable_id) == (30, 30)
    assert found.event_bytes == sum(len(event.event) for event in numbered(0, 30))


def test_a_file_is_deleted_when_its_last_event_is_acknowledged(opened: Any, tmp_path: Path) -> None:
    folder, _ = opened()
    for n in range(0, 30, 3):
        folder.commit(numbered(n, 3), 0)
    before = len(files(tmp_path))
    folder.commit([], 29)
    assert len(files(tmp_path)) < before
    assert numbers(folder, 29) == [30]
    folder.commit([], 30)
    assert (files(tmp_path), folder.disk_bytes) == ([], 0)


def test_numbers_go_on_after_everything_was_acknowledged(opened: Any) -> None:
    folder, _ = opened()
    folder.commit(numbered(0, 5), 0)
    folder.commit([], 5)
    folder, found = opened()
    folder.commit(numbered(5, 1), 5)
    assert (found.events, numbers(folder, 5)) == (0, [6])


def test_a_lost_cursor_repeats_what_is_there_and_loses_nothing(opened: Any, tmp_path: Path) -> None:
    folder, _ = opened(10_000)
    folder.commit(numbered(0, 5), 0)
    folder.commit([], 3)
    folder.close()
    (tmp_path / "spool" / "home" / "cursor").write_bytes(b"rubbish")
    folder, found = opened()
    assert found == Found(5, 35, 0)
    assert folder.damaged_files == 1


def test_a_file_that_is_gone_is_counted_once(opened: Any, tmp_path: Path) -> None:
    folder, _ = opened()
    for n in range(0, 30, 3):
        folder.commit(numbered(n, 3), 0)
    folder.close()
    victim = files(tmp_path)[1]
    lost = int(files(tmp_path)[2].stem) - int(victim.stem)
    victim.unlink()
    folder, found = opened()
    assert (found.events, found.lost, len(numbers(folder))) == (30 - lost, lost, 30 - lost)
    assert opened()[1].lost == 0


def test_the_newest_file_cut_short_is_noticed_by_the_cursor(opened: Any, tmp_path: Path) -> None:
    folder, _ = opened(10_000)
    folder.commit(numbered(0, 5), 0)
    path = files(tmp_path)[0]
    os.truncate(path, path.stat().st_size - 40)
    folder.close()
    os.truncate(path, path.stat().st_size - 80)
    folder, found = opened()
    assert (found.events + found.lost, found.lost > 0) == (5, True)
    assert path.with_name(f"{path.name}.damaged").exists()


def test_a_file_where_the_folder_should_be_is_set_aside(opened: Any, tmp_path: Path) -> None:
    (tmp_path / "spool").write_text("what is this?")
    folder, _ = opened()
    folder.commit(numbered(0, 1), 0)
    assert (tmp_path / "spool.damaged").read_text() == "what is this?"
    assert numbers(folder) == [1]


def test_a_folder_that_cannot_be_made_is_an_error_that_names_it(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(SpoolUnusableError, match="file/data/spool/home"):
        SegmentLog(tmp_path / "file" / "data" / "spool" / "home", segment_bytes=100).open()


@pytest.mark.parametrize("fails_at", ["write", "fdatasync"])
@pytest.mark.parametrize("already", [0, 4])
def test_a_failed_write_leaves_nothing_and_can_be_repeated(
    opened: Any, monkeypatch: pytest.MonkeyPatch, fails_at: str, already: int
) -> None:
    folder, _ = opened(10_000)
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
    folder, found = opened()
    assert (found, folder.damaged_files) == (Found(already + 3, 7 * (already + 3), 0), 0)
    assert numbers(folder) == list(range(1, already + 4))


def test_what_is_acknowledged_is_forgotten_even_when_the_disk_is_full(
    opened: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, _ = opened()
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
    assert opened()[1].events == 10


def test_an_acknowledgement_that_could_not_be_written_is_written_with_the_next_commit(
    opened: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, _ = opened()
    for n in range(0, 30, 3):
        folder.commit(numbered(n, 3), 0)

    def fail(*_: Any) -> None:
        raise OSError(errno.EIO, "Input/output error")

    with monkeypatch.context() as patched:
        patched.setattr(os, "pwrite", fail)
        with pytest.raises(OSError, match="Input/output"):
            folder.commit([], 20)
    folder.commit([], 20)
    assert opened()[1].events == 10


def test_damage_on_a_full_disk_is_counted_and_what_can_be_read_is_read(
    opened: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, _ = opened()
    for n in range(0, 30, 3):
        folder.commit(numbered(n, 3), 0)
    folder.close()
    victim = files(tmp_path)[1]
    data = bytearray(victim.read_bytes())
    data[60] ^= 1
    victim.write_bytes(data)
    folder, _ = opened()

    def fail(*_: Any) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("websocket_ingestion.spool.segments.repair.write_file", fail)
    assert len(numbers(folder)) == 29
    assert folder.damaged_files == 1


def test_damage_that_a_full_disk_lets_nobody_mend_is_found_twice_and_counted_once(
    opened: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, _ = opened(10_000)
    folder.commit(numbered(0, 20), 0)
    victim = files(tmp_path)[0]
    data = bytearray(victim.read_bytes())
    data[60] ^= 1
    victim.write_bytes(data)

    def fail(*_: Any) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("websocket_ingestion.spool.segments.repair.write_file", fail)
    monkeypatch.setattr(folder, "close", folder._lock.release)  # as a kill leaves it: the file is unsealed
    folder, found = opened(10_000)
    assert found.lost == 1
    assert folder.read_after(0, folder.durable_id).lost == 0


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


def test_a_commit_begins_with_what_was_written_ahead(opened: Any) -> None:
    folder, _ = opened(4096)
    folder.write_ahead(numbered(1, 1))
    folder.write_ahead(numbered(2, 1))
    folder.commit(numbered(1, 3), 0)
    assert numbers(folder) == [1, 2, 3]
    folder, found = opened(4096)
    assert (found.events, numbers(folder)) == (3, [1, 2, 3])


def test_what_was_written_ahead_of_a_file_that_ends_goes_into_the_next(opened: Any) -> None:
    folder, _ = opened(200)
    folder.commit(numbered(1, 4), 0)
    folder.write_ahead(numbered(5, 1))
    folder.commit(numbered(5, 2), 4)  # all before is acknowledged, so that file ends first
    assert numbers(folder, after=4) == [5, 6]
    folder, found = opened(200)
    assert (found.events, found.lost, numbers(folder, after=4)) == (2, 0, [5, 6])
