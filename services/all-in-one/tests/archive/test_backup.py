"""Backup and restore: what comes back, what is refused, and what a kill in the middle leaves."""

from __future__ import annotations

import contextlib
import gzip
import io
import shutil
import sqlite3
import subprocess
import sys
import tarfile
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import msgspec
import pytest
from enrichment_pipeline.rejected.rejected_file import RejectedFile
from ha_ingestor.archive.backup import MANIFEST, Manifest, digest, make_backup, stream_backup
from ha_ingestor.archive.restore import InUseError, compact, complete_interrupted, in_use, restore, restore_empty
from ha_ingestor.data_formats import FORMATS, keep_data_formats
from ha_ingestor_core.clock import NS_PER_S, FakeClock
from ha_ingestor_core.errors import InvalidInputError, NotFoundError
from ha_ingestor_core.files.data_format import check_formats, keep_formats
from ha_ingestor_core.reporting.report_journal import ReportJournal
from ha_ingestor_core.reporting.service_reporter import ServiceMetricsReporter
from ha_ingestor_core.reporting.totals import Totals
from ha_ingestor_core.service_metrics import Counter, Level, ServiceCounters
from ha_ingestor_store.embedded.file.store_file import FILE_NAME
from ha_ingestor_store.embedded.store import EmbeddedStore
from ha_ingestor_store.points import EventPoint, RejectedEvent
from ha_ingestor_store.time_range import DAY_NS, TimeRange
from websocket_ingestion.gaps.checkpoint import Checkpoint, CheckpointFile
from websocket_ingestion.gaps.elapsed import Moment

ALWAYS = TimeRange(0, 100 * DAY_NS)


def point(n: int) -> EventPoint:
    return EventPoint("home", "state_changed", DAY_NS + n, "sensor", f"sensor.s{n % 7}", str(n))


async def write(folder: Path, first: int, count: int) -> None:
    store = await EmbeddedStore.open(folder)
    await store.writer.write_events([point(n) for n in range(first, first + count)])
    await store.close()


async def stored(folder: Path) -> int:
    store = await EmbeddedStore.open(folder)
    total = (await store.reader.event_count(ALWAYS)).total
    await store.close()
    return total


@pytest.fixture
async def data_dir(tmp_path: Path) -> Path:
    """A folder with 500 events, some settings, a spool, and a checkpoint ahead of the newest event."""
    folder = tmp_path / "data"
    await write(folder, 0, 500)
    (folder / "filters.json").write_text("before")
    (folder / "alerts").mkdir()
    (folder / "alerts" / "state.json").write_text("alerts")
    (folder / "spool" / "home").mkdir(parents=True)
    (folder / "spool" / "home" / "cursor").write_text("spool")
    file = CheckpointFile.open(folder / "gaps" / "home.mark")
    file.write(Checkpoint(2 * DAY_NS, Moment(3 * DAY_NS, 4, 5)))
    file.close()
    return folder


@pytest.fixture
async def archive(data_dir: Path, tmp_path: Path) -> Path:
    """A backup made while the store is in use; 300 events and other settings came after it."""
    store = await EmbeddedStore.open(data_dir)
    make_backup(data_dir, tmp_path / "backup.tar.gz", 7)
    await store.writer.write_events([point(n) for n in range(1000, 1300)])
    await store.close()
    (data_dir / "filters.json").write_text("after")
    return tmp_path / "backup.tar.gz"


async def test_a_backup_comes_back_into_an_empty_folder(archive: Path, tmp_path: Path) -> None:
    fresh = tmp_path / "fresh"
    manifest, aside = restore(fresh, archive, replace=False)
    assert (manifest.created_ns, aside) == (7, None)
    assert await stored(fresh) == 500
    assert (fresh / "filters.json").read_text() == "before"
    assert (fresh / "alerts" / "state.json").read_text() == "alerts"
    assert not (fresh / "spool").exists()


def test_only_its_owner_can_read_it_and_what_comes_out(archive: Path, tmp_path: Path) -> None:
    assert archive.stat().st_mode & 0o777 == 0o600
    restore(tmp_path / "fresh", archive, replace=False)
    files = [path for path in (tmp_path / "fresh").rglob("*") if path.is_file()]
    assert {path.stat().st_mode & 0o077 for path in files} == {0}


