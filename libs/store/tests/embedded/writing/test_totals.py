"""Totals change with the events they count, or not at all."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
from ha_ingestor_core.reporting.totals import Totals
from ha_ingestor_store.embedded.file.connection import connect
from ha_ingestor_store.embedded.file.migrations import prepare
from ha_ingestor_store.embedded.writing.file_writer import FileWriter
from ha_ingestor_store.embedded.writing.totals import read_totals
from ha_ingestor_store.points import EventPoint
from ha_ingestor_store.store import Tally

POINT = EventPoint(home="home", event_type="x", time_ns=1)


def test_a_write_that_fails_counts_nothing(tmp_path: Path) -> None:
    prepare(tmp_path / "file")
    connection = connect(tmp_path / "file")
    writer = FileWriter(connection)
    writer.write_events([POINT], Tally("a", Totals(received=1)))
    unstorable = EventPoint(home="home", event_type="x", time_ns=2**70)
    with pytest.raises((OverflowError, sqlite3.Error)):
        writer.write_events([POINT, unstorable], Tally("a", Totals(received=2, rejected=1)))
    assert read_totals(connection, "a") == Totals(received=1, written=1)
    connection.close()


def test_each_service_has_its_own(tmp_path: Path) -> None:
    prepare(tmp_path / "file")
    connection = connect(tmp_path / "file")
    FileWriter(connection).write_events([POINT], Tally("a", Totals(received=1)))
    assert read_totals(connection, "b") == Totals()
    connection.close()
