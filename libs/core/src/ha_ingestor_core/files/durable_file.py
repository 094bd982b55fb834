"""State files: replaced atomically and durably; a damaged one is set aside, so that the start continues."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import structlog

T = TypeVar("T")

_OF_THE_PROCESS = {errno.EMFILE, errno.ENFILE, errno.ENOMEM, errno.EROFS}
"""Errors of the process, not of the file."""

_log = structlog.get_logger()


def write_durably(path: Path, data: bytes) -> None:
    """Replace the file at a path. Raises OSError; the old file is then unchanged.

    Processes that write the same file must hold its lock (`file_lock.locked`).
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f"{path.name}.new")
    fd = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(fd, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(fd)
    fresh.replace(path)
    sync_folder(path.parent)


def sync_folder(path: Path) -> None:
    """Sync the entries of a folder to the disk; raises OSError."""
    fd = os.open(path, os.O_RDONLY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)


def make_folder(path: Path) -> None:
    """Create a folder of state files; a file at its path is set aside. Raises OSError."""
    if os.path.lexists(path) and not path.is_dir():
        note_damaged(path, NotADirectoryError("not a folder"), then="it is replaced by a folder")
    path.mkdir(parents=True, exist_ok=True)


def read_state(path: Path, decode: Callable[[bytes], T], *, then: str) -> T | None:
    """Return the content of a state file; None without a file, and for a damaged one, which is set aside.

    `then` states the consequence in the log. Raises OSError for an error of the process alone, such as too many open
    files, so that an intact file is not replaced.
    """
    try:
        return decode(path.read_bytes())
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as err:
        if err.errno in _OF_THE_PROCESS:
            raise
        note_damaged(path, err, then=then)
    except Exception as err:
        note_damaged(path, err, then=then)
    return None


def make_usable(path: Path, *, then: str) -> Path | None:
    """Set aside what cannot be opened as a writable file at a path.

    Returns its new path; None where nothing was set aside. Raises OSError.
    """
    try:
        os.close(os.open(path, os.O_RDWR))
    except FileNotFoundError:
        pass
    except OSError as err:
        if err.errno in _OF_THE_PROCESS:
            raise
        return note_damaged(path, err, then=then)
    return None


def note_damaged(path: Path, error: Exception, *, then: str) -> Path | None:
    """Set a damaged file aside and log it. Returns its new path; None where it cannot be renamed."""
    try:
        aside = set_aside(path)
        path.unlink(missing_ok=True)
    except OSError as err:
        _log.error("state_file_damaged", file=str(path), error=str(error), not_set_aside=str(err), then=then)
        return None
    _log.error("state_file_damaged", file=str(path), error=str(error), set_aside=aside.name, then=then)
    return aside


def set_aside(path: Path) -> Path:
    """Rename a file to an unused name in the same folder; return its new path. Raises OSError."""
    aside = _free_name(path)
    try:
        os.link(path, aside, follow_symlinks=False)  # the old name stays until the new file replaces it
    except OSError:  # a folder, or a file system without hard links
        path.rename(aside)
    return aside


def damaged_files(folder: Path, *, deep: bool = True) -> list[str]:
    """Return the paths of the files that were set aside, relative to the folder; `deep` includes its subfolders."""
    found: list[str] = []
    for root, folders, files in os.walk(folder):  # unlike rglob, it tolerates a folder that is deleted meanwhile
        found += [os.path.relpath(Path(root, name), folder) for name in (*folders, *files) if ".damaged" in name]
        if not deep:
            break
    return sorted(found)


def _free_name(path: Path) -> Path:
    aside, number = path.with_name(f"{path.name}.damaged"), 1
    while os.path.lexists(aside):
        number += 1
        aside = path.with_name(f"{path.name}.damaged-{number}")
    return aside
