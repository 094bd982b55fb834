"""Checks the embedded store: its folder, the file, what SQLite says of it, and the room that is left."""

from __future__ import annotations

import os
import shutil
import sqlite3
from pathlib import Path

from ha_ingestor_store.checkup import Finding, good, note, problem
from ha_ingestor_store.embedded.client import FILE_NAME

_LITTLE_BYTES = 1024**3


def check_embedded(data_dir: Path) -> list[Finding]:
    """What is found; changes nothing, and blocks while the file is read."""
    folder = next(each for each in (data_dir.absolute(), *data_dir.absolute().parents) if each.exists())
    return [_folder(data_dir, folder), _room(folder), _file(data_dir / FILE_NAME)]


def _folder(data_dir: Path, folder: Path) -> Finding:
    if os.access(folder, os.W_OK):
        return good("folder", f"{data_dir} can be written")
    return problem("folder", f"{folder} can't be written", "give it to the user that runs the ingestor")


def _room(folder: Path) -> Finding:
    free = shutil.disk_usage(folder).free
    room = f"{free / 1024**3:.1f} GiB are free"
    if free >= _LITTLE_BYTES:
        return good("room", room)
    return note("room", room, "an event takes about 170 bytes, the spool up to SPOOL_LIMIT_BYTES")


def _file(path: Path) -> Finding:
    if not path.exists():
        return good("file", f"{path} will be made at the first start")
    advice = "move the file away, or restore a copy of it"
    try:
        connection = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, timeout=5)
        try:
            (answer,) = connection.execute("PRAGMA quick_check(1)").fetchone()
        finally:
            connection.close()
    except sqlite3.Error as err:
        return problem("file", f"{path}: {err}", advice)
    if answer != "ok":
        return problem("file", f"{path} is damaged: {answer}", advice)
    return good("file", f"{path} is sound ({path.stat().st_size / 1024**2:.1f} MiB)")
