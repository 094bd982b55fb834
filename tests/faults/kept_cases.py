"""Runs that once went wrong, each with what it found; they are run again for ever.

Every run costs half a minute of each `make test`: what a unit test at its place can hold belongs there instead.
Found so far, and held there: influxdb-1-apart, seed 3: a loss on a full disk was told, and counted, again when the file
was read (websocket-ingestion, tests/spool/test_folder.py).
"""

from __future__ import annotations

from tests.faults.torture import Run

KEPT: tuple[Run, ...] = ()