def test_what_only_the_spool_has_is_asked_of_the_history(archive: Path, tmp_path: Path) -> None:
    restore(tmp_path / "fresh", archive, replace=False)
    checkpoint = CheckpointFile.open(tmp_path / "fresh" / "gaps" / "home.mark").checkpoint
    newest = DAY_NS + 499
    assert checkpoint == Checkpoint(newest, Moment(3 * DAY_NS - (2 * DAY_NS - newest), 0, 0))


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


def cut_off(archive: Path) -> None:
    archive.write_bytes(archive.read_bytes()[:-2000])


def no_archive(archive: Path) -> None:
    archive.write_bytes(b"something else")


def changed(archive: Path) -> None:
    with tarfile.open(archive, "r:gz") as packed:
        packed.extractall(archive.parent / "unpacked", filter="data")
    (archive.parent / "unpacked" / "filters.json").write_text("changed")
    with tarfile.open(archive, "w:gz") as packed:
        for path in sorted((archive.parent / "unpacked").rglob("*")):
            if path.is_file():
                packed.add(path, arcname=str(path.relative_to(archive.parent / "unpacked")))


def flipped(archive: Path) -> None:
    """In the midst of the packed bytes, where a byte that means nothing ends the unpacking."""
    data = bytearray(archive.read_bytes())
    middle = len(data) // 2
    data[middle : middle + 64] = b"\xff" * 64
    archive.write_bytes(data)


def wrong_checksum(archive: Path) -> None:
    """That of the packed bytes, in an archive that has no end mark, so that it is read to its end."""
    data = gzip.decompress(archive.read_bytes())
    packed = bytearray(gzip.compress(data.rstrip(b"\0")))
    packed[-8] ^= 0xFF
    archive.write_bytes(packed)


def outside(archive: Path) -> None:
    """A manifest that names a file elsewhere, which would be looked at and changed there."""
    elsewhere = archive.parent / "elsewhere"
    elsewhere.write_text("private")
    elsewhere.chmod(0o644)
    manifest = msgspec.json.encode(Manifest(1, {str(elsewhere): digest(elsewhere)}))
    with tarfile.open(archive, "w:gz") as packed:
        for name, data in ((MANIFEST, manifest), (str(elsewhere), b"private")):
            member = tarfile.TarInfo(name)
            member.size = len(data)
            packed.addfile(member, io.BytesIO(data))


def with_a_link(archive: Path) -> None:
    """A link to a file elsewhere in place of one of the files."""
    with tarfile.open(archive, "w:gz") as packed:
        member = tarfile.TarInfo(MANIFEST)
        member.type, member.linkname = tarfile.SYMTYPE, "/etc/hostname"
        packed.addfile(member)


@pytest.mark.parametrize("harm", [cut_off, no_archive, changed, flipped, wrong_checksum, with_a_link, Path.unlink])
async def test_what_is_no_whole_backup_changes_nothing(
    archive: Path, data_dir: Path, harm: Callable[[Path], None]
) -> None:
    harm(archive)
    with pytest.raises(InvalidInputError):
        restore(data_dir, archive, replace=True)
    assert await stored(data_dir) == 800


