"""Backup: what is in an archive, and what is not."""

from __future__ import annotations

import shutil
import tarfile
from pathlib import Path

import pytest
from enrichment_pipeline.rejected.rejected_file import RejectedFile
from ha_ingestor.archive.backup import make_backup, stream_backup
from ha_ingestor.archive.restore import restore
from ha_ingestor_core.errors import InvalidInputError, NotFoundError
from ha_ingestor_store.embedded.file.store_file import FILE_NAME
from ha_ingestor_store.points import RejectedEvent
from ha_ingestor_store.time_range import DAY_NS
from websocket_ingestion.gaps.checkpoint import Checkpoint, CheckpointFile
from websocket_ingestion.gaps.elapsed import Moment


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


def test_without_a_store_there_is_nothing_to_back_up(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError):
        make_backup(tmp_path, tmp_path / "backup.tar.gz", 7)


def test_where_there_is_a_demo_home_alone_its_option_is_named(tmp_path: Path) -> None:
    (tmp_path / "demo").mkdir()
    (tmp_path / "demo" / FILE_NAME).touch()
    with pytest.raises(NotFoundError, match=r"nothing to back up\. To back up the demo home, use --demo"):
        make_backup(tmp_path, tmp_path / "backup.tar.gz", 7)


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
