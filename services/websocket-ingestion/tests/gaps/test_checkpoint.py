"""The checkpoint outlives the process, and a torn one leaves the checkpoint before it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from ha_ingestor_core.clock import NS_PER_S
from websocket_ingestion.gaps.checkpoint import Checkpoint, CheckpointFile
from websocket_ingestion.gaps.elapsed import Moment
from websocket_ingestion.spool.slots import SlotFile, SlotLayout


def written(path: Path, *checkpoints: Checkpoint) -> Path:
    file = CheckpointFile.open(path)
    for checkpoint in checkpoints:
        file.write(checkpoint)
    file.close()
    return path


def read(path: Path) -> Checkpoint | None:
    file = CheckpointFile.open(path)
    file.close()
    return file.checkpoint


def test_there_is_no_checkpoint_before_the_first(tmp_path: Path) -> None:
    assert read(tmp_path / "gaps" / "home.mark") is None


def test_the_newest_checkpoint_is_there_at_once_and_after_many(tmp_path: Path) -> None:
    file = CheckpointFile.open(tmp_path / "home.mark")
    for n in range(5):
        file.write(Checkpoint(n, Moment(-n, 7, 3 * n)))
        assert read(tmp_path / "home.mark") == file.checkpoint == Checkpoint(n, Moment(-n, 7, 3 * n))
    file.close()


def test_a_checkpoint_may_go_back(tmp_path: Path) -> None:
    assert read(written(tmp_path / "home.mark", Checkpoint(9, Moment(1)), Checkpoint(3, Moment(2)))) == Checkpoint(
        3, Moment(2)
    )


@pytest.mark.parametrize("slot", [0, 1])
@pytest.mark.parametrize("damage", [b"\0" * 52, b"\xff" * 52])
def test_a_torn_slot_leaves_the_other_checkpoint(tmp_path: Path, slot: int, damage: bytes) -> None:
    path = written(tmp_path / "home.mark", Checkpoint(1, Moment(1)), Checkpoint(2, Moment(2)))
    data = bytearray(path.read_bytes())
    data[slot * 52 : slot * 52 + 52] = damage
    path.write_bytes(data)
    assert read(path) == (Checkpoint(1, Moment(1)) if slot == 0 else Checkpoint(2, Moment(2)))


@pytest.mark.parametrize("data", [b"", b"\0" * 104])
def test_a_file_that_was_never_written_has_no_position(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "home.mark").write_bytes(data)
    assert read(tmp_path / "home.mark") is None


@pytest.mark.parametrize("data", [b"nonsense", b"x" * 500])
def test_a_damaged_checkpoint_is_taken_for_one_of_an_hour_before_it_was_written(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "home.mark"
    path.write_bytes(data)
    os.utime(path, ns=(0, 9_000 * NS_PER_S))
    assert read(path) == Checkpoint(5_400 * NS_PER_S, Moment(5_400 * NS_PER_S))
    assert read(path) == Checkpoint(5_400 * NS_PER_S, Moment(5_400 * NS_PER_S))


def test_a_checkpoint_of_an_earlier_release_is_read(tmp_path: Path) -> None:
    file = SlotFile(tmp_path / "home.mark", SlotLayout(b"\xff\xfeMARK 1", "qq"))
    file.write((5, 6))
    file.close()
    assert read(tmp_path / "home.mark") == Checkpoint(5, Moment(6))
    assert read(written(tmp_path / "home.mark", Checkpoint(7, Moment(8, 1, 2)))) == Checkpoint(7, Moment(8, 1, 2))
