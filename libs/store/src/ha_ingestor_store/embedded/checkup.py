"""Checks of the embedded store: its folder, free space, its file, SQLite's integrity check, and writing."""

from __future__ import annotations

import asyncio
import os
import shutil
import sqlite3
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from ha_ingestor_core.errors import IngestorError

from ha_ingestor_store.checkup import Check, CheckRun, Finding, good, note, problem, skipped
from ha_ingestor_store.embedded.errors import translated
from ha_ingestor_store.embedded.file.connection import check_pages, connect
from ha_ingestor_store.embedded.file.migrations import check_owner
from ha_ingestor_store.embedded.file.store_file import FILE_NAME, StoreFile

FOLDER, SPACE, FILE, INTEGRITY, WRITING = "folder", "free space", "file", "integrity", "write, read"
FACTS = "facts"

_GIB = 1024**3
_MIB = 1024**2
_LOW_BYTES = _GIB
_TOO_LOW_BYTES = 100 * _MIB
_NETWORK_FILE_SYSTEMS = frozenset({"nfs", "nfs4", "cifs", "smb3", "smbfs", "9p", "fuse.sshfs", "afs", "ceph"})
_RESTORE = "Follow docs/runbooks/store_damaged.md"


async def check_embedded(data_dir: Path, *, create: bool) -> AsyncIterator[Finding]:
    """Yield each finding; without `create` nothing is written, not even in a transaction that is rolled back."""
    path = data_dir / FILE_NAME
    run = CheckRun().run
    yield await run(FOLDER, _in_thread(lambda: _folder(data_dir)))
    yield await run(SPACE, _in_thread(lambda: _space(data_dir)))
    yield await run(FILE, _in_thread(lambda: _file(path)), advice=_RESTORE)
    if not await asyncio.to_thread(path.exists):
        return
    yield await run(INTEGRITY, _in_thread(lambda: _integrity(path)), FILE, advice=_RESTORE)
    if create:
        advice = f"The user that runs HA Ingestor must be able to write {path}, and no other program may lock it"
        yield await run(WRITING, _in_thread(lambda: _writing(path)), FOLDER, FILE, advice=advice)
    else:
        yield skipped(WRITING, "skipped because of --no-create")


async def verify_embedded(data_dir: Path) -> AsyncIterator[Finding]:
    """Yield each finding about the stored data; nothing is changed, and no error is raised."""
    path = data_dir / FILE_NAME
    run = CheckRun().run
    yield await run(FILE, _in_thread(lambda: _file(path)), advice=_RESTORE)
    if not await asyncio.to_thread(path.exists):
        return
    yield await run(INTEGRITY, _in_thread(lambda: _integrity(path)), FILE, advice=_RESTORE)
    yield await run(FACTS, _in_thread(lambda: _facts(path)), INTEGRITY, advice=_RESTORE)


def _in_thread(check: Callable[[], Finding]) -> Check:
    async def checked() -> Finding:
        return await asyncio.to_thread(check)

    return checked


def _existing(data_dir: Path) -> Path:
    """Return the folder, or its nearest parent that exists."""
    return next(each for each in (data_dir.absolute(), *data_dir.absolute().parents) if each.exists())


def _folder(data_dir: Path) -> Finding:
    folder = _existing(data_dir)
    if not folder.is_dir():
        return problem(FOLDER, f"{folder} is not a folder", "DATA_DIR must be a folder")
    if not os.access(folder, os.W_OK | os.X_OK):
        return problem(FOLDER, f"{folder} is not writable", "Give write permission to the user that runs HA Ingestor")
    kind = file_system_type(folder, Path("/proc/mounts"))
    if kind in _NETWORK_FILE_SYSTEMS:
        return note(FOLDER, f"{data_dir} is on a network file system ({kind})", "SQLite needs a local disk")
    if folder != data_dir.absolute():
        return good(FOLDER, f"{data_dir.absolute()} will be created at the first start")
    return good(FOLDER, f"{folder} is writable")


def _space(data_dir: Path) -> Finding:
    free = shutil.disk_usage(_existing(data_dir)).free
    found = f"{free / _GIB:.1f} GiB free"
    if free >= _LOW_BYTES:
        return good(SPACE, found)
    advice = "Free some space: an event takes about 170 bytes, the spool up to SPOOL_LIMIT_BYTES"
    return (note if free >= _TOO_LOW_BYTES else problem)(SPACE, found, advice)


def _file(path: Path) -> Finding:
    StoreFile(path).check_before_opening()
    if not path.exists():
        return good(FILE, f"{path} will be created at the first start")
    with _open(path) as connection:
        check_owner(connection, path)
    return good(FILE, f"{path} is a store of HA Ingestor ({path.stat().st_size / _MIB:.1f} MiB)")


def _integrity(path: Path) -> Finding:
    with _open(path) as connection:
        check_pages(connection, path)
    return good(INTEGRITY, "SQLite's quick_check found no errors")


def _facts(path: Path) -> Finding:
    with _open(path) as connection:
        (events,) = connection.execute(
            "SELECT count(*) FROM events WHERE facts NOT IN (SELECT id FROM facts)"
        ).fetchone()
    if events:
        return problem(FACTS, f"{events:,} events refer to missing facts and are not shown", _RESTORE)
    return good(FACTS, "no facts are missing")


def _writing(path: Path) -> Finding:
    with translated(path), closing(connect(path)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        try:
            connection.execute("INSERT INTO meta (key, value) VALUES ('doctor_check', 1)")
            (found,) = connection.execute("SELECT value FROM meta WHERE key = 'doctor_check'").fetchone()
        finally:
            connection.execute("ROLLBACK")
    if found != 1:
        raise IngestorError("The row that was written cannot be read")
    return good(WRITING, "a row was written, read and rolled back")


@contextmanager
def _open(path: Path) -> Iterator[sqlite3.Connection]:
    """Open the file read-only: not even its write-ahead log is copied into it."""
    with translated(path), closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as connection:
        connection.isolation_level = None
        yield connection


def file_system_type(folder: Path, mounts: Path) -> str | None:
    """Return the type of the file system of a folder; None where it is unknown."""
    try:
        lines = [line.split(" ") for line in mounts.read_text(encoding="utf-8").splitlines()]
    except OSError:
        return None
    at = folder.resolve()
    found = [(len(fields[1]), fields[2]) for fields in lines if len(fields) > 2 and at.is_relative_to(fields[1])]
    return max(found)[1] if found else None
