"""What every process of ours does first: keep its files to its user, and take the descriptors that it may have."""

from __future__ import annotations

import os
import resource
import stat
from collections.abc import Iterator
from pathlib import Path

import structlog

_OTHERS = 0o077
_ENOUGH_DESCRIPTORS = 65_536
_SYSTEM = (
    *("bin", "boot", "dev", "etc", "home", "lib", "lib64", "media", "mnt", "opt", "proc", "root", "run", "sbin", "srv"),
    *("sys", "usr", "usr/lib", "usr/local", "usr/share", "var", "var/cache", "var/lib", "var/log", "var/opt"),
    *("Applications", "Library", "System", "Users", "Volumes"),
)
_SYSTEM_FOLDERS = frozenset(Path("/", name) for name in _SYSTEM)
"""Their contents belong to other programs: as root, taking rights away in them would break the machine."""

_log = structlog.get_logger()


def keep_new_files_private() -> None:
    """Let every file and folder that this process makes be for its user alone, whatever the umask was."""
    os.umask(_OTHERS)


def make_private(data_dir: Path) -> None:
    """Take all rights of others from DATA_DIR and everything of ours in it; files of an earlier release had some.

    A folder that is plainly not for this program alone (/, /tmp, /var/lib, a home folder) is left as it is, with a
    warning.
    """
    if not data_dir.is_dir():
        return
    if _is_shared(data_dir):
        _log.warning("data_dir_is_shared", data_dir=str(data_dir), then="its rights stay as they are", check="DATA_DIR")
        return
    for path in _tree(data_dir):
        try:
            status = path.lstat()
            if status.st_uid == os.geteuid() and status.st_mode & _OTHERS and not stat.S_ISLNK(status.st_mode):
                path.chmod(stat.S_IMODE(status.st_mode) & ~_OTHERS)
        except OSError as err:  # it is gone, or on a file system that knows no rights
            _log.warning("file_not_made_private", file=str(path), error=err.strerror)


def raise_descriptor_limit() -> None:
    """Raise the soft limit of open files to the hard one; many systems begin at 1,024 and allow far more."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = _ENOUGH_DESCRIPTORS if hard == resource.RLIM_INFINITY else min(hard, _ENOUGH_DESCRIPTORS)
    if soft == resource.RLIM_INFINITY or soft >= wanted:
        return
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
    except (OSError, ValueError):  # macOS may allow less than it says
        return


def _is_shared(folder: Path) -> bool:
    resolved = folder.resolve()
    if resolved in _SYSTEM_FOLDERS or Path.home().resolve().is_relative_to(resolved):
        return True
    return bool(resolved.stat().st_mode & stat.S_ISVTX)


def _tree(folder: Path) -> Iterator[Path]:
    yield folder
    for where, folders, files in os.walk(folder):
        for name in (*folders, *files):
            yield Path(where, name)
