"""The write-ahead log stays short while the store is read."""

from __future__ import annotations

import asyncio
import sqlite3
from pathlib import Path

import pytest
from ha_ingestor_store.embedded.file.store_file import FILE_NAME
from ha_ingestor_store.embedded.store import EmbeddedStore
from ha_ingestor_store.embedded.writing import write_ahead_log
from ha_ingestor_store.points import EventPoint
from ha_ingestor_store.questions import RecentEvents
from ha_ingestor_store.time_range import DAY_NS, TimeRange

EVER = TimeRange(0, 40_000 * DAY_NS)


def events(first: int, count: int) -> list[EventPoint]:
    return [
        EventPoint(
            home="home",
            event_type="state_changed",
            time_ns=1_795_000_000_000_000_000 + n * 1_000_000,
            domain="sensor",
            entity_id=f"sensor.s{n % 7}",
            state=str(n),
            attributes='{"unit_of_measurement":"W"}',
        )
        for n in range(first, first + count)
    ]


async def test_overlapping_questions_do_not_let_the_log_grow(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(write_ahead_log, "LIMIT_BYTES", 1_000_000)
    monkeypatch.setattr(write_ahead_log, "_READERS_TIMEOUT_MS", 5_000)  # however busy the machine is
    store = await EmbeddedStore.open(tmp_path)
    await store.writer.write_events(events(0, 1000))

    async def ask_again_and_again() -> None:
        while True:
            await store.reader.recent_events(RecentEvents(EVER, limit=1000))

    asking = [asyncio.create_task(ask_again_and_again()) for _ in range(4)]
    sizes = []
    for n in range(60):
        await store.writer.write_events(events(n * 1000, 1000))
        sizes.append((tmp_path / f"{FILE_NAME}-wal").stat().st_size)
    for task in asking:
        task.cancel()
    await asyncio.gather(*asking, return_exceptions=True)
    await store.close()
    assert max(sizes) < 10_000_000


async def test_a_reader_that_stays_does_not_fail_the_writes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(write_ahead_log, "LIMIT_BYTES", 1)
    monkeypatch.setattr(write_ahead_log, "_READERS_TIMEOUT_MS", 1)
    store = await EmbeddedStore.open(tmp_path)
    reader = sqlite3.connect(tmp_path / FILE_NAME, isolation_level=None)
    reader.execute("BEGIN")
    reader.execute("SELECT count(*) FROM events").fetchone()
    assert [(await store.writer.write_events(events(n, 1))).written for n in range(5)] == [1] * 5
    reader.execute("ROLLBACK")
    reader.close()
    await store.close()
