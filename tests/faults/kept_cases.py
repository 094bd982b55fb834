"""Runs that once went wrong, each with what it found; they are run again for ever."""

from __future__ import annotations

from tests.faults.torture import Run

KEPT: tuple[Run, ...] = ()
