"""Restore: replaces the content of DATA_DIR by an archive or an empty store; existing files are moved aside.

The archive is unpacked and checked in `restore.new`. Renaming it to `restore.ready` commits the restore. Then files are
moved; if the process is killed meanwhile, `finish_restore` completes the restore at the next start.
"""

from __future__ import annotations

import gzip
import os
import shutil
import sqlite3
import tarfile
import zlib
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path, PurePath

import msgspec
import structlog
from ha_ingestor_core.errors import InvalidInputError, NotFoundError, TerminalError
from ha_ingestor_core.files.data_format import FILE as FORMAT_FILE
from ha_ingestor_core.files.data_format import LaterDataError, check_formats, format_in
from ha_ingestor_core.files.durable_file import sync_folder, write_durably
from ha_ingestor_core.reporting.report_journal import ReportJournal, for_new_store
from ha_ingestor_store.embedded.errors import translated
from ha_ingestor_store.embedded.file.connection import check_pages
from ha_ingestor_store.embedded.file.migrations import check_owner, prepare
from ha_ingestor_store.embedded.file.store_file import FILE_NAME, StoreLock
from websocket_ingestion.service import SERVICE as WEBSOCKET_INGESTION

from ha_ingestor.archive.backup import MANIFEST, SPOOL, Manifest, digest

_NEW, _READY = "restore.new", "restore.ready"
_ASIDE = "before-restore"
_DATABASE = ".sqlite3"
_WITH_A_DATABASE = ("", "-wal", "-shm")
"""The write-ahead log belongs to the previous file, and is moved aside with it first."""

_log = structlog.get_logger()


class InUseError(TerminalError):
    """HA Ingestor is using the folder."""

    key = "data_dir_in_use"


def restore(data_dir: Path, archive: Path, *, replace: bool, with_store: bool = True) -> tuple[Manifest, Path | None]:
    """Restore an archive; return its manifest and the folder of the previous files.

    A spool with a later format than the archive is moved aside, too. `with_store`: whether the archive must contain an
    embedded store, or must not.

    Raises InUseError while HA Ingestor runs, InvalidInputError for an incomplete archive or if `replace` is required,
    and OSError. Nothing has changed then, unless the restore was committed.
    """
    with _locked(data_dir):
        finish_restore(data_dir)
        _refuse_to_replace(data_dir, replace)
        new = _fresh_folder(data_dir)
        manifest = _unpack(archive, new, with_store=with_store)
        return manifest, _commit(data_dir, new, *_spool_to_set_aside(data_dir, new))


def restore_empty(data_dir: Path) -> Path | None:
    """Create an empty store; return the folder of the previous one, if any. Raises InUseError and OSError."""
    with _locked(data_dir):
        finish_restore(data_dir)
        new = _fresh_folder(data_dir)
        prepare(new / FILE_NAME)
        for path in data_dir.glob("*.reports"):
            if entries := ReportJournal(path).read():
                ReportJournal(new / path.name).replace(for_new_store(entries))
        return _commit(data_dir, new)


def finish_restore(data_dir: Path) -> Path | None:
    """Complete a committed restore; return the folder of the previous files, None if there is nothing to do."""
    ready = data_dir / _READY
    if not ready.is_dir():
        return None
    aside_name, *folders = (ready / _ASIDE).read_text(encoding="utf-8").splitlines()
    aside = data_dir / aside_name
    for folder in folders:
        _move(data_dir / folder, aside / folder)
    for path in sorted(ready.rglob("*")):
        name = path.relative_to(ready)
        if path.is_file() and str(name) != _ASIDE:
            for suffix in _WITH_A_DATABASE if path.suffix == _DATABASE else ("",):
                _move(data_dir / f"{name}{suffix}", aside / f"{name}{suffix}")
            _move(path, data_dir / name)
    done = ready.rename(data_dir / _NEW)  # one rename: if the deletion is interrupted, there is nothing to complete
    sync_folder(data_dir)
    shutil.rmtree(done)
    _log.info("restore_completed", data_dir=str(data_dir))
    return aside if aside.exists() else None


def compact(data_dir: Path) -> None:
    """Rewrite the file of the store without free space; temporarily needs twice the resulting size.

    Raises InUseError, IngestorError and OSError.
    """
    store = data_dir / FILE_NAME
    if not store.exists():
        raise NotFoundError(f"{store} does not exist")
    with _locked(data_dir), translated(store), closing(sqlite3.connect(store, isolation_level=None)) as connection:
        check_owner(connection, store)
        # In a container /tmp is in memory, which is too small.
        folder = str(data_dir.absolute()).replace("'", "''")
        connection.execute(f"PRAGMA temp_store_directory = '{folder}'")
        try:
            connection.execute("VACUUM")
        finally:
            connection.execute("PRAGMA temp_store_directory = ''")  # this setting is global to the process
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def complete_interrupted(data_dir: Path) -> None:
    """Complete a committed restore that was interrupted, at start. Raises InUseError and OSError."""
    if (data_dir / _READY).is_dir():
        with _locked(data_dir):
            finish_restore(data_dir)


def next_data_dir(data_dir: Path) -> Path:
    """Return the folder with the data of the next start: that of a committed restore, or DATA_DIR."""
    ready = data_dir / _READY
    return ready if ready.is_dir() else data_dir


