"""The embedded store's file: durability, several processes, damage."""

from __future__ import annotations

import asyncio
import os
import signal
import sqlite3
import subprocess
import sys
import threading
from pathlib import Path

import msgspec
import pytest
from ha_ingestor_core.errors import StoreDamagedError, StoreRefusedError, StoreUnavailableError
from ha_ingestor_core.service_metrics import Counter, ServiceMetricsPoint
from ha_ingestor_store.embedded.file import connection as file_connection
from ha_ingestor_store.embedded.file.store_file import FILE_NAME
from ha_ingestor_store.embedded.store import EmbeddedStore
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


async def test_everything_is_there_when_opened_again(tmp_path: Path) -> None:
    store = await EmbeddedStore.open(tmp_path)
    await store.writer.write_events(events(0, 2500))
    before = (await store.reader.event_statistics(EVER), await store.reader.recent_events(RecentEvents(EVER)))
    await store.close()
    store = await EmbeddedStore.open(tmp_path)
    assert (await store.reader.event_statistics(EVER), await store.reader.recent_events(RecentEvents(EVER))) == before
    assert (await store.writer.write_events(events(0, 2501))).written == 1
    await store.close()


async def test_repeated_facts_are_stored_once(tmp_path: Path) -> None:
    store = await EmbeddedStore.open(tmp_path)
    for n in range(5):
        await store.writer.write_events(events(n * 100, 100))
    await store.close()
    with sqlite3.connect(tmp_path / FILE_NAME) as connection:
        assert connection.execute("SELECT count(*) FROM facts").fetchone() == (1,)
    connection.close()


async def test_a_failed_write_leaves_nothing_and_the_next_one_works(tmp_path: Path) -> None:
    store = await EmbeddedStore.open(tmp_path)
    too_large = EventPoint(home="home", event_type="broken", time_ns=2**70)
    with pytest.raises(OverflowError):
        await store.writer.write_events([*events(0, 10), too_large])
    assert (await store.reader.event_statistics(EVER)).total == 0
    assert (await store.writer.write_events(events(0, 10))).written == 10
    assert (await store.reader.event_statistics(EVER)).by_domain == {"sensor": 10}
    await store.close()


async def test_other_processes_write_their_metrics_and_read_meanwhile(tmp_path: Path) -> None:
    pipeline, admin = await asyncio.gather(EmbeddedStore.open(tmp_path), EmbeddedStore.open(tmp_path))

    async def write_events() -> None:
        for n in range(20):
            await pipeline.writer.write_events(events(n * 500, 500))

    async def write_metrics_and_read() -> list[int]:
        totals = []
        for n in range(20):
            point = ServiceMetricsPoint(service="admin-api", time_ns=n, counters={Counter.RECEIVED.value: 1})
            await admin.writer.write_service_metrics([point])
            totals.append((await admin.reader.event_statistics(EVER)).total)
        return totals

    _, totals = await asyncio.gather(write_events(), write_metrics_and_read())
    assert totals == sorted(totals)
    assert all(total % 500 == 0 for total in totals), "a reader saw half a batch"
    (service,) = await pipeline.reader.service_statistics(EVER)
    assert service.counters[Counter.RECEIVED] == 20
    await pipeline.close()
    await admin.close()


WRITE_FOR_EVER = """
import asyncio, sys
from pathlib import Path
from ha_ingestor_store.embedded.store import EmbeddedStore
from ha_ingestor_store.points import EventPoint, RejectedEvent
async def main():
    store = await EmbeddedStore.open(Path(sys.argv[1]))
    n = 0
    while True:
        points = [EventPoint("home", "t", 10**18 + n + i, "d", f"d.{i % 5}") for i in range(200)]
        await store.writer.write_events(points)
        n += 200
        print(n, flush=True)
asyncio.run(main())
"""


