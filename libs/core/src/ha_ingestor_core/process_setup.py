"""Setup of every process: private file permissions, and the limit of open files."""

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
"""System folders: changing the permissions of their contents would break the machine."""

_log = structlog.get_logger()


def keep_new_files_private() -> None:
    """Make all new files and folders of this process private to its user, whatever the umask was."""
    os.umask(_OTHERS)


def make_private(data_dir: Path) -> None:
    """Remove the permissions of other users from DATA_DIR and its files; earlier releases had created some.

    A shared folder (/, /tmp, /var/lib, a home folder) is left unchanged, with a warning.
    """
    if not data_dir.is_dir():
        return
    if _is_shared(data_dir):
        _log.warning(
            "data_dir_shared", data_dir=str(data_dir), then="its permissions are not changed", check="DATA_DIR"
        )
        return
    for path in _tree(data_dir):
        try:
            status = path.lstat()
            if status.st_uid == os.geteuid() and status.st_mode & _OTHERS and not stat.S_ISLNK(status.st_mode):
                path.chmod(stat.S_IMODE(status.st_mode) & ~_OTHERS)
        except OSError as err:  # deleted meanwhile, or on a file system without permissions
            _log.warning("file_permissions_not_restricted", file=str(path), error=err.strerror)


def raise_descriptor_limit() -> None:
    """Raise the soft limit of open files to the hard limit; the default of many systems is 1,024."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = _ENOUGH_DESCRIPTORS if hard == resource.RLIM_INFINITY else min(hard, _ENOUGH_DESCRIPTORS)
    if soft == resource.RLIM_INFINITY or soft >= wanted:
        return
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
    except (OSError, ValueError):  # macOS may allow less than it reports
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
