"""A damaged file: every call says so and what to do, and the store takes events again when the file is whole."""

from __future__ import annotations

import asyncio
import os
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from ha_ingestor_core.errors import StoreDamagedError, StoreUnavailableError
from ha_ingestor_core.reporting.report_journal import Entry, ReportJournal
from ha_ingestor_core.reporting.totals import Totals
from ha_ingestor_store.embedded import database
from ha_ingestor_store.embedded.file import connection
from ha_ingestor_store.embedded.file.store_file import FILE_NAME, StoreLock, stored_before
from ha_ingestor_store.embedded.store import EmbeddedStore
from ha_ingestor_store.points import EventPoint
from ha_ingestor_store.time_range import DAY_NS, TimeRange

ALWAYS = TimeRange(0, 100 * DAY_NS)


def point(n: int) -> EventPoint:
    return EventPoint("home", "state_changed", DAY_NS + n, "sensor", f"sensor.s{n % 7}", str(n))


def overwrite_header(path: Path) -> None:
    with path.open("r+b") as file:
        file.write(os.urandom(100))


def random_bytes(path: Path) -> None:
    path.write_bytes(os.urandom(100_000))


def cut_off(path: Path) -> None:
    os.truncate(path, path.stat().st_size // 2)


def empty(path: Path) -> None:
    path.write_bytes(b"")


def delete(path: Path) -> None:
    path.unlink()


def replace(path: Path) -> None:
    random = path.with_name("other")
    random.write_bytes(os.urandom(100_000))
    random.replace(path)


@pytest.fixture(autouse=True)
def looked_at_each_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database, "_REOPENED_EVERY_S", 0.0)


@pytest.fixture
async def used(tmp_path: Path) -> Path:
    """A folder with a store, whose pipeline has counted events that were stored."""
    await (await filled(tmp_path)).close()
    ReportJournal(tmp_path / "enrichment-pipeline.reports").append(Entry(Totals(received=5, written=5)))
    return tmp_path


async def filled(folder: Path) -> EmbeddedStore:
    store = await EmbeddedStore.open(folder)
    await store.writer.write_events([point(n) for n in range(500)])
    return store


def a_folder(path: Path) -> None:
    path.unlink()
    (path / "something").mkdir(parents=True)


async def test_a_folder_where_the_file_should_be_is_said_by_every_call(used: Path) -> None:
    a_folder(used / FILE_NAME)
    store = await EmbeddedStore.open(used)
    with pytest.raises(StoreDamagedError, match="cannot be opened"):
        await store.writer.write_events([point(1000)])
    (used / FILE_NAME / "something").rmdir()
    (used / FILE_NAME).rmdir()
    with pytest.raises(StoreDamagedError, match="is missing"):
        await store.writer.write_events([point(1000)])
    await store.close()


async def test_a_file_that_another_program_holds_is_tried_again(used: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "BUSY_TIMEOUT_S", 0.05)
    with closing(sqlite3.connect(used / FILE_NAME, isolation_level=None)) as other:
        other.execute("PRAGMA locking_mode = EXCLUSIVE")
        other.execute("BEGIN IMMEDIATE")
        store = await EmbeddedStore.open(used)
        with pytest.raises(StoreUnavailableError):
            await store.writer.write_events([point(1000)])
        other.execute("ROLLBACK")
    await store.writer.write_events([point(1000)])
    assert (await store.reader.event_count(ALWAYS)).total == 501
    await store.close()


@pytest.mark.parametrize("damage", [overwrite_header, random_bytes, cut_off, empty, delete])
async def test_damage_at_the_start_is_said_by_every_call_and_ends_with_a_whole_file(
    used: Path, damage: Callable[[Path], None]
) -> None:
    whole = (used / FILE_NAME).read_bytes()
    damage(used / FILE_NAME)
    store = await EmbeddedStore.open(used)
    with pytest.raises(StoreDamagedError, match="ha-ingestor restore") as caught:
        await asyncio.gather(
            store.writer.write_events([point(1000)]), store.reader.event_count(ALWAYS)
        )  # half a file may take one
    assert caught.value.key == "store_damaged"
    await store.close()

    (used / FILE_NAME).unlink(missing_ok=True)
    (used / FILE_NAME).write_bytes(whole)
    for suffix in ("-wal", "-shm"):
        (used / f"{FILE_NAME}{suffix}").unlink(missing_ok=True)
    store = await EmbeddedStore.open(used)
    assert (await store.reader.event_count(ALWAYS)).total == 500
    await store.close()


@pytest.mark.parametrize("damage", [cut_off, empty, delete, replace])
async def test_damage_while_it_is_used_is_noticed_before_the_next_write(
    tmp_path: Path, damage: Callable[[Path], None]
) -> None:
    store = await filled(tmp_path)
    damage(tmp_path / FILE_NAME)
    for _ in range(2):
        with pytest.raises(StoreDamagedError):
            await store.writer.write_events([point(1000)])
        with pytest.raises(StoreDamagedError):
            await store.reader.ping()
    await store.close()


async def test_a_store_takes_events_again_without_a_restart_when_its_file_is_whole(used: Path) -> None:
    (used / FILE_NAME).rename(used / "whole")
    store = await EmbeddedStore.open(used)
    with pytest.raises(StoreDamagedError, match="is missing"):
        await store.writer.write_events([point(1000)])
    (used / "whole").rename(used / FILE_NAME)
    await store.writer.write_events([point(1000)])
    assert (await store.reader.event_count(ALWAYS)).total == 501
    await store.close()


async def test_a_first_start_is_a_first_start(tmp_path: Path) -> None:
    store = await EmbeddedStore.open(tmp_path)
    await store.reader.ping()
    await store.close()


async def test_an_embedded_store_may_begin_where_influxdb_was_the_store(used: Path) -> None:
    (used / "enrichment-pipeline.totals").write_text("{}")
    assert not stored_before(used)


async def test_the_file_is_replaced_only_while_no_process_uses_it(tmp_path: Path) -> None:
    store = await EmbeddedStore.open(tmp_path)
    assert not StoreLock(tmp_path, alone=True).is_held
    await store.close()
    lock = StoreLock(tmp_path, alone=True)
    assert lock.is_held
    lock.release()


async def test_a_store_that_is_opened_during_a_restore_takes_events_when_that_is_done(used: Path) -> None:
    lock = StoreLock(used, alone=True)
    store = await EmbeddedStore.open(used)
    for _ in range(2):
        with pytest.raises(StoreUnavailableError, match="is being restored"):
            await store.writer.write_events([point(1000)])
        with pytest.raises(StoreUnavailableError, match="is being restored"):
            await store.reader.ping()
    lock.release()
    await store.writer.write_events([point(1000)])
    assert (await store.reader.event_count(ALWAYS)).total == 501
    await store.close()


def test_a_file_that_is_no_database_is_not_kept_open(tmp_path: Path) -> None:
    path = tmp_path / "events.sqlite3"
    path.write_bytes(b"no database" * 1000)
    with pytest.raises(sqlite3.DatabaseError) as caught:
        connection.connect(path)
    opened = [link.readlink() for link in Path("/proc/self/fd").iterdir() if link.is_symlink() and link.exists()]
    assert path not in opened, caught
