"""`ha-ingestor restore`: an archive, or an empty store, in place of what DATA_DIR holds; nothing of that is deleted.

Everything is unpacked and checked in `restore.new` first; renaming that to `restore.ready` decides. What is left to do
then is to move files, and whoever is killed in between leaves what `finish_restore` completes: before anything starts.
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
from ha_ingestor_core.reporting.report_journal import ReportJournal, begun_anew
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
"""The log belongs to the former file: it goes with it, before the new one comes."""

_log = structlog.get_logger()


class InUseError(TerminalError):
    """A process of ours uses the folder."""

    key = "data_dir_in_use"


def restore(data_dir: Path, archive: Path, *, replace: bool, with_store: bool = True) -> tuple[Manifest, Path | None]:
    """Bring an archive back; what it holds, and where the files are now that were there before.

    A spool whose format is later than the archive's is set aside, too. `with_store`: whether the archive has to hold an
    embedded store, or must not.

    Raises InUseError while anything of ours runs, InvalidInputError for what is no whole archive, or where `replace` is
    needed, and OSError. Until it is decided nothing has changed.
    """
    with _alone(data_dir):
        finish_restore(data_dir)
        _refuse_to_replace(data_dir, replace)
        new = _fresh_folder(data_dir)
        manifest = _unpack(archive, new, with_store=with_store)
        return manifest, _decide(data_dir, new, *_spool_to_set_aside(data_dir, new))


def restore_empty(data_dir: Path) -> Path | None:
    """Begin an empty store; where the former one is now, if there was one. Raises InUseError and OSError."""
    with _alone(data_dir):
        finish_restore(data_dir)
        new = _fresh_folder(data_dir)
        prepare(new / FILE_NAME)
        for path in data_dir.glob("*.reports"):
            if entries := ReportJournal(path).read():
                ReportJournal(new / path.name).replace(begun_anew(entries))
        return _decide(data_dir, new)


def finish_restore(data_dir: Path) -> Path | None:
    """Complete a restore that was decided; where what was there before is now, None where there is nothing to do."""
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
    done = ready.rename(data_dir / _NEW)  # at once: a kill in the midst of deleting it leaves nothing to complete
    sync_folder(data_dir)
    shutil.rmtree(done)
    _log.info("restore_completed", data_dir=str(data_dir))
    return aside if aside.exists() else None


def compact(data_dir: Path) -> None:
    """Write the store's file anew without the room that is free in it; that takes twice what is left of it, meanwhile.

    Raises InUseError, IngestorError and OSError.
    """
    store = data_dir / FILE_NAME
    if not store.exists():
        raise NotFoundError(f"{store} does not exist")
    with _alone(data_dir), translated(store), closing(sqlite3.connect(store, isolation_level=None)) as connection:
        check_owner(connection, store)
        # In a container /tmp is memory, too little for all events.
        folder = str(data_dir.absolute()).replace("'", "''")
        connection.execute(f"PRAGMA temp_store_directory = '{folder}'")
        try:
            connection.execute("VACUUM")
        finally:
            connection.execute("PRAGMA temp_store_directory = ''")  # it is that of the whole process
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def complete_interrupted(data_dir: Path) -> None:
    """Before anything starts: complete a restore that was decided and then killed. Raises InUseError and OSError."""
    if (data_dir / _READY).is_dir():
        with _alone(data_dir):
            finish_restore(data_dir)


def decided(data_dir: Path) -> Path:
    """Return where the data is that the next start uses: that of a restore which was decided, or DATA_DIR's own."""
    ready = data_dir / _READY
    return ready if ready.is_dir() else data_dir


@contextmanager
def in_use(data_dir: Path) -> Iterator[None]:
    """Keep a restore out of a folder; raises InUseError where one is under way. Processes may use it together."""
    try:
        data_dir.mkdir(parents=True, exist_ok=True)
        lock = StoreLock(data_dir)
    except OSError as err:  # a full disk is no reason to capture nothing
        _log.warning("data_dir_not_locked", data_dir=str(data_dir), error=err.strerror, then="restore does not wait")
        yield
        return
    if not lock.is_held:
        raise InUseError(f"{data_dir} is being restored: start again when that is done", path=str(data_dir))
    try:
        yield
    finally:
        lock.release()


