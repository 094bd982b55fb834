"""The cursor: in place, in two slots, and never in the way of a start."""

from __future__ import annotations

from pathlib import Path

from websocket_ingestion.spool.segments.cursor import Cursor, Position
from websocket_ingestion.spool.slots import SlotLayout


def test_a_new_cursor_knows_nothing(tmp_path: Path) -> None:
    cursor, aside = Cursor.open(tmp_path / "cursor")
    assert (cursor.position, aside) == (None, None)
    cursor.close()


def test_the_newest_position_counts_and_the_file_does_not_grow(tmp_path: Path) -> None:
    path = tmp_path / "cursor"
    cursor, _ = Cursor.open(path)
    sizes = set()
    for n in range(1, 6):
        cursor.write(Position(n, n + 1, 0, 2 * n, 3 * n, 4 * n, 5 * n, 7 * n, -6 * n))
        sizes.add(path.stat().st_size)
    again, _ = Cursor.open(path)
    assert again.position == Position(5, 6, 0, 10, 15, 20, 25, 35, -30)
    assert len(sizes) <= 2
    cursor.close()
    again.close()


def test_a_torn_slot_leaves_the_other(tmp_path: Path) -> None:
    path = tmp_path / "cursor"
    cursor, _ = Cursor.open(path)
    cursor.write(Position(1, 1))
    cursor.write(Position(2, 2))
    cursor.close()
    data = bytearray(path.read_bytes())
    data[12] ^= 1  # the second write is in the first slot
    path.write_bytes(data)
    cursor, aside = Cursor.open(path)
    assert (cursor.position, aside) == (Position(1, 1), None)
    cursor.close()


def test_what_is_no_cursor_is_set_aside(tmp_path: Path) -> None:
    path = tmp_path / "cursor"
    path.write_bytes(b"hello")
    cursor, aside = Cursor.open(path)
    cursor.write(Position(3, 3))
    cursor.close()
    assert aside is not None
    assert aside.read_bytes() == b"hello"
    again, _ = Cursor.open(path)
    assert again.position == Position(3, 3)
    again.close()


def test_a_cursor_without_expired_events_is_read_and_written_on(tmp_path: Path) -> None:
    path = tmp_path / "cursor"
    earlier = SlotLayout(b"\xff\xfeTOTALS", "2Q5Qq")
    path.write_bytes(earlier.encode(7, (7, 8, 1, 3, 2, 1, 0, 99)) + earlier.encode(8, (8, 9, 1, 4, 2, 1, 0, 100)))
    for written in (4, 5):
        cursor, aside = Cursor.open(path)
        assert aside is None
        assert cursor.position == Position(8, 9, 1, written, duplicate=2, filtered=1, time_ns=100)
        cursor.write(Position(8, 9, 1, written + 1, duplicate=2, filtered=1, time_ns=100))
        cursor.close()


def test_what_was_acknowledged_without_an_end_has_failed() -> None:
    position = Position(acknowledged=10, durable=15, base=1, written=3, duplicate=2, filtered=1, rejected=1, expired=1)
    totals = position.totals
    assert (totals.received, totals.failed, totals.queued) == (14, 1, 5)
