"""The writer of the embedded store: what it remembers between two batches."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from ha_ingestor_store.embedded import file_writer
from ha_ingestor_store.embedded.file_writer import FileWriter
from ha_ingestor_store.embedded.schema import connect, prepare
from ha_ingestor_store.points import EventPoint


@pytest.fixture
def database(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    prepare(tmp_path / "file")
    connection = connect(tmp_path / "file")
    yield connection
    connection.close()


def event(number: int, attributes: str) -> EventPoint:
    return EventPoint(
        home="home",
        event_type="state_changed",
        time_ns=number,
        domain="weather",
        entity_id="weather.home",
        state="sunny",
        attributes=attributes,
    )


@pytest.mark.parametrize("limit", ["_FACTS_CACHE_LIMIT", "_FACTS_CACHE_CHARACTERS"])
def test_remembered_facts_are_bounded_in_number_and_size(
    database: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch, limit: str
) -> None:
    monkeypatch.setattr(file_writer, limit, 10)
    under_test = FileWriter(database)
    for number in range(100):
        under_test.write_events([event(number, f'{{"n":{number:3}}}')])
    assert len(under_test._facts) <= 10
    kept = database.execute("SELECT count(DISTINCT attributes) FROM events JOIN facts ON facts.id = facts").fetchone()
    assert kept == (100,)


def test_facts_that_a_batch_needs_outlive_a_full_memory(
    database: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(file_writer, "_FACTS_CACHE_CHARACTERS", 10)
    under_test = FileWriter(database)
    under_test.write_events([event(0, '{"a":"known"}')])
    under_test.write_events([event(1, '{"a":"known"}'), event(2, '{"a":"fresh"}')])
    found = database.execute("SELECT attributes FROM events JOIN facts ON facts.id = facts ORDER BY time_ns").fetchall()
    assert found == [('{"a":"known"}',), ('{"a":"known"}',), ('{"a":"fresh"}',)]
