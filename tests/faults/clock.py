"""The clock of the machine of the ingestor, which can be changed: libfaketime presents it to its processes."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest


def faketime_library() -> Path | None:
    """Return the path of Debian's libfaketime; None if it is not installed."""
    return next(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"), None)


def require_faketime() -> None:
    """Skip the test with a message if libfaketime is missing; with CI=true fail."""
    if faketime_library() is not None:
        return
    reason = "libfaketime is missing: sudo apt-get install libfaketime (scripts/install-test-parts.sh does)"
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)


class MachineClock:
    """Correct at first. Only the time of day is changed: asyncio uses the monotonic clock, which is not affected."""

    def __init__(self, folder: Path) -> None:
        self.library = faketime_library()
        self._file = folder / "clock"
        self._ahead_s = 0.0
        self.set_ahead(0)

    @property
    def variables(self) -> dict[str, str]:
        """Return the environment of a process that uses this clock; empty without the library."""
        if self.library is None:
            return {}
        return {
            "LD_PRELOAD": str(self.library),
            "FAKETIME_TIMESTAMP_FILE": str(self._file),
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
            "FAKETIME_NO_CACHE": "1",
            "NO_FAKE_STAT": "1",  # times of files are not changed
        }

    def set_ahead(self, seconds: float) -> None:
        """Set the clock to a number of seconds after (or before) the true time."""
        self._ahead_s = seconds
        new = self._file.with_suffix(".new")
        new.write_text(f"{seconds:+.3f}", encoding="ascii")
        new.replace(self._file)

    @contextmanager
    def wrong_by(self, seconds: float) -> Iterator[None]:
        """Set a wrong time until the block ends."""
        self.set_ahead(seconds)
        try:
            yield
        finally:
            self.set_ahead(0)