def _refuse_to_replace(data_dir: Path, replace: bool) -> None:
    for name in (FILE_NAME, FORMAT_FILE):
        if (data_dir / name).exists() and not replace:
            raise InvalidInputError(f"{data_dir / name} exists: --replace sets all aside, and deletes nothing")


def _spool_to_set_aside(data_dir: Path, new: Path) -> list[str]:
    """The spool where the release that the archive is of could not read it."""
    try:
        check_formats(data_dir, {WEBSOCKET_INGESTION: format_in(new, WEBSOCKET_INGESTION)})
    except LaterDataError:
        return [SPOOL]
    return []


def _fresh_folder(data_dir: Path) -> Path:
    new = data_dir / _NEW
    if new.exists():  # of one that was killed before it was decided
        shutil.rmtree(new)
    new.mkdir(mode=0o700, parents=True)
    return new


def _unpack(archive: Path, new: Path, *, with_store: bool) -> Manifest:
    """Unpack an archive and look at all that is in it."""
    try:
        with tarfile.open(archive, "r:gz") as packed:
            names = [member.name for member in packed.getmembers()]
            if any(PurePath(name).is_absolute() or ".." in PurePath(name).parts for name in names):
                raise InvalidInputError(f"{archive} holds files outside a folder of data")
            if not all(member.isfile() for member in packed.getmembers()):
                raise InvalidInputError(f"{archive} holds something else than files")
            packed.extraction_filter = getattr(tarfile, "data_filter", None)  # Debian 12's Python 3.11.2 has none
            packed.extractall(new)  # noqa: S202  # names and types of all members are checked above
        manifest = msgspec.json.decode((new / MANIFEST).read_bytes(), type=Manifest)
    except (tarfile.TarError, gzip.BadGzipFile, zlib.error, EOFError, FileNotFoundError, msgspec.MsgspecError) as err:
        if not archive.exists():
            raise InvalidInputError(f"{archive} does not exist") from err
        raise InvalidInputError(f"{archive} is not a whole backup of HA Ingestor: {err}") from err
    if sorted(names) != sorted([MANIFEST, *manifest.files]):
        raise InvalidInputError(f"{archive} holds other files than its manifest names")
    for name, expected in manifest.files.items():
        path = new / name
        if digest(path) != expected:
            raise InvalidInputError(f"{archive} is damaged: {name} is not what was backed up")
        path.chmod(0o600)
    store = new / FILE_NAME
    if store.exists() is not with_store:
        what = "no embedded store: set INFLUXDB_URL" if with_store else "an embedded store: unset INFLUXDB_URL"
        raise InvalidInputError(f"{archive} holds {what} as where it was made")
    if with_store:
        with translated(store), closing(sqlite3.connect(store)) as connection:
            check_owner(connection, store)
            check_pages(connection, store)
    if not (new / FORMAT_FILE).exists():  # of a release that knew none: the present one's goes aside with its files
        write_durably(new / FORMAT_FILE, b"{}")
    (new / MANIFEST).unlink()
    return manifest


def _decide(data_dir: Path, new: Path, *folders: str) -> Path | None:
    """Exchange what the folder holds for what is in `new`; further folders are set aside with it."""
    for suffix in _WITH_A_DATABASE[1:]:  # what looking at it left
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
    if path.exists():  # a folder may be where a file should be
        target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        path.replace(target)


def _sync(path: Path) -> None:
    fd = os.open(path, os.O_RDONLY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)


@contextmanager
def _alone(data_dir: Path) -> Iterator[None]:
    """Hold the folder for ourselves."""
    data_dir.mkdir(parents=True, exist_ok=True)
    lock = StoreLock(data_dir, alone=True)
    if not lock.is_held:
        raise InUseError(f"HA Ingestor uses {data_dir}: stop it first", path=str(data_dir))
    try:
        yield
    finally:
        lock.release()
