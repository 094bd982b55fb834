"""A small file that is either the old one or the new one."""

from __future__ import annotations

from pathlib import Path

import pytest
from ha_ingestor_core.durable_file import write_durably


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
