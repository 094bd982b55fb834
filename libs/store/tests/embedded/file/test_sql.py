"""Parts of SQL that queries and statements share."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import pytest
from ha_ingestor_store.embedded.file.sql import floor_division, insert_rows


@pytest.mark.parametrize("number", [-7, -6, -5, -1, 0, 1, 5, 6, 7])
def test_floor_division_rounds_down(number: int) -> None:
    with closing(sqlite3.connect(":memory:")) as database:
        query = "SELECT " + floor_division(":n", ":d")
        assert database.execute(query, {"n": number, "d": 6}).fetchone() == (number // 6,)


def test_rows_are_inserted_although_a_statement_takes_few_values() -> None:
    with closing(sqlite3.connect(":memory:")) as database:
        database.execute("CREATE TABLE pairs (a, b)")
        database.setlimit(sqlite3.SQLITE_LIMIT_VARIABLE_NUMBER, 7)
        rows = [(n, str(n)) for n in range(10)]
        insert_rows(
            database, lambda n: "INSERT INTO pairs VALUES " + ", ".join(["(?, ?)"] * n), rows, columns=2, count=10
        )
        assert database.execute("SELECT * FROM pairs ORDER BY a").fetchall() == rows
