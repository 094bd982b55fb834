"""The active segment is read from where the last read ended, and as a whole where it is damaged."""

from __future__ import annotations

from pathlib import Path

from websocket_ingestion.spool.segments.segment_reader import SegmentReader
from websocket_ingestion.spool.segments.segment_writer import SegmentWriter

from tests.websocket_ingestion.spool_segments import numbered


def test_a_growing_segment_is_read_on_from_the_last_read(tmp_path: Path) -> None:
    writer, reader = SegmentWriter.begin(tmp_path, 1), SegmentReader()
    writer.append(numbered(1, 2))
    assert [number for number, _ in reader.read(writer.segment, 0, is_active=True).events] == [1, 2]
    reader.note_read(writer.segment, 2)
    writer.append(numbered(3, 2))
    assert [number for number, _ in reader.read(writer.segment, 2, is_active=True).events] == [3, 4]
    writer.end()


def test_what_is_written_ahead_is_not_read(tmp_path: Path) -> None:
    writer, reader = SegmentWriter.begin(tmp_path, 1), SegmentReader()
    writer.append(numbered(1, 1))
    writer.write_ahead(numbered(2, 1))
    assert [number for number, _ in reader.read(writer.segment, 0, is_active=True).events] == [1]
    writer.end()


def test_damage_after_the_last_read_makes_the_whole_segment_be_read(tmp_path: Path) -> None:
    writer, reader = SegmentWriter.begin(tmp_path, 1), SegmentReader()
    writer.append(numbered(1, 2))
    reader.note_read(writer.segment, 2)
    size = writer.segment.size
    writer.append(numbered(3, 2))
    data = bytearray(writer.segment.path.read_bytes())
    data[size + 30] ^= 1
    writer.segment.path.write_bytes(data)
    found = reader.read(writer.segment, 2, is_active=True)
    assert found.is_damaged
    assert [number for number, _ in found.events] == [1, 2, 4]
    writer.end()
