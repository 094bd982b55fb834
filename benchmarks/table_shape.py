"""Compares schemas of the embedded store's event table: inserts events of realistic size into each, in one run.

    .venv/bin/python benchmarks/table_shape.py [rows]

Prints for each schema: rows inserted per second (durable: WAL, synchronous=FULL, batches of 5,000), bytes per row on
disk, and the milliseconds of the two most important reads (newest 100 events; newest 100 of one entity).
"""

from __future__ import annotations

import random
import sqlite3
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

ROWS = int(sys.argv[1]) if len(sys.argv) > 1 else 300_000
SERIES = 2_000
BATCH = 5_000
ATTRIBUTES = (
    '{"state_class":"measurement","unit_of_measurement":"°C","device_class":"temperature","friendly_name":"Sensor %d",'
    '"icon":"mdi:thermometer","supported_features":44,"effect_list":["rainbow","none","off"],"min_mireds":153,'
    '"max_mireds":500,"supported_color_modes":["color_temp","hs"],"restored":null,'
    '"attribution":"Data provided by nobody",'
    '"options":["one","two","three","four"],"entity_picture":"/api/camera_proxy/camera.front?token=0123456789abcdef"}'
)
Row = tuple[Any, ...]
FACTS = ("unit TEXT", "friendly_name TEXT", "area TEXT", "device TEXT", "device_class TEXT", "attributes TEXT")
OWN = ("state TEXT", "value REAL", "old_state TEXT", "data TEXT", "context_id TEXT", "origin TEXT", "kind INTEGER")


def rows() -> Iterator[tuple[int, int, Row, Row]]:
    """Return (series, time, facts, own): attributes change in one of ten events, as for lights and climate."""
    rng = random.Random(1)
    start = 1_795_000_000_000_000_000
    attributes = {s: ATTRIBUTES % s for s in range(SERIES)}
    for i in range(ROWS):
        s = min(int(rng.paretovariate(0.6)), SERIES) - 1
        if rng.random() < 0.1:
            attributes[s] = (ATTRIBUTES % s).replace("44", str(i))
        facts = ("°C", f"Sensor {s}", "Living room", f"Device {s // 4}", "temperature", attributes[s])
        own = (f"{20 + s % 7}.{i % 10}", 20.0 + s % 7, "20.1", None, f"01HG{i:022d}", "LOCAL", 2)
        yield s, start + i * 20_000_000 + s % 1000, facts, own


def insert(db: sqlite3.Connection, table: str, width: int, values: list[Row]) -> None:
    """Insert a thousand rows per statement: the step runs without the global interpreter lock."""
    for at in range(0, len(values), 1_000):
        part = values[at : at + 1_000]
        marks = ",".join(["(" + ",".join("?" * width) + ")"] * len(part))
        db.execute(f"INSERT OR IGNORE INTO {table} VALUES {marks}", [v for row in part for v in row])


def wide_rowid(db: sqlite3.Connection) -> Callable[[list[Any]], None]:
    db.execute(f"CREATE TABLE events (series INT, time INT, {','.join(FACTS + OWN)}, UNIQUE (series, time))")
    db.execute("CREATE INDEX by_time ON events (time)")
    return lambda batch: insert(db, "events", 15, [(s, t, *f, *o) for s, t, f, o in batch])


def wide_without_rowid(db: sqlite3.Connection) -> Callable[[list[Any]], None]:
    db.execute(
        f"CREATE TABLE events (series INT, time INT, {','.join(FACTS + OWN)}, PRIMARY KEY (series, time)) WITHOUT ROWID"
    )
    db.execute("CREATE INDEX by_time ON events (time)")
    return lambda batch: insert(db, "events", 15, [(s, t, *f, *o) for s, t, f, o in batch])


def interned_facts(db: sqlite3.Connection) -> Callable[[list[Any]], None]:
    db.execute(f"CREATE TABLE events (series INT, time INT, facts INT, {','.join(OWN)}, UNIQUE (series, time))")
    db.execute("CREATE INDEX by_time ON events (time)")
    db.execute(f"CREATE TABLE facts (id INTEGER PRIMARY KEY, {','.join(FACTS)})")
    last: dict[int, tuple[Row, int]] = {}
    ids = iter(range(1, 1 << 60))

    def write(batch: list[Any]) -> None:
        fresh, values = [], []
        for s, t, facts, own in batch:
            known = last.get(s)
            if known is None or known[0] != facts:
                known = last[s] = (facts, next(ids))
                fresh.append((known[1], *facts))
            values.append((s, t, known[1], *own))
        if fresh:
            insert(db, "facts", 7, fresh)
        insert(db, "events", 10, values)

    return write


def interned_without_rowid(db: sqlite3.Connection) -> Callable[[list[Any]], None]:
    write = interned_facts(db)
    db.execute("DROP TABLE events")
    db.execute(
        f"CREATE TABLE events (series INT, time INT, facts INT, {','.join(OWN)}, PRIMARY KEY (series, time)) "
        "WITHOUT ROWID"
    )
    db.execute("CREATE INDEX by_time ON events (time)")
    return write


def measure(
    name: str, make: Callable[[sqlite3.Connection], Callable[[list[Any]], None]], folder: Path, page: int
) -> None:
    path = folder / f"{name}-{page}.sqlite3"
    db = sqlite3.connect(path, isolation_level=None)
    db.execute(f"PRAGMA page_size={page}")
    db.execute("PRAGMA journal_mode=WAL")
    db.execute("PRAGMA synchronous=FULL")
    db.execute("PRAGMA cache_size=-65536")
    write = make(db)
    batch: list[Any] = []
    spent = 0.0
    for row in rows():
        batch.append(row)
        if len(batch) == BATCH:
            begin = time.perf_counter()
            db.execute("BEGIN IMMEDIATE")
            write(batch)
            db.execute("COMMIT")
            spent += time.perf_counter() - begin
            batch = []
    reads = []
    for question in ("", "WHERE series = 7"):
        begin = time.perf_counter()
        db.execute(f"SELECT * FROM events {question} ORDER BY time DESC LIMIT 100").fetchall()
        reads.append((time.perf_counter() - begin) * 1e3)
    db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    db.close()
    print(
        f"{name:24} page {page:5}  {ROWS / spent:9,.0f} rows/s  {path.stat().st_size / ROWS:6.0f} B/row  "
        f"newest {reads[0]:6.2f} ms  one entity {reads[1]:6.2f} ms"
    )
    path.unlink()


if __name__ == "__main__":
    with tempfile.TemporaryDirectory(dir=".") as directory:
        for size in (4096, 8192, 16384):
            for shape in (wide_rowid, wide_without_rowid, interned_facts, interned_without_rowid):
                measure(shape.__name__, shape, Path(directory), size)
