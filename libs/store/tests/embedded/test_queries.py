"""The text of queries: the plans that make them fast, and the floor of times before 1970."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
from ha_ingestor_store.embedded import queries
from ha_ingestor_store.embedded.schema import connect, prepare
from ha_ingestor_store.periods import DAY_NS, HOUR_NS, MINUTE_NS


@pytest.fixture
def database(tmp_path: Path) -> sqlite3.Connection:
    prepare(tmp_path / "file")
    return connect(tmp_path / "file")


@pytest.mark.parametrize("number", [-7, -6, -5, -1, 0, 1, 5, 6, 7])
def test_floor_division_rounds_down(database: sqlite3.Connection, number: int) -> None:
    (result,) = database.execute("SELECT " + queries.floor_division(":n", ":d"), {"n": number, "d": 6}).fetchone()
    assert result == number // 6
    database.close()


@pytest.mark.parametrize(
    "query",
    [queries.count_by_group(0), queries.count_by_window(0), queries.count_by_series(0)],
)
def test_raw_counts_read_the_time_index_alone(database: sqlite3.Connection, query: str) -> None:
    plan = database.execute("EXPLAIN QUERY PLAN " + query, {"start": 0, "end": 1, "window": 60}).fetchall()
    assert any("COVERING INDEX events_by_time (time_ns>? AND time_ns<?)" in step[3] for step in plan)
    database.close()


@pytest.mark.parametrize(
    "query", [queries.count_by_group(g) for g in (MINUTE_NS, HOUR_NS, DAY_NS)] + [queries.count_by_series(HOUR_NS)]
)
def test_rollups_are_read_by_range(database: sqlite3.Connection, query: str) -> None:
    plan = database.execute("EXPLAIN QUERY PLAN " + query, {"start": 0, "end": 1}).fetchall()
    assert any("USING PRIMARY KEY (bucket>? AND bucket<?)" in step[3] for step in plan)
    database.close()
