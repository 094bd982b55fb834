"""A small file that is either the old one or the new one."""

from __future__ import annotations

import errno
from pathlib import Path

import pytest
from ha_ingestor_core.files.durable_file import (
    damaged_files,
    make_folder,
    make_usable,
    read_state,
    set_aside,
    write_durably,
)


def test_the_new_content_replaces_the_old(tmp_path: Path) -> None:
    path = tmp_path / "folder" / "file"
    write_durably(path, b"old")
    write_durably(path, b"new")
    assert path.read_bytes() == b"new"
    assert [each.name for each in path.parent.iterdir()] == ["file"]


def test_where_it_cannot_be_written_the_old_stays(tmp_path: Path) -> None:
    path = tmp_path / "file"
    write_durably(path, b"old")
    (tmp_path / "file.new").mkdir()
    with pytest.raises(OSError, match=r"file\.new"):
        write_durably(path, b"new")
    assert path.read_bytes() == b"old"


def test_each_thing_set_aside_gets_a_name_of_its_own(tmp_path: Path) -> None:
    path = tmp_path / "file"
    names = []
    for text in ("one", "two"):
        path.write_text(text)
        names.append(set_aside(path).name)
        path.unlink()
    path.mkdir()
    names.append(set_aside(path).name)
    assert names == ["file.damaged", "file.damaged-2", "file.damaged-3"]
    assert (tmp_path / "file.damaged").read_text() == "one"
    assert not path.exists()


def test_a_file_that_cannot_be_decoded_is_set_aside(tmp_path: Path) -> None:
    path = tmp_path / "number"
    assert read_state(path, int, then="0") is None
    path.write_bytes(b"12")
    assert read_state(path, int, then="0") == 12
    path.write_bytes(b"\xff")
    assert read_state(path, int, then="0") is None
    assert not path.exists()
    assert damaged_files(tmp_path) == ["number.damaged"]
    write_durably(path, b"13")
    assert read_state(path, int, then="0") == 13


def test_a_folder_or_a_link_to_itself_in_the_place_of_a_file_is_set_aside(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.mkdir()
    assert read_state(path, int, then="0") is None
    path.symlink_to("file")
    assert read_state(path, int, then="0") is None
    path.mkdir()
    assert make_usable(path, then="it is replaced") == tmp_path / "file.damaged-3"
    path.symlink_to("file")
    assert make_usable(path, then="it is replaced") == tmp_path / "file.damaged-4"
    path.touch()
    assert make_usable(path, then="it is replaced") is None


def test_a_good_file_stays_where_this_process_can_open_no_more(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "number"
    path.write_bytes(b"12")

    def fail(path: Path) -> bytes:
        raise OSError(errno.EMFILE, "Too many open files")

    with monkeypatch.context() as patched:
        patched.setattr(Path, "read_bytes", fail)
        with pytest.raises(OSError, match="Too many open files"):
            read_state(path, int, then="0")
    assert read_state(path, int, then="0") == 12


def test_a_file_in_the_place_of_a_folder_is_set_aside(tmp_path: Path) -> None:
    (tmp_path / "gaps").write_text("a file")
    make_folder(tmp_path / "gaps")
    assert (tmp_path / "gaps").is_dir()
    assert (tmp_path / "gaps.damaged").read_text() == "a file"
