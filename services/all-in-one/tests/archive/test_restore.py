"""Restore: what is restored, replaced, moved aside and compacted."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from enrichment_pipeline.rejected.rejected_file import RejectedFile
from ha_ingestor.archive.backup import make_backup
from ha_ingestor.archive.restore import InUseError, compact, in_use, restore, restore_empty
from ha_ingestor.data_formats import FORMATS
from ha_ingestor_core.clock import NS_PER_S, FakeClock
from ha_ingestor_core.errors import InvalidInputError
from ha_ingestor_core.files.data_format import check_formats, keep_formats
from ha_ingestor_core.reporting.report_journal import ReportJournal
from ha_ingestor_core.reporting.service_reporter import ServiceMetricsReporter
from ha_ingestor_core.reporting.totals import Totals
from ha_ingestor_core.service_metrics import Counter, Level, ServiceCounters
from ha_ingestor_store.embedded.file.store_file import FILE_NAME
from ha_ingestor_store.embedded.store import EmbeddedStore
from ha_ingestor_store.points import RejectedEvent
from ha_ingestor_store.time_range import DAY_NS, TimeRange

from tests.ha_ingestor.archive_data import stored


async def test_a_backup_comes_back_into_an_empty_folder(archive: Path, tmp_path: Path) -> None:
    fresh = tmp_path / "fresh"
    manifest, aside = restore(fresh, archive, replace=False)
    assert (manifest.created_ns, aside) == (7, None)
    assert await stored(fresh) == 500
    assert (fresh / "filters.json").read_text() == "before"
    assert (fresh / "alerts" / "state.json").read_text() == "alerts"
    assert not (fresh / "spool").exists()


async def test_what_is_there_is_replaced_on_a_word_only_and_set_aside(archive: Path, data_dir: Path) -> None:
    with pytest.raises(InvalidInputError, match="--replace"):
        restore(data_dir, archive, replace=False)
    _, aside = restore(data_dir, archive, replace=True)
    assert await stored(data_dir) == 500
    assert aside is not None
    assert await stored(aside) == 800
    assert (aside / "filters.json").read_text() == "after"
    assert (data_dir / "spool" / "home" / "cursor").read_text() == "spool"


async def test_the_log_of_the_former_rejected_events_goes_with_them(data_dir: Path, tmp_path: Path) -> None:
    """SQLite would write what a killed process left in it over the file that comes back."""
    before, after = (RejectedEvent("home", n, "enrichment-pipeline", "malformed", "why", "{" * 2000) for n in (5, 6))
    file = RejectedFile(data_dir, limit_bytes=1024 * 1024)
    await file.open()
    await file.keep([before])
    make_backup(data_dir, tmp_path / "backup.tar.gz", 1)
    await file.keep([after])
    log = (data_dir / "rejected.sqlite3-wal").read_bytes()
    await file.close()
    (data_dir / "rejected.sqlite3-wal").write_bytes(log)  # as a kill leaves it
    _, aside = restore(data_dir, tmp_path / "backup.tar.gz", replace=True)
    assert aside is not None
    assert (aside / "rejected.sqlite3-wal").read_bytes() == log
    back = RejectedFile(data_dir, limit_bytes=1024 * 1024)
    await back.open()
    assert await back.rejected_event(before.id) == before
    assert await back.rejected_event(after.id) is None
    await back.close()


async def test_an_empty_store_begins_beside_all_the_rest(data_dir: Path) -> None:
    aside = restore_empty(data_dir)
    assert aside is not None
    assert (await stored(data_dir), await stored(aside)) == (0, 500)
    assert (data_dir / "filters.json").read_text() == "before"


@pytest.mark.parametrize("takes_reports", [True, False], ids=["reported", "pending"])
async def test_the_account_of_an_empty_store_adds_up(data_dir: Path, takes_reports: bool) -> None:
    """15 events wait in the spool when the store is exchanged; its reports had gone to the former one, or nowhere."""
    clock = FakeClock(now_ns=DAY_NS)
    store = await EmbeddedStore.open(data_dir)
    capture = Capture(data_dir, store, clock, Totals())
    await capture.reporter.start()
    await capture.count(20, 5)
    if not takes_reports:
        await store.close()
        await capture.count(10, 0)
    clock.advance(1)
    await capture.reporter.stop()
    await store.close()
    restore_empty(data_dir)
    store = await EmbeddedStore.open(data_dir)
    capture = Capture(data_dir, store, clock, capture.totals)
    await capture.reporter.start()
    await capture.count(7, 4)
    for start_ns in (0, DAY_NS + 15 * NS_PER_S):
        (before, service) = [
            next(iter(await store.reader.service_statistics(TimeRange(*times))), None)
            for times in ((0, start_ns), (start_ns, clock.now_ns() + 1))
        ]
        assert service is not None
        queued_before = before.queue_depth or 0 if before else 0
        counters = service.counters
        queued = counters[Counter.RECEIVED] - counters[Counter.PROCESSED]
        assert queued == (service.queue_depth or 0) - queued_before
        assert service.queue_depth == capture.totals.queued
    await capture.reporter.stop()
    await store.close()


class Capture:
    """What counts and reports in the capture."""

    def __init__(self, data_dir: Path, store: EmbeddedStore, clock: FakeClock, totals: Totals) -> None:
        self.totals = totals
        self._clock = clock
        self._counters = ServiceCounters()
        self.reporter = ServiceMetricsReporter(
            service="websocket-ingestion",
            instance="",
            counters=self._counters,
            sink=store.writer,
            clock=clock,
            levels=lambda: {Level.QUEUE_DEPTH: float(self.totals.queued)},
            totals=lambda: self.totals,
            journal=ReportJournal(data_dir / "websocket-ingestion.reports"),
        )

    async def count(self, received: int, written: int) -> None:
        change = Totals(received=received, written=written, time_ns=self._clock.now_ns())
        self.totals += change
        for counter, amount in change.counters().items():
            self._counters.add(counter, amount)
        self._clock.advance(10)
        await self.reporter.report()


async def test_a_folder_where_the_store_should_be_is_set_aside(archive: Path, data_dir: Path) -> None:
    (data_dir / FILE_NAME).unlink()
    (data_dir / FILE_NAME / "something").mkdir(parents=True)
    _, aside = restore(data_dir, archive, replace=True)
    assert await stored(data_dir) == 500
    assert aside is not None
    assert (aside / FILE_NAME / "something").is_dir()


async def test_room_is_given_back(data_dir: Path) -> None:
    with closing(sqlite3.connect(data_dir / FILE_NAME)) as db:
        db.execute("DELETE FROM events WHERE id > 10")
        db.commit()
    before = (data_dir / FILE_NAME).stat().st_size
    compact(data_dir)
    assert (data_dir / FILE_NAME).stat().st_size < before
    assert await stored(data_dir) == 500  # the rollups were not touched


async def test_room_is_given_back_by_way_of_the_folder_of_the_data(
    data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In a container the folder of temporary files is memory."""
    asked: list[str] = []

    def connect(*arguments: Any, **options: Any) -> sqlite3.Connection:
        connection: sqlite3.Connection = opened(*arguments, **options)
        connection.set_trace_callback(
            lambda statement: (
                asked.append(connection.execute("PRAGMA temp_store_directory").fetchone()[0])
                if statement == "VACUUM"
                else None
            )
        )
        return connection

    opened = sqlite3.connect
    monkeypatch.setattr(sqlite3, "connect", connect)
    compact(data_dir)
    assert asked == [str(data_dir)]


