"""A disk that can be filled: a small file system in memory, mounted at the data folder."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

SIZE_MIB = 256


@contextmanager
def small_disk(path: Path) -> Iterator[str | None]:
    """Mount it at a folder; yield None, or why that is not possible (the folder is then on the normal disk)."""
    path.mkdir()
    reason = _mount(path)
    try:
        yield reason
    finally:
        if reason is None:
            subprocess.run(["umount", "--lazy", str(path)], check=True)


@contextmanager
def filled(path: Path) -> Iterator[None]:
    """Fill the disk until the block ends."""
    ballast = path / "ballast"
    try:
        with ballast.open("wb", buffering=0) as file:
            for size in (2**20, 4096, 1):
                _write_until_full(file.fileno(), bytes(size))
        yield
    finally:
        ballast.unlink()


def _write_until_full(fd: int, block: bytes) -> None:
    try:
        while os.write(fd, block) == len(block):
            pass
    except OSError:
        return


def _mount(path: Path) -> str | None:
    if os.geteuid() != 0:
        return "mounting needs root"
    command = ["mount", "-t", "tmpfs", "-o", f"size={SIZE_MIB}m", "tmpfs", str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return None if done.returncode == 0 else done.stderr.strip() or "mount failed"
