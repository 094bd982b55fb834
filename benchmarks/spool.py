"""Compares designs of the spool: SQLite in WAL mode with synchronous=FULL, and files with checksums and fdatasync.

    .venv/bin/python benchmarks/spool.py [--events 200000] [--folder .]

All process the same real events (about 1.2 kB each, from the recorded session) in one run, with one thread as in the
spool. Written bytes are those counted by the kernel (/proc/self/io), as a multiple of the size of the events.
"""

from __future__ import annotations

import argparse
import os
import resource
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Protocol
from zlib import crc32

import msgspec
from ha_ingestor_core.events import OriginKind, RawEvent
from msgspec import Raw
from websocket_ingestion.spool.segments.segment_log import SegmentLog

SESSION = Path(__file__).parents[1] / "tests" / "data" / "home-assistant-2024.3-session.jsonl"
SEGMENT_BYTES = 16 * 1024 * 1024


class Design(Protocol):
    """The operations of a spool on disk."""

    def open(self) -> int:
        """Events that wait."""
        ...

    def put(self, events: list[RawEvent]) -> None:
        """Write events durably."""
        ...

    def take(self, limit: int) -> list[RawEvent]:
        """Return the next events."""
        ...

    def acknowledge(self) -> None:
        """Delete the returned events."""
        ...

    def close(self) -> None: ...


class Segments:
    """The chosen design: segment files."""

    def __init__(self, folder: Path) -> None:
        self._folder = SegmentLog(folder / "segments", segment_bytes=SEGMENT_BYTES)
        self._read: list[tuple[int, RawEvent]] = []
        self._loaded = self._taken = 0

    def open(self) -> int:
        found = self._folder.open()
        self._loaded = self._taken = self._folder.acknowledged_id
        return found.events

    def put(self, events: list[RawEvent]) -> None:
        self._folder.commit(events, self._folder.acknowledged_id)

    def take(self, limit: int) -> list[RawEvent]:
        if not self._read:
            chunk = self._folder.read_after(self._loaded, self._folder.durable_id)
            self._read, self._loaded = chunk.events[::-1], chunk.last_id
        taken = [self._read.pop() for _ in range(min(limit, len(self._read)))]
        self._taken = taken[-1][0] if taken else self._taken
        return [event for _, event in taken]

    def acknowledge(self) -> None:
        self._folder.commit([], self._taken)

    def close(self) -> None:
        self._folder.close()


class Rows:
    """SQLite with a row per event and a checksum, since SQLite does not check the content of pages."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / "rows.sqlite3"
        self._taken = 0

    def open(self) -> int:
        self._db = sqlite3.connect(self._path, isolation_level=None)
        for pragma in ("page_size=8192", "journal_mode=WAL", "synchronous=FULL"):
            self._db.execute(f"PRAGMA {pragma}")
        self._db.execute(
            "CREATE TABLE IF NOT EXISTS events (id INTEGER PRIMARY KEY AUTOINCREMENT, received_ns INT, kind INT,"
            " body BLOB, crc INT)"
        )
        count: int = self._db.execute("SELECT count(*) FROM events").fetchone()[0]
        return count

    def put(self, events: list[RawEvent]) -> None:
        self._db.execute("BEGIN IMMEDIATE")
        for at in range(0, len(events), 1000):
            part = events[at : at + 1000]
            marks = ",".join(["(?,?,?,?)"] * len(part))
            values = [
                value
                for event in part
                for value in (event.received_ns, event.kind.rank, memoryview(event.event), crc32(event.event))
            ]
            self._db.execute(f"INSERT INTO events (received_ns, kind, body, crc) VALUES {marks}", values)
        self._db.execute("COMMIT")

    def take(self, limit: int) -> list[RawEvent]:
        rows = self._db.execute(
            "SELECT * FROM events WHERE id > ? ORDER BY id LIMIT ?", (self._taken, limit)
        ).fetchall()
        if rows:
            self._taken = rows[-1][0]
        assert all(crc32(body) == crc for _, _, _, body, crc in rows)
        return [RawEvent(Raw(body), received_ns, OriginKind.LIVE) for _, received_ns, _, body, _ in rows]

    def acknowledge(self) -> None:
        self._db.execute("DELETE FROM events WHERE id <= ?", (self._taken,))

    def close(self) -> None:
        self._db.close()


class Blocks(Rows):
    """SQLite with a row per group of events."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self._path = folder / "blocks.sqlite3"
        self._encode = msgspec.msgpack.Encoder()
        self._decoder = msgspec.msgpack.Decoder(list[tuple[bytes, int, int]])

    def put(self, events: list[RawEvent]) -> None:
        body = self._encode.encode([(memoryview(e.event), e.received_ns, e.kind.rank) for e in events])
        self._db.execute("INSERT INTO events (received_ns, kind, body, crc) VALUES (0, 0, ?, ?)", (body, crc32(body)))

    def take(self, limit: int) -> list[RawEvent]:
        row = self._db.execute("SELECT id, body, crc FROM events WHERE id > ? LIMIT 1", (self._taken,)).fetchone()
        if row is None:
            return []
        self._taken, body, crc = row
        assert crc32(body) == crc
        return [RawEvent(Raw(event), received_ns) for event, received_ns, _ in self._decoder.decode(body)]