async def test_nothing_is_exchanged_while_it_is_used(archive: Path, data_dir: Path) -> None:
    store = await EmbeddedStore.open(data_dir)
    with pytest.raises(InUseError, match="Stop it first"):
        restore(data_dir, archive, replace=True)
    with pytest.raises(InUseError):
        restore_empty(data_dir)
    await store.close()


def test_a_spool_that_the_release_of_the_backup_cannot_read_is_set_aside(influx_data_dir: Path, tmp_path: Path) -> None:
    make_backup(influx_data_dir, tmp_path / "archive", 7, with_store=False)
    keep_formats(influx_data_dir, {"websocket-ingestion": FORMATS["websocket-ingestion"] + 1})
    _, aside = restore(influx_data_dir, tmp_path / "archive", replace=True, with_store=False)
    assert aside is not None
    assert (aside / "spool" / "home" / "cursor").read_text() == "spool"
    assert not (influx_data_dir / "spool").exists()
    check_formats(influx_data_dir, FORMATS)


async def test_a_backup_of_a_release_without_formats_takes_the_place_of_later_data(
    archive: Path, data_dir: Path
) -> None:
    keep_formats(data_dir, {"admin-api": FORMATS["admin-api"] + 1})
    restore(data_dir, archive, replace=True)
    check_formats(data_dir, FORMATS)


def test_a_service_that_runs_keeps_a_restore_out_with_influxdb_too(influx_data_dir: Path, tmp_path: Path) -> None:
    make_backup(influx_data_dir, tmp_path / "archive", 7, with_store=False)
    with in_use(influx_data_dir), in_use(influx_data_dir), pytest.raises(InUseError):
        restore(influx_data_dir, tmp_path / "archive", replace=True, with_store=False)