async def test_a_backup_comes_back_by_a_python_without_filters(
    archive: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def extract_all(packed: tarfile.TarFile, path: Path) -> None:
        """As of Python 3.11.2, which knows no `filter`."""
        for member in packed.getmembers():
            content = packed.extractfile(member)
            assert content is not None
            (path / member.name).parent.mkdir(parents=True, exist_ok=True)
            (path / member.name).write_bytes(content.read())

    monkeypatch.delattr(tarfile, "data_filter")
    monkeypatch.setattr(tarfile.TarFile, "extractall", extract_all)
    restore(tmp_path / "empty", archive, replace=False)
    assert await stored(tmp_path / "empty") == 500


async def test_a_file_outside_the_folder_is_not_touched(archive: Path, data_dir: Path) -> None:
    outside(archive)
    with pytest.raises(InvalidInputError, match="outside"):
        restore(data_dir, archive, replace=True)
    assert (archive.parent / "elsewhere").stat().st_mode & 0o777 == 0o644


def test_without_a_store_there_is_nothing_to_back_up(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError):
        make_backup(tmp_path, tmp_path / "backup.tar.gz", 7)


def test_where_there_is_a_demo_home_alone_its_option_is_named(tmp_path: Path) -> None:
    (tmp_path / "demo").mkdir()
    (tmp_path / "demo" / FILE_NAME).touch()
    with pytest.raises(NotFoundError, match=r"nothing to back up\. To back up the demo home, use --demo"):
        make_backup(tmp_path, tmp_path / "backup.tar.gz", 7)


@pytest.fixture
def influx_data_dir(tmp_path: Path) -> Path:
    """The folder of a service whose store is InfluxDB."""
    folder = tmp_path / "influx"
    (folder / "spool" / "home").mkdir(parents=True)
    (folder / "spool" / "home" / "cursor").write_text("spool")
    (folder / "filters.json").write_text("before")
    keep_data_formats(folder, "websocket-ingestion")
    return folder


def test_without_an_embedded_store_the_rest_is_backed_up_and_comes_back(influx_data_dir: Path, tmp_path: Path) -> None:
    manifest = make_backup(influx_data_dir, tmp_path / "archive", 7, with_store=False)
    assert manifest.files.keys() == {"filters.json", "format"}
    (influx_data_dir / "filters.json").write_text("after")
    with pytest.raises(InvalidInputError, match="--replace"):
        restore(influx_data_dir, tmp_path / "archive", replace=False, with_store=False)
    _, aside = restore(influx_data_dir, tmp_path / "archive", replace=True, with_store=False)
    assert aside is not None
    assert (influx_data_dir / "filters.json").read_text() == "before"
    assert (aside / "filters.json").read_text() == "after"
    assert (influx_data_dir / "spool" / "home" / "cursor").read_text() == "spool"


def test_a_backup_is_written_to_a_stream_too(influx_data_dir: Path, tmp_path: Path) -> None:
    with (tmp_path / "archive").open("wb") as target:
        stream_backup(influx_data_dir, target, 7, with_store=False)
    manifest, _ = restore(tmp_path / "fresh", tmp_path / "archive", replace=False, with_store=False)
    assert manifest.files.keys() == {"filters.json", "format"}
    assert sorted(path.name for path in influx_data_dir.iterdir()) == ["filters.json", "format", "format.lock", "spool"]


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


@pytest.mark.parametrize("with_store", [True, False])
async def test_an_archive_of_the_other_store_is_refused(
    archive: Path, influx_data_dir: Path, tmp_path: Path, with_store: bool
) -> None:
    if with_store:
        archive = tmp_path / "archive"
        make_backup(influx_data_dir, archive, 7, with_store=False)
    with pytest.raises(InvalidInputError, match="INFLUXDB_URL"):
        restore(tmp_path / "fresh", archive, replace=False, with_store=with_store)


def test_a_service_that_runs_keeps_a_restore_out_with_influxdb_too(influx_data_dir: Path, tmp_path: Path) -> None:
    make_backup(influx_data_dir, tmp_path / "archive", 7, with_store=False)
    with in_use(influx_data_dir), in_use(influx_data_dir), pytest.raises(InUseError):
        restore(influx_data_dir, tmp_path / "archive", replace=True, with_store=False)


def test_a_backup_in_the_folder_holds_no_earlier_one(data_dir: Path, tmp_path: Path) -> None:
    make_backup(data_dir, data_dir / "first", 7)
    assert make_backup(data_dir, data_dir / "second", 8).files == make_backup(data_dir, tmp_path / "third", 9).files
    assert make_backup(data_dir, tmp_path / "fourth", 10).files.keys().isdisjoint({"first", "second"})


def test_a_file_that_goes_away_meanwhile_ends_no_backup(
    data_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone(path: Path, target: Path) -> None:
        if path.name == "filters.json":
            path.unlink()
        copyfile(path, target)

    copyfile = shutil.copyfile
    monkeypatch.setattr(shutil, "copyfile", gone)
    assert "filters.json" not in make_backup(data_dir, tmp_path / "archive", 7).files
    assert (tmp_path / "archive").exists()


def test_a_backup_replaces_no_file(archive: Path, data_dir: Path) -> None:
    with pytest.raises(InvalidInputError, match="exists"):
        make_backup(data_dir, archive, 8)


class KilledError(BaseException):
    """The process ends here."""


async def test_wherever_a_restore_is_killed_it_has_changed_nothing_or_is_completed(
    archive: Path, data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Killed before its first move of a file, its second, and so on, and once more while it is completed."""
    outcomes = []
    for at in range(100):
        moves = iter(range(at + 1))
        with monkeypatch.context() as patched:
            for name in ("rename", "replace"):
                patched.setattr(Path, name, _killed_after(getattr(Path, name), moves))
            try:
                restore(data_dir, archive, replace=True)
                break
            except KilledError:
                pass
            moves = iter(range(2))
            for name in ("rename", "replace"):
                patched.setattr(Path, name, _killed_after(getattr(Path, name), moves))
            with contextlib.suppress(KilledError):
                complete_interrupted(data_dir)
        complete_interrupted(data_dir)
        outcomes.append(await stored(data_dir))
        assert (data_dir / "filters.json").read_text() == ("before" if outcomes[-1] == 500 else "after")
        if outcomes[-1] == 500:
            await write(data_dir, 1000, 300)
            (data_dir / "filters.json").write_text("after")
    assert set(outcomes) == {500, 800}
    assert len(outcomes) > 4


def _killed_after(move: Callable[..., Any], left: Any) -> Callable[..., Any]:
    def moved(path: Path, target: Path) -> Any:
        if next(left, None) is None:
            raise KilledError
        return move(path, target)

    return moved


async def test_a_restore_that_is_killed_while_it_cleans_up_is_complete(
    archive: Path, data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(folder: Path) -> None:
        next(path for path in folder.iterdir() if path.is_file()).unlink()
        raise KilledError

    with monkeypatch.context() as patched:
        patched.setattr(shutil, "rmtree", killed)
        with pytest.raises(KilledError):
            restore(data_dir, archive, replace=True)
    complete_interrupted(data_dir)
    assert await stored(data_dir) == 500
    restore(data_dir, archive, replace=True)
    assert not [path for path in data_dir.iterdir() if path.name.startswith("restore.")]


async def test_a_restore_that_is_killed_by_a_signal_is_nothing_or_all(archive: Path, data_dir: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from ha_ingestor.archive.restore import restore;"
        "print('ready', flush=True);"
        "restore(Path(sys.argv[1]), Path(sys.argv[2]), replace=True)"
    )
    for after_s in (0.0, 0.005, 0.01, 0.02, 0.04):
        command = [sys.executable, "-c", code, str(data_dir), str(archive)]
        with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
            assert process.stdout is not None
            process.stdout.readline()
            time.sleep(after_s)
            process.kill()
        complete_interrupted(data_dir)
        total = await stored(data_dir)
        assert (total, (data_dir / "filters.json").read_text()) in [(500, "before"), (800, "after")]


async def test_rejected_events_that_only_the_write_ahead_log_holds_are_in_the_archive(
    data_dir: Path, tmp_path: Path
) -> None:
    event = RejectedEvent("home", 5, "enrichment-pipeline", "malformed", "why", "{")
    file = RejectedFile(data_dir, limit_bytes=1024 * 1024)
    await file.open()
    await file.keep([event])
    make_backup(data_dir, tmp_path / "archive", 1)
    await file.close()
    with tarfile.open(tmp_path / "archive") as archive:
        assert [name for name in archive.getnames() if "rejected" in name] == ["rejected.sqlite3"]
        archive.extract("rejected.sqlite3", tmp_path / "back", filter="data")
    back = RejectedFile(tmp_path / "back", limit_bytes=1024 * 1024)
    await back.open()
    assert await back.rejected_event(event.id) == event
    await back.close()
