"""Backup: the embedded store and the state files of DATA_DIR in one archive, while HA Ingestor runs."""

from __future__ import annotations

import hashlib
import os
import shutil
import sqlite3
import tarfile
import zlib
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import BinaryIO

import msgspec
from admin_api.security.token_file import COMMAND_LINE_FILE
from enrichment_pipeline.rejected.rejected_file import FILE_NAME as REJECTED_FILE
from ha_ingestor_core.errors import InvalidInputError, NotFoundError
from ha_ingestor_core.events import OriginKind
from ha_ingestor_core.files.durable_file import sync_folder
from ha_ingestor_store.embedded.errors import translated
from ha_ingestor_store.embedded.file.connection import check_pages
from ha_ingestor_store.embedded.file.store_file import FILE_NAME
from msgspec import Struct

from ha_ingestor import sign_in

MANIFEST = "manifest.json"
_LOGS_OF_REJECTED = (f"{REJECTED_FILE}-wal", f"{REJECTED_FILE}-shm")
SPOOL = "spool"
_STAGED = ".backup-"
_LEFT_OUT = (SPOOL, "stream", "demo", "restore.new", "restore.ready", COMMAND_LINE_FILE, sign_in.PAGE)
"""Files that are not backed up: they belong to this machine, or to the demo home, which has its own backup."""


class Manifest(Struct, frozen=True):
    """The content of an archive: the SHA-256 of each file by name; `until_ns` is the newest event, by home."""

    created_ns: int
    files: dict[str, str]
    until_ns: dict[str, int] = {}


_NEWEST = """
SELECT home, max((SELECT max(time_ns) FROM events WHERE events.series = series.id AND events.rank = ?))
FROM series JOIN groups ON groups.id = group_id GROUP BY home
"""


def make_backup(data_dir: Path, archive: Path, now_ns: int, *, with_store: bool = True) -> Manifest:
    """Write a complete archive or none, readable only by its owner. Raises IngestorError and OSError.

    The store is copied consistently, after the other files. The checkpoints are set back to the newest event of the
    copy, so that events that are only in the spool are fetched from Home Assistant's history after a restore. With
    InfluxDB (`with_store` false) the archive contains the other files only.
    """
    if archive.exists():
        raise InvalidInputError(f"{archive} already exists. Choose another file name")
    with _staged(data_dir, archive.absolute().parent, now_ns, with_store) as (manifest, packed):
        packed.replace(archive)
    sync_folder(archive.absolute().parent)
    return manifest


def stream_backup(data_dir: Path, target: BinaryIO, now_ns: int, *, with_store: bool = True) -> Manifest:
    """Write the archive to a stream once it is complete; it temporarily uses space in DATA_DIR."""
    with _staged(data_dir, data_dir, now_ns, with_store) as (manifest, packed), packed.open("rb") as source:
        shutil.copyfileobj(source, target)
    return manifest


@contextmanager
def _staged(data_dir: Path, beside: Path, now_ns: int, with_store: bool) -> Iterator[tuple[Manifest, Path]]:
    """Yield a manifest and an archive in a temporary folder."""
    store = data_dir / FILE_NAME
    if with_store and not store.exists():
        hint = ". To back up the demo home, use --demo" if (data_dir / "demo" / FILE_NAME).exists() else ""
        raise NotFoundError(f"{store} does not exist. There is nothing to back up{hint}")
    if not data_dir.is_dir():
        raise NotFoundError(f"{data_dir} does not exist. There is nothing to back up")
    with TemporaryDirectory(prefix=_STAGED, dir=beside) as folder:
        staged, packed = Path(folder) / "data", Path(folder) / "archive"
        staged.mkdir(mode=0o700)
        for path in _other_files(data_dir):
            target = staged / path.relative_to(data_dir)
            target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            if path.name == REJECTED_FILE:
                _copy_database(path, target)
            else:
                with suppress(FileNotFoundError):  # deleted or renamed meanwhile, such as a rotated log
                    shutil.copyfile(path, target)
        until_ns = _copy_store(store, staged / FILE_NAME) if with_store else {}
        _set_back_checkpoints(staged, until_ns)
        files = {str(path.relative_to(staged)): digest(path) for path in sorted(staged.rglob("*")) if path.is_file()}
        manifest = Manifest(now_ns, files, until_ns)
        (staged / MANIFEST).write_bytes(msgspec.json.encode(manifest))
        _pack(staged, [MANIFEST, *files], packed)
        yield manifest, packed


def digest(path: Path) -> str:
    """The SHA-256 of a file, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _other_files(data_dir: Path) -> Iterator[Path]:
    for path in sorted(data_dir.rglob("*")):
        first = path.relative_to(data_dir).parts[0]
        is_left_out = first in _LEFT_OUT or first.startswith((FILE_NAME, *_LOGS_OF_REJECTED, "before-restore", _STAGED))
        is_left_out = is_left_out or _is_archive(path)
        if path.is_file() and not is_left_out and path.suffix not in (".lock", ".new") and path.name != "lock":
            yield path


def _is_archive(path: Path) -> bool:
    """Whether a file is a backup inside DATA_DIR, which must not be part of the next one."""
    if not path.is_file():
        return False
    try:
        with tarfile.open(path, "r:gz") as archive:
            first = archive.next()
    except (tarfile.TarError, zlib.error, EOFError, OSError):
        return False
    return first is not None and first.name == MANIFEST


def _copy_database(database: Path, copy: Path) -> None:
    """Copy a SQLite database consistently, including its write-ahead log."""
    address = f"{database.absolute().as_uri()}?mode=ro"
    with (
        translated(database),
        closing(sqlite3.connect(address, uri=True)) as source,
        closing(sqlite3.connect(copy)) as target,
    ):
        source.backup(target)


def _copy_store(store: Path, copy: Path) -> dict[str, int]:
    """Copy the store consistently without blocking writers; return the newest event of each home."""
    address = f"{store.absolute().as_uri()}?mode=ro"
    with (
        translated(store),
        closing(sqlite3.connect(address, uri=True)) as source,
        closing(sqlite3.connect(copy)) as target,
    ):
        target.execute("PRAGMA synchronous = OFF")
        source.backup(target)  # in one step: in several, each write of another process would restart it
        check_pages(target, store)
        newest = target.execute(_NEWEST, (OriginKind.LIVE.rank,)).fetchall()
    copy.chmod(0o600)
    return {home: time_ns for home, time_ns in newest if time_ns is not None}


def _set_back_checkpoints(staged: Path, until_ns: dict[str, int]) -> None:
    from websocket_ingestion.gaps.checkpoint import Checkpoint, CheckpointFile
    from websocket_ingestion.gaps.elapsed import Moment

    for path in (staged / "gaps").glob("*.mark"):
        file = CheckpointFile.open(path)
        checkpoint, newest_ns = file.checkpoint, until_ns.get(path.stem)
        if checkpoint is not None and newest_ns is not None and newest_ns < checkpoint.complete_ns:
            ahead_ns = checkpoint.complete_ns - newest_ns
            file.write(Checkpoint(newest_ns, Moment(checkpoint.written.now_ns - ahead_ns, 0, 0)))
        file.close()


def _pack(staged: Path, names: list[str], packed: Path) -> None:
    fd = os.open(packed, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(fd, "wb") as file:
        with tarfile.open(fileobj=file, mode="w:gz", compresslevel=1) as archive:
            for name in names:
                archive.add(staged / name, arcname=name)
        file.flush()
        os.fsync(file.fileno())
