"""State files: replaced as a whole and durably, and set aside where one can't be read, so that a start goes on."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import structlog

T = TypeVar("T")

_OF_THE_PROCESS = {errno.EMFILE, errno.ENFILE, errno.ENOMEM, errno.EROFS}
"""Errors of opening a file that say nothing about the file."""

_log = structlog.get_logger()


def write_durably(path: Path, data: bytes) -> None:
    """Replace the file at a path; raises OSError, and then the old one is still there.

    Where several processes write a file, each holds its lock (`file_lock.locked`) meanwhile.
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
    """Return once the names in a folder are on the disk; raises OSError."""
    fd = os.open(path, os.O_RDONLY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)


def make_folder(path: Path) -> None:
    """Make a folder of state files; a file in its place is set aside. Raises OSError."""
    if os.path.lexists(path) and not path.is_dir():
        note_damaged(path, NotADirectoryError("no folder"), then="a folder takes its place")
    path.mkdir(parents=True, exist_ok=True)


def read_state(path: Path, decode: Callable[[bytes], T], *, then: str) -> T | None:
    """Return what a state file holds; None where there is no file, or where it is damaged: then it is set aside.

    `then` says what happens instead, for the log. Raises OSError for a fault of this process alone, such as too many
    open files, so that a good file is never replaced for it.
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
    """Set aside what is at the path of a file that is opened for writing, where it can't be opened so.

    Returns its new path; None where all is well. Raises OSError.
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
    """Set a damaged file aside and log it; returns its new path, None where it can't be moved."""
    try:
        aside = set_aside(path)
        path.unlink(missing_ok=True)
    except OSError as err:
        _log.error("state_file_damaged", file=str(path), error=str(error), not_set_aside=str(err), then=then)
        return None
    _log.error("state_file_damaged", file=str(path), error=str(error), set_aside=aside.name, then=then)
    return aside


def set_aside(path: Path) -> Path:
    """Keep what is at a path under another name beside it; its own name may then be written anew. Raises OSError."""
    aside = _free_name(path)
    try:
        os.link(path, aside, follow_symlinks=False)  # no moment without the old name: the new file replaces it
    except OSError:  # a folder, or a file system without links
        path.rename(aside)
    return aside


def damaged_files(folder: Path, *, deep: bool = True) -> list[str]:
    """Return the files in a folder that were set aside, relative to it; `deep`: in the folders below it, too."""
    found: list[str] = []
    for root, folders, files in os.walk(folder):  # unlike rglob it passes over a folder that goes away meanwhile
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
