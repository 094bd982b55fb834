"""Open gaps outlive the process, and a damaged file is set aside and stops nothing."""

from __future__ import annotations

from pathlib import Path

import pytest
from ha_ingestor_core.gaps import Gap, GapReason
from websocket_ingestion.gaps.journal import Entries, Journal, OpenGap

GAP = Gap(home="home", start_ns=1, end_ns=2, reason=GapReason.RESTART, found_ns=3)


def test_what_was_written_last_is_there(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "gaps" / "home.json")
    assert journal.read() == Entries()
    journal.write(Entries([OpenGap(GAP)], ["a.b"]))
    journal.write(Entries([OpenGap(GAP, done_ns=5)], ["a.b", "c.d"]))
    assert Journal(tmp_path / "gaps" / "home.json").read() == Entries([OpenGap(GAP, done_ns=5)], ["a.b", "c.d"])


@pytest.mark.parametrize("damage", [b"", b"{", b'{"gaps":[7]}', b"\xff\xfe"])
def test_a_file_that_cannot_be_read_is_set_aside(tmp_path: Path, damage: bytes) -> None:
    path = tmp_path / "home.json"
    path.write_bytes(damage)
    assert Journal(path).read() == Entries()
    assert (tmp_path / "home.json.damaged").read_bytes() == damage
    Journal(path).write(Entries([OpenGap(GAP)]))
    assert Journal(path).read().gaps == [OpenGap(GAP)]
