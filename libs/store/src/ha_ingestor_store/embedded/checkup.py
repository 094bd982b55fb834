"""Checks the embedded store: its folder, the room that is left, the file, what SQLite says of it, and writing."""

from __future__ import annotations

import asyncio
import os
import shutil
import sqlite3
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from ha_ingestor_core.errors import IngestorError

from ha_ingestor_store.checkup import Check, Course, Finding, good, note, problem, skipped
from ha_ingestor_store.embedded.errors import translated
from ha_ingestor_store.embedded.file.connection import check_pages, connect
from ha_ingestor_store.embedded.file.migrations import check_owner
from ha_ingestor_store.embedded.file.store_file import FILE_NAME, StoreFile

FOLDER, ROOM, FILE, INTEGRITY, WRITING = "folder", "room", "file", "integrity", "write, read"

_GIB = 1024**3
_MIB = 1024**2
_LITTLE_BYTES = _GIB
_TOO_LITTLE_BYTES = 100 * _MIB
_NETWORK_FILE_SYSTEMS = frozenset({"nfs", "nfs4", "cifs", "smb3", "smbfs", "9p", "fuse.sshfs", "afs", "ceph"})
_RESTORE = "docs/runbooks/store_damaged.md says how to look and what to do, step by step"


async def check_embedded(data_dir: Path, *, create: bool) -> AsyncIterator[Finding]:
    """Every finding as it is made; without `create` nothing is written, not even to be taken back. Raises no error."""
    path = data_dir / FILE_NAME
    make = Course().make
    yield await make(FOLDER, _in_thread(lambda: _folder(data_dir)))
    yield await make(ROOM, _in_thread(lambda: _room(data_dir)))
    yield await make(FILE, _in_thread(lambda: _file(path)), advice=_RESTORE)
    if not await asyncio.to_thread(path.exists):
        return
    yield await make(INTEGRITY, _in_thread(lambda: _integrity(path)), FILE, advice=_RESTORE)
    if create:
        advice = f"the ingestor's user should be able to write {path}, and nobody should hold it for long"
        yield await make(WRITING, _in_thread(lambda: _writing(path)), FOLDER, FILE, advice=advice)
    else:
        yield skipped(WRITING, "not tried with --no-create: it writes, and takes it back")


def _in_thread(check: Callable[[], Finding]) -> Check:
    async def checked() -> Finding:
        return await asyncio.to_thread(check)

    return checked


def _existing(data_dir: Path) -> Path:
    """The folder, or the nearest above it that is there."""
    return next(each for each in (data_dir.absolute(), *data_dir.absolute().parents) if each.exists())


def _folder(data_dir: Path) -> Finding:
    folder = _existing(data_dir)
    if not folder.is_dir():
        return problem(FOLDER, f"{folder} is no folder", "DATA_DIR should name one")
    if not os.access(folder, os.W_OK | os.X_OK):
        return problem(FOLDER, f"{folder} can't be written", "give it to the user that runs the ingestor")
    kind = file_system(folder, Path("/proc/mounts"))
    if kind in _NETWORK_FILE_SYSTEMS:
        return note(FOLDER, f"{data_dir} is on a network file system ({kind})", "SQLite needs a disk of this machine")
    will_be = "" if folder == data_dir.absolute() else " will be made at the first start, and"
    return good(FOLDER, f"{data_dir.absolute()}{will_be} can be written")


def _room(data_dir: Path) -> Finding:
    free = shutil.disk_usage(_existing(data_dir)).free
    room = f"{free / _GIB:.1f} GiB are free"
    if free >= _LITTLE_BYTES:
        return good(ROOM, room)
    advice = "make room: an event takes about 170 bytes, the spool up to SPOOL_LIMIT_BYTES"
    return (note if free >= _TOO_LITTLE_BYTES else problem)(ROOM, room, advice)


def _file(path: Path) -> Finding:
    StoreFile(path).check_before_opening()
    if not path.exists():
        return good(FILE, f"{path} will be made at the first start")
    with _open(path) as connection:
        check_owner(connection, path)
    return good(FILE, f"{path} is ours ({path.stat().st_size / _MIB:.1f} MiB)")


def _integrity(path: Path) -> Finding:
    with _open(path) as connection:
        check_pages(connection, path)
    return good(INTEGRITY, "SQLite's quick_check finds nothing wrong")


def _writing(path: Path) -> Finding:
    with translated(path), closing(connect(path)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        try:
            connection.execute("INSERT INTO meta (key, value) VALUES ('doctor_check', 1)")
            (found,) = connection.execute("SELECT value FROM meta WHERE key = 'doctor_check'").fetchone()
        finally:
            connection.execute("ROLLBACK")
    if found != 1:
        raise IngestorError("what was written is not there to be read")
    return good(WRITING, "a row was written, read back, and taken back again")


@contextmanager
def _open(path: Path) -> Iterator[sqlite3.Connection]:
    """The file, read-only: not even a folded-back log changes it."""
    with translated(path), closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as connection:
        connection.isolation_level = None
        yield connection


def file_system(folder: Path, mounts: Path) -> str | None:
    """The kind of file system that a folder is on; None where it isn't told."""
    try:
        lines = [line.split(" ") for line in mounts.read_text(encoding="utf-8").splitlines()]
    except OSError:
        return None
    at = folder.resolve()
    found = [(len(fields[1]), fields[2]) for fields in lines if len(fields) > 2 and at.is_relative_to(fields[1])]
    return max(found)[1] if found else None
