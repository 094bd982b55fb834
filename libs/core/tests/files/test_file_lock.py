"""A lock between processes: exclusive or shared, released with its process, and never in the way as a file."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from ha_ingestor_core.files.file_lock import FileLock, locked

_HOLD = """
import sys
from pathlib import Path
from ha_ingestor_core.files.file_lock import FileLock
assert FileLock(Path(sys.argv[1])).acquire()
print("held", flush=True)
sys.stdin.read()
"""


def test_one_holder_at_a_time(tmp_path: Path) -> None:
    first, second = FileLock(tmp_path / "lock"), FileLock(tmp_path / "lock")
    assert first.acquire()
    assert not second.acquire()
    first.release()
    assert second.acquire()
    assert second.is_held
    second.release()


def test_who_holds_it_may_acquire_it_again(tmp_path: Path) -> None:
    lock = FileLock(tmp_path / "lock")
    assert lock.acquire()
    assert lock.acquire()
    lock.release()
    assert not lock.is_held


def test_shared_holders_exclude_one_that_wants_it_alone(tmp_path: Path) -> None:
    first, second, alone = (FileLock(tmp_path / "lock") for _ in range(3))
    assert first.acquire(shared=True)
    assert second.acquire(shared=True)
    assert not alone.acquire()
    first.release()
    second.release()
    assert alone.acquire()
    alone.release()


def test_a_kill_of_the_holder_releases_it(tmp_path: Path) -> None:
    lock = FileLock(tmp_path / "lock")
    with subprocess.Popen(
        [sys.executable, "-c", _HOLD, str(tmp_path / "lock")], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"held\n"
        assert not lock.acquire()
        holder.kill()
    lock.wait()
    assert lock.is_held
    lock.release()


def test_a_folder_in_place_of_the_lock_file_is_set_aside(tmp_path: Path) -> None:
    (tmp_path / "lock").mkdir()
    lock = FileLock(tmp_path / "lock")
    assert lock.acquire()
    assert (tmp_path / "lock.damaged").is_dir()
    lock.release()


def test_locked_creates_the_folder_and_releases_at_the_end(tmp_path: Path) -> None:
    with locked(tmp_path / "folder" / "lock"):
        assert not FileLock(tmp_path / "folder" / "lock").acquire()
    assert FileLock(tmp_path / "folder" / "lock").acquire()