async def test_kill_9_loses_nothing_that_was_acknowledged(tmp_path: Path) -> None:
    process = subprocess.Popen([sys.executable, "-c", WRITE_FOR_EVER, str(tmp_path)], stdout=subprocess.PIPE)
    assert process.stdout is not None
    for _ in range(30):
        process.stdout.readline()
    os.kill(process.pid, signal.SIGKILL)
    acknowledged = int((process.stdout.read().split() or [b"6000"])[-1])
    process.stdout.close()
    process.wait()
    store = await EmbeddedStore.open(tmp_path)
    statistics = await store.reader.event_statistics(EVER)
    assert statistics.total >= acknowledged >= 6000
    assert statistics.total == sum(c.count for c in await store.reader.busiest_entities(EVER))
    await store.close()
    with sqlite3.connect(tmp_path / FILE_NAME) as connection:
        assert connection.execute("SELECT count(*) FROM events").fetchone() == (statistics.total,)
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    connection.close()


async def test_a_file_that_is_no_database_is_refused_by_name(tmp_path: Path) -> None:
    (tmp_path / FILE_NAME).write_bytes(b"this is not a database" * 1000)
    store = await EmbeddedStore.open(tmp_path)
    with pytest.raises(StoreDamagedError, match="is not a SQLite database"):
        await store.reader.ping()
    await store.close()


async def test_a_folder_that_cannot_be_made_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(StoreRefusedError, match="file"):
        await EmbeddedStore.open(tmp_path / "file" / "data")


async def test_a_locked_file_is_a_matter_of_waiting(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(file_connection, "BUSY_TIMEOUT_S", 0.05)
    store = await EmbeddedStore.open(tmp_path)
    blocker = sqlite3.connect(tmp_path / FILE_NAME, isolation_level=None)
    blocker.execute("BEGIN IMMEDIATE")
    with pytest.raises(StoreUnavailableError, match="locked"):
        await store.writer.write_events(events(0, 1))
    assert (await store.reader.event_statistics(EVER)).total == 0, "a writer must not block readers"
    blocker.execute("ROLLBACK")
    blocker.close()
    assert (await store.writer.write_events(events(0, 1))).written == 1
    await store.close()


async def test_a_closed_store_says_so(tmp_path: Path) -> None:
    store = await EmbeddedStore.open(tmp_path)
    await store.close()
    with pytest.raises(StoreRefusedError, match="is closed"):
        await store.writer.write_events(events(0, 1))
    with pytest.raises(StoreRefusedError, match="is closed"):
        await store.reader.ping()


async def test_closing_does_not_wait_for_a_long_question(tmp_path: Path) -> None:
    store = await EmbeddedStore.open(tmp_path)
    asked = threading.Event()

    def count_long(db: sqlite3.Connection) -> None:
        asked.set()
        numbers = "WITH RECURSIVE n AS (SELECT 1 AS x UNION ALL SELECT x + 1 FROM n WHERE x < 100000000)"
        db.execute(f"{numbers} SELECT count(*) FROM n").fetchone()

    answer = asyncio.create_task(store.reader.database.read(count_long))
    await asyncio.to_thread(asked.wait)
    await store.close()
    with pytest.raises(StoreUnavailableError, match="interrupted"):
        await answer


async def test_a_mistake_of_ours_is_not_called_a_closed_store(tmp_path: Path) -> None:
    store = await EmbeddedStore.open(tmp_path)

    def recurse(_: sqlite3.Connection) -> None:
        raise RecursionError

    with pytest.raises(RecursionError):
        await store.reader.database.read(recurse)
    await store.close()


@pytest.mark.parametrize(
    ("start_ns", "end_ns"), [(-(2**63), 2**63 - 1), (0, 2**63 - 1), (-(2**63), 0), (-(2**70), 2**70)]
)
async def test_all_time_can_be_asked_about(tmp_path: Path, start_ns: int, end_ns: int) -> None:
    store = await EmbeddedStore.open(tmp_path)
    points = [msgspec.structs.replace(events(1, 1)[0], time_ns=time_ns) for time_ns in (-(2**63), -1, 5, DAY_NS)]
    await store.writer.write_events(points)
    expected = sum(start_ns <= point.time_ns < end_ns for point in points)
    everything = TimeRange(start_ns, end_ns)
    assert (await store.reader.event_count(everything)).total == expected
    assert (await store.reader.event_statistics(everything)).total == expected
    assert len((await store.reader.recent_events(RecentEvents(time_range=everything))).events) == expected
    assert sum(entity.count for entity in await store.reader.busiest_entities(everything)) == expected
    assert sum(point.count for point in await store.reader.event_trend(everything, 10_000 * DAY_NS)) == expected
    await store.reader.service_statistics(everything)
    await store.close()
