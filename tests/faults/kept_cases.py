"""Runs that once found an error; they are repeated in every test run.

Each takes half a minute of `make test`, so an error that a unit test can cover is covered there instead. Errors found
so far, all covered by unit tests of websocket-ingestion, or of libs/core if named:

- influxdb-1-apart, 3: a loss on a full disk was reported and counted again when the segment was read.
- influxdb-1, 41: after the clock was set back, several starts reported earlier counts with the same time, so only the
  last report was kept (libs/core).
- embedded, 1003: a read at the end of the spool moved the position back behind events delivered from memory: duplicate
  deliveries, a negative depth, and gaps were no longer filled.
- embedded-apart, 1002: a kill within the first second after the first start left no gap.
- influxdb-1, 1001 and 1003: a failing request swallowed a cancellation, so a stop never completed (libs/core).
- embedded, 51: the history of an entity renamed before its gap was filled was requested by its old id.
- embedded, 7002: a missed rename was dated by a checkpoint from before the home's clock was set back.
- embedded, 1, on a busy machine: a start took longer than ten seconds while the home's clock was set back and the
  ingestor's clock was wrong, so the gap was shorter than the outage, and events without history were lost outside of
  any gap.
- influxdb-1-apart, 2001: a missed rename shortly after a reported one began at the id before both.
"""

from __future__ import annotations

from tests.faults.torture import Run

KEPT: tuple[Run, ...] = ()
