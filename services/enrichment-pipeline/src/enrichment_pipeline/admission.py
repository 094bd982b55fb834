"""Limits the number of events in flight; batches beyond the limit are refused before they are processed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from ha_ingestor_core.errors import BackpressureError

_RETRY_AFTER_S = 1.0


class Admission:
    """Counts the events between their delivery and their outcome."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.depth = 0

    @contextmanager
    def admit(self, events: int) -> Iterator[None]:
        """Count a batch as in flight; raises BackpressureError. An empty pipeline accepts a batch of any size."""
        if self.depth and self.depth + events > self.limit:
            raise BackpressureError(
                f"{self.depth} events are waiting for the store; the limit is {self.limit} (WRITE_QUEUE_LIMIT)",
                retry_after_s=_RETRY_AFTER_S,
                queue_depth=self.depth,
                queue_limit=self.limit,
            )
        self.depth += events
        try:
            yield
        finally:
            self.depth -= events