@contextmanager
def in_use(data_dir: Path) -> Iterator[None]:
    """Hold a shared lock that prevents a restore; raises InUseError if one is in progress."""
    try:
        data_dir.mkdir(parents=True, exist_ok=True)
        lock = StoreLock(data_dir)
    except OSError as err:  # a full disk must not prevent capture
        _log.warning(
            "data_dir_not_locked", data_dir=str(data_dir), error=err.strerror, then="a restore is not prevented"
        )
        yield
        return
    if not lock.is_held:
        raise InUseError(f"{data_dir} is being restored. Try again when the restore is complete", path=str(data_dir))
    try:
        yield
    finally:
        lock.release()


def _refuse_to_replace(data_dir: Path, replace: bool) -> None:
    for name in (FILE_NAME, FORMAT_FILE):
        if (data_dir / name).exists() and not replace:
            raise InvalidInputError(
                f"{data_dir / name} exists. Use --replace to move existing files aside; nothing is deleted"
            )


def _spool_to_set_aside(data_dir: Path, new: Path) -> list[str]:
    """Return the spool if the release of the archive cannot read it."""
    try:
        check_formats(data_dir, {WEBSOCKET_INGESTION: format_in(new, WEBSOCKET_INGESTION)})
    except LaterDataError:
        return [SPOOL]
    return []


def _fresh_folder(data_dir: Path) -> Path:
    new = data_dir / _NEW
    if new.exists():  # left by an interrupted restore that was not committed
        shutil.rmtree(new)
    new.mkdir(mode=0o700, parents=True)
    return new


def _unpack(archive: Path, new: Path, *, with_store: bool) -> Manifest:
    """Unpack an archive and check its content."""
    try:
        with tarfile.open(archive, "r:gz") as packed:
            names = [member.name for member in packed.getmembers()]
            if any(PurePath(name).is_absolute() or ".." in PurePath(name).parts for name in names):
                raise InvalidInputError(f"{archive} contains paths outside of the data folder")
            if not all(member.isfile() for member in packed.getmembers()):
                raise InvalidInputError(f"{archive} contains entries that are not files")
            packed.extraction_filter = getattr(tarfile, "data_filter", None)  # missing in Debian 12's Python 3.11.2
            packed.extractall(new)  # noqa: S202  # names and types of all members are checked above
        manifest = msgspec.json.decode((new / MANIFEST).read_bytes(), type=Manifest)
    except (tarfile.TarError, gzip.BadGzipFile, zlib.error, EOFError, FileNotFoundError, msgspec.MsgspecError) as err:
        if not archive.exists():
            raise InvalidInputError(f"{archive} does not exist") from err
        raise InvalidInputError(f"{archive} is not a complete backup of HA Ingestor: {err}") from err
    if sorted(names) != sorted([MANIFEST, *manifest.files]):
        raise InvalidInputError(f"{archive} does not match its manifest")
    for name, expected in manifest.files.items():
        path = new / name
        if digest(path) != expected:
            raise InvalidInputError(f"{archive} is damaged: the checksum of {name} is wrong")
        path.chmod(0o600)
    store = new / FILE_NAME
    if store.exists() is not with_store:
        what = "no embedded store. Set INFLUXDB_URL" if with_store else "an embedded store. Unset INFLUXDB_URL"
        raise InvalidInputError(f"{archive} contains {what}, as when the backup was made")
    if with_store:
        with translated(store), closing(sqlite3.connect(store)) as connection:
            check_owner(connection, store)
            check_pages(connection, store)
    if not (new / FORMAT_FILE).exists():  # of an early release: the present format file is moved aside as well
        write_durably(new / FORMAT_FILE, b"{}")
    (new / MANIFEST).unlink()
    return manifest


def _commit(data_dir: Path, new: Path, *folders: str) -> Path | None:
    """Commit: replace the content of the folder by that of `new`; more folders can be moved aside."""
    for suffix in _WITH_A_DATABASE[1:]:  # created by the checks
        (new / f"{FILE_NAME}{suffix}").unlink(missing_ok=True)
    for path in [*new.rglob("*"), new]:
        _sync(path)
    write_durably(new / _ASIDE, "\n".join([_free_name(data_dir), *folders]).encode())
    new.rename(data_dir / _READY)
    sync_folder(data_dir)
    return finish_restore(data_dir)


def _free_name(data_dir: Path) -> str:
    number = 1
    while (data_dir / f"{_ASIDE}-{number}").exists():
        number += 1
    return f"{_ASIDE}-{number}"


def _move(path: Path, target: Path) -> None:
    if path.exists():  # also if a folder has the name of a file
        target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        path.replace(target)


def _sync(path: Path) -> None:
    fd = os.open(path, os.O_RDONLY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)


@contextmanager
def _locked(data_dir: Path) -> Iterator[None]:
    """Hold the exclusive lock of the folder."""
    data_dir.mkdir(parents=True, exist_ok=True)
    lock = StoreLock(data_dir, alone=True)
    if not lock.is_held:
        raise InUseError(f"HA Ingestor is using {data_dir}. Stop it first", path=str(data_dir))
    try:
        yield
    finally:
        lock.release()
