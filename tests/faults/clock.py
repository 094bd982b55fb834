"""The clock of the machine that the ingestor runs on, which somebody sets: libfaketime shows it to its processes."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest


def faketime_library() -> Path | None:
    """Debian's libfaketime; None where it is missing."""
    return next(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"), None)


def require_faketime() -> None:
    """Skip loudly where it is missing; with CI=true that is a failure."""
    if faketime_library() is not None:
        return
    reason = "libfaketime is missing: sudo apt-get install libfaketime (scripts/install-test-parts.sh does)"
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)


class MachineClock:
    """Right at first. Only the time of day can be wrong: what asyncio waits by runs on, as it does on any machine."""

    def __init__(self, folder: Path) -> None:
        self.library = faketime_library()
        self._file = folder / "clock"
        self._ahead_s = 0.0
        self.set_ahead(0)

    @property
    def variables(self) -> dict[str, str]:
        """The environment of a process that looks at it; none where there is no library."""
        if self.library is None:
            return {}
        return {
            "LD_PRELOAD": str(self.library),
            "FAKETIME_TIMESTAMP_FILE": str(self._file),
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
            "FAKETIME_NO_CACHE": "1",
            "NO_FAKE_STAT": "1",  # what is noted as the time of a file is no affair of the clock
        }

    def set_ahead(self, seconds: float) -> None:
        """Set it to so many seconds after the true time, or before it."""
        self._ahead_s = seconds
        new = self._file.with_suffix(".new")
        new.write_text(f"{seconds:+.3f}", encoding="ascii")
        new.replace(self._file)

    @contextmanager
    def wrong_by(self, seconds: float) -> Iterator[None]:
        """It is wrong, until the block ends."""
        self.set_ahead(seconds)
        try:
            yield
        finally:
            self.set_ahead(0)
