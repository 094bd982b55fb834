"""Two slots in turn: what was written last is read, and a torn slot leaves the one before."""

from __future__ import annotations

from pathlib import Path

import pytest
from websocket_ingestion.spool.slots import SlotFile, SlotLayout

LAYOUT = SlotLayout(b"\xff\xfeTESTED", "Qq")


def written(path: Path, *all_numbers: tuple[int, int]) -> Path:
    file = SlotFile(path, LAYOUT)
    for numbers in all_numbers:
        file.write(numbers)
    file.close()
    return path


def test_a_new_file_has_no_numbers(tmp_path: Path) -> None:
    assert SlotFile(tmp_path / "file", LAYOUT).numbers is None


@pytest.mark.parametrize("writes", [1, 2, 5])
def test_what_was_written_last_is_read(tmp_path: Path, writes: int) -> None:
    path = written(tmp_path / "file", *((number, -number) for number in range(1, writes + 1)))
    assert SlotFile(path, LAYOUT).numbers == (writes, -writes)


def test_the_file_does_not_grow(tmp_path: Path) -> None:
    path = written(tmp_path / "file", *((number, 0) for number in range(9)))
    assert path.stat().st_size == 2 * LAYOUT.slot_size


@pytest.mark.parametrize("byte", [0, 9, 20, LAYOUT.slot_size - 1])
def test_a_torn_slot_leaves_the_one_before(tmp_path: Path, byte: int) -> None:
    path = written(tmp_path / "file", (1, 1), (2, 2))  # the second lies in the first slot
    data = bytearray(path.read_bytes())
    data[byte] ^= 1
    path.write_bytes(data)
    assert SlotFile(path, LAYOUT).numbers == (1, 1)


def test_a_file_of_another_kind_has_no_numbers(tmp_path: Path) -> None:
    path = written(tmp_path / "file", (1, 1))
    assert SlotFile(path, SlotLayout(b"\xff\xfeOTHERS", "Qq")).numbers is None