def prepared(count: int) -> list[RawEvent]:
    """Return the recorded state changes repeatedly, each with its own entity."""
    texts = []
    for line in SESSION.read_text(encoding="utf-8").splitlines():
        event = msgspec.json.decode(line)["msg"].get("event", {})
        if event.get("event_type") == "state_changed":
            entity = event["data"]["entity_id"]
            texts.append((msgspec.json.encode(event), entity.encode()))
    events = []
    for n in range(count):
        text, entity = texts[n % len(texts)]
        events.append(RawEvent(Raw(text.replace(entity, b"sensor.entity_%d" % n)), n))
    return events


def groups(events: list[RawEvent], size: int) -> Iterator[list[RawEvent]]:
    for at in range(0, len(events), size):
        yield events[at : at + size]


def written_bytes() -> int:
    line = next(x for x in Path("/proc/self/io").read_text().splitlines() if x.startswith("write_bytes"))
    return int(line.split()[1])


def cpu() -> float:
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def measure(name: str, make: Callable[[Path], Design], folder: Path, events: list[RawEvent]) -> None:
    size = sum(len(event.event) for event in events)
    spool = make(folder)
    spool.open()

    one_by_one = []
    for event in events[:300]:
        begin = time.perf_counter()
        spool.put([event])
        one_by_one.append((time.perf_counter() - begin) * 1e3)
    while spool.take(5000):
        spool.acknowledge()

    commits, begin, used, written = [], time.perf_counter(), cpu(), written_bytes()
    for group in groups(events, 500):
        before = time.perf_counter()
        spool.put(group)
        commits.append((time.perf_counter() - before) * 1e3)
    put_s, put_cpu = time.perf_counter() - begin, cpu() - used
    spool.close()

    begin = time.perf_counter()
    spool = make(folder)
    spool.open()
    open_s = time.perf_counter() - begin

    begin, used, count = time.perf_counter(), cpu(), 0
    while taken := spool.take(5000):
        count += len(taken)
        spool.acknowledge()
    drain_s, drain_cpu = time.perf_counter() - begin, cpu() - used
    assert count == len(events), f"{name}: {count}"
    os.sync()
    spool_written = (written_bytes() - written) / size

    begin, used, written = time.perf_counter(), cpu(), written_bytes()
    for group in groups(events, 500):
        spool.put(group)
        spool.take(500)
        spool.acknowledge()
    steady_s, steady_cpu = time.perf_counter() - begin, cpu() - used
    os.sync()
    steady_written = (written_bytes() - written) / size
    spool.close()

    n, quantiles = len(events), statistics.quantiles(commits, n=100)
    print(
        f"{name:10} one event {statistics.median(one_by_one):5.2f} ms | groups of 500: {n / put_s:8,.0f}/s, "
        f"{put_cpu / n * 1e6:4.1f} us an event, p50 {quantiles[49]:5.2f} p99 {quantiles[98]:6.2f} ms | "
        f"open {open_s * 1e3:5.1f} ms | drain {n / drain_s:8,.0f}/s, {drain_cpu / n * 1e6:4.1f} us | "
        f"written x{spool_written:.2f} | put, take, acknowledge {n / steady_s:8,.0f}/s, "
        f"{steady_cpu / n * 1e6:4.1f} us, written x{steady_written:.2f}",
        flush=True,
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--events", type=int, default=200_000)
    parser.add_argument("--folder", type=Path, default=Path())
    options = parser.parse_args()
    events = prepared(options.events)
    print(f"{len(events):,} events of {sum(len(e.event) for e in events) / len(events):,.0f} bytes")
    designs: dict[str, Callable[[Path], Design]] = {"segments": Segments, "rows": Rows, "blocks": Blocks}
    for _ in range(2):
        for name, make in designs.items():
            with tempfile.TemporaryDirectory(dir=options.folder) as folder:
                measure(name, make, Path(folder), events)


if __name__ == "__main__":
    main()
