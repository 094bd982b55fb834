"""Each distinct set of facts is stored once, for all writers."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import msgspec
import pytest
from ha_ingestor_store.embedded.file.connection import connect
from ha_ingestor_store.embedded.file.migrations import prepare
from ha_ingestor_store.embedded.file.store_file import FILE_NAME
from ha_ingestor_store.embedded.store import EmbeddedStore
from ha_ingestor_store.embedded.writing import facts
from ha_ingestor_store.embedded.writing.file_writer import FileWriter
from ha_ingestor_store.points import EventPoint
from ha_ingestor_store.questions import RecentEvents
from ha_ingestor_store.time_range import DAY_NS, TimeRange

ALWAYS = TimeRange(0, 100 * DAY_NS)
POINT = EventPoint("home", "state_changed", DAY_NS, "sensor", "sensor.a", "1", friendly_name="A", attributes="{}")


def at(n: int, **changed: str | None) -> EventPoint:
    return msgspec.structs.replace(POINT, time_ns=DAY_NS + n, **changed)


def stored(tmp_path: Path) -> int:
    with closing(sqlite3.connect(tmp_path / FILE_NAME)) as db:
        found: int = db.execute("SELECT count(*) FROM facts").fetchone()[0]
        return found


async def test_a_restart_and_a_redelivery_store_no_facts_again(tmp_path: Path) -> None:
    for n in range(3):
        store = await EmbeddedStore.open(tmp_path)
        await store.writer.write_events([at(0), at(n), at(n, friendly_name="B")])
        await store.close()
    assert stored(tmp_path) == 2


async def test_what_was_forgotten_is_found_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(facts, "_CACHE_LIMIT", 1)
    store = await EmbeddedStore.open(tmp_path)
    for n in range(12):
        await store.writer.write_events([at(n, friendly_name=str(n % 3))])
    await store.close()
    assert stored(tmp_path) == 3


async def test_two_sets_with_one_hash_are_kept_apart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(facts, "facts_hash", lambda *_: 7)
    for n in range(2):
        store = await EmbeddedStore.open(tmp_path)
        await store.writer.write_events([at(3 * n, friendly_name="A"), at(3 * n + 1, friendly_name="B")])
        await store.writer.write_events([at(3 * n + 2, friendly_name="C")])
        page = await store.reader.recent_events(RecentEvents(time_range=ALWAYS))
        await store.close()
    assert [event.friendly_name for event in page.events] == ["C", "B", "A"] * 2


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


@pytest.mark.parametrize("limit", ["_CACHE_LIMIT", "_CACHE_CHARACTERS"])
def test_remembered_facts_are_bounded_in_number_and_size(
    database: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch, limit: str
) -> None:
    monkeypatch.setattr(facts, limit, 10)
    under_test = FileWriter(database)
    for number in range(100):
        under_test.write_events([event(number, f'{{"n":{number:3}}}')])
    assert len(under_test._facts._known) <= 10
    kept = database.execute("SELECT count(DISTINCT attributes) FROM events JOIN facts ON facts.id = facts").fetchone()
    assert kept == (100,)


def test_facts_that_a_batch_needs_outlive_a_full_memory(
    database: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(facts, "_CACHE_CHARACTERS", 10)
    under_test = FileWriter(database)
    under_test.write_events([event(0, '{"a":"known"}')])
    under_test.write_events([event(1, '{"a":"known"}'), event(2, '{"a":"fresh"}')])
    found = database.execute("SELECT attributes FROM events JOIN facts ON facts.id = facts ORDER BY time_ns").fetchall()
    assert found == [('{"a":"known"}',), ('{"a":"known"}',), ('{"a":"fresh"}',)]
