"""Open gaps outlive the process, and a damaged file is set aside and stops nothing."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest
from ha_ingestor_core.gaps import Gap, GapReason
from websocket_ingestion.gaps.journal import Entries, Journal, OpenGap
from websocket_ingestion.registries.renames import Rename

GAP = Gap(home="home", start_ns=1, end_ns=2, reason=GapReason.RESTART, found_ns=3)
LATER = Entries(
    gaps=[OpenGap(GAP, done_ns=5, unseen={"a.b": 2})],
    entities={"a.b", "c.d"},
    removed={"c.d"},
    restored={("a.b", 7)},
    renames=[Rename("a.a", "a.b", 3)],
)


def test_what_was_written_last_is_there(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "gaps" / "home.json")
    assert journal.read() == Entries()
    journal.write(Entries(gaps=[OpenGap(GAP)], entities={"a.b"}))
    journal.write(LATER)
    assert Journal(tmp_path / "gaps" / "home.json").read() == LATER


@pytest.mark.parametrize("damage", [b"", b"{", b'{"gaps":[7]}', b"\xff\xfe"])
def test_a_file_that_cannot_be_read_is_set_aside(tmp_path: Path, damage: bytes) -> None:
    path = tmp_path / "home.json"
    path.write_bytes(damage)
    assert Journal(path).read() is None
    assert (tmp_path / "home.json.damaged").read_bytes() == damage
    Journal(path).write(Entries(gaps=[OpenGap(GAP)]))
    assert Journal(path).read() == Entries(gaps=[OpenGap(GAP)])


def test_a_file_of_an_earlier_release_is_read(tmp_path: Path) -> None:
    path = tmp_path / "home.json"
    path.write_bytes(msgspec.json.encode({"gaps": [{"gap": GAP, "done_ns": 5}], "entities": ["a.b"]}))
    assert Journal(path).read() == Entries(gaps=[OpenGap(GAP, done_ns=5)], entities={"a.b"})
