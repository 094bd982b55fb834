"""Parts of SQL that queries and statements share; every value is bound, only our own names become text."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable
from itertools import chain
from typing import Any

from ha_ingestor_store.embedded.file.schema import ROLLED_UP_METRICS
from ha_ingestor_store.questions import Homes
from ha_ingestor_store.service_windows import HIGHEST_LEVELS

_MOST_ROWS = 1000


def homes_condition(homes: Homes) -> tuple[str, tuple[str, ...]]:
    """Return a condition on the column `home` that begins with AND, or nothing; and its values."""
    if homes.only is not None:
        return " AND home = ?", (homes.only,)
    return (f" AND home NOT IN ({placeholders(len(homes.but))})", homes.but) if homes.but else ("", ())


def placeholders(count: int) -> str:
    """Return `count` placeholders of bound values."""
    return ",".join("?" * count)


def placeholder_rows(columns: int, rows: int) -> str:
    """Return placeholders for `rows` rows of `columns` values each."""
    return ", ".join(["(" + ", ".join("?" * columns) + ")"] * rows)


def floor_division(number: str, divisor: str) -> str:
    """Return a division that rounds down: SQLite rounds towards zero, which is wrong for times before 1970."""
    return f"(({number} - (({number} % {divisor}) + {divisor}) % {divisor}) / {divisor})"


def rolled_up_metrics() -> str:
    """Return the aggregates of ROLLED_UP_METRICS: the highest of some levels, the sums of the rest."""
    return ", ".join(f"{'max' if name in HIGHEST_LEVELS else 'sum'}({name})" for name in ROLLED_UP_METRICS)


def max_id(db: sqlite3.Connection, table: str) -> int:
    """Return the highest id of a table; 0 where it is empty."""
    found: int = db.execute(f"SELECT coalesce(max(id), 0) FROM {table}").fetchone()[0]
    return found


def insert_rows(
    db: sqlite3.Connection,
    statement: Callable[[int], str],
    rows: Iterable[tuple[Any, ...]],
    *,
    columns: int,
    count: int,
) -> None:
    """Insert `count` rows of `columns` values by `statement(number of rows)`, as many at once as SQLite takes."""
    iterator = iter(rows)
    at_once = min(_MOST_ROWS, db.getlimit(sqlite3.SQLITE_LIMIT_VARIABLE_NUMBER) // columns)
    for at in range(0, count, at_once):
        size = min(at_once, count - at)
        values = list(chain.from_iterable(next(iterator) for _ in range(size)))
        db.execute(statement(size), values)
