"""Which data a release opens, and what it writes down of its own."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from ha_ingestor_core.files.data_format import FILE, LaterDataError, check_formats, keep_formats


def test_data_without_a_number_is_of_the_first_format(tmp_path: Path) -> None:
    check_formats(tmp_path, {"admin-api": 1})
    assert list(tmp_path.iterdir()) == []


def test_later_data_is_refused_and_nothing_is_written(tmp_path: Path) -> None:
    (tmp_path / FILE).write_text('{"admin-api": 3}')
    with pytest.raises(LaterDataError, match=r"admin-api in .* has format 3; this release supports up to 2"):
        check_formats(tmp_path, {"enrichment-pipeline": 1, "admin-api": 2})
    assert [path.name for path in tmp_path.iterdir()] == [FILE]
    assert (tmp_path / FILE).read_text() == '{"admin-api": 3}'


def test_earlier_data_is_opened_and_gets_the_number_of_this_release(tmp_path: Path) -> None:
    keep_formats(tmp_path, {"admin-api": 1})
    keep_formats(tmp_path, {"admin-api": 2})
    assert json.loads((tmp_path / FILE).read_text()) == {"admin-api": 2}


def test_what_another_service_wrote_down_stays(tmp_path: Path) -> None:
    (tmp_path / FILE).write_text('{"later-service": 9}')
    keep_formats(tmp_path, {"admin-api": 1})
    assert json.loads((tmp_path / FILE).read_text()) == {"later-service": 9, "admin-api": 1}


def test_a_number_that_is_known_is_not_written_again(tmp_path: Path) -> None:
    keep_formats(tmp_path, {"admin-api": 1})
    before = (tmp_path / FILE).stat().st_ino
    keep_formats(tmp_path, {"admin-api": 1})
    assert (tmp_path / FILE).stat().st_ino == before


@pytest.mark.parametrize("content", [b"", b"{", b"\xff", b'{"admin-api": "2"}', b"[]"])
def test_a_damaged_file_is_set_aside(tmp_path: Path, content: bytes) -> None:
    (tmp_path / FILE).write_bytes(content)
    keep_formats(tmp_path, {"admin-api": 1})
    assert json.loads((tmp_path / FILE).read_text()) == {"admin-api": 1}
    assert (tmp_path / f"{FILE}.damaged").read_bytes() == content
