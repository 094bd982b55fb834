"""Files are for their user alone."""

from __future__ import annotations

import os
import resource
from collections.abc import Iterator
from pathlib import Path

import pytest
from ha_ingestor_core import process_setup
from ha_ingestor_core.process_setup import keep_new_files_private, make_private, raise_descriptor_limit


@pytest.fixture(autouse=True)
def _umask() -> Iterator[None]:
    before = os.umask(0)
    yield
    os.umask(before)


def rights(path: Path) -> int:
    return path.lstat().st_mode & 0o777


def test_new_files_are_private_whatever_the_umask(tmp_path: Path) -> None:
    keep_new_files_private()
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").write_bytes(b"")
    assert (rights(tmp_path / "folder"), rights(tmp_path / "file")) == (0o700, 0o600)


def test_what_is_there_becomes_private_and_keeps_its_users_rights(tmp_path: Path) -> None:
    data, outside = tmp_path / "data", tmp_path / "outside"
    (data / "spool").mkdir(parents=True)
    (data / "spool" / "events").write_bytes(b"")
    (data / "tool").write_bytes(b"")
    (data / "tool").chmod(0o755)
    outside.write_bytes(b"")
    (data / "link").symlink_to(outside)
    make_private(data)
    assert [rights(data / name) for name in ("", "spool", "spool/events", "tool")] == [0o700, 0o700, 0o600, 0o700]
    assert rights(outside) == 0o666


@pytest.mark.parametrize("kind", ["sticky", "home", "homes", "system"])
def test_a_folder_that_others_use_is_left_as_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str) -> None:
    shared = tmp_path / "shared"
    shared.mkdir()
    (shared / "file").write_bytes(b"")
    if kind == "sticky":
        shared.chmod(0o1777)
    elif kind == "system":
        monkeypatch.setattr(process_setup, "_SYSTEM_FOLDERS", {shared})
    else:
        monkeypatch.setenv("HOME", str(shared if kind == "home" else shared / "user"))
    make_private(shared)
    assert rights(shared / "file") == 0o666


@pytest.mark.parametrize("folder", ["/", "/var/lib", "/etc", "/home"])
def test_a_system_folder_counts_as_shared(folder: str) -> None:
    assert process_setup._is_shared(Path(folder))


def test_a_folder_that_is_not_there_is_none_yet(tmp_path: Path) -> None:
    make_private(tmp_path / "nothing")
    assert not (tmp_path / "nothing").exists()


def test_the_limit_of_descriptors_is_raised() -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(soft, 256), hard))
    try:
        raise_descriptor_limit()
        assert resource.getrlimit(resource.RLIMIT_NOFILE)[0] == min(hard, 65_536)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
