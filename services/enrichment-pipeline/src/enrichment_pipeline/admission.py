"""How many events may be inside the pipeline at once; what is over is refused before any work is done on it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from ha_ingestor_core.errors import BackpressureError

_RETRY_AFTER_S = 1.0


class Admission:
    """Counts the events between their delivery and their end."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.depth = 0

    @contextmanager
    def admit(self, events: int) -> Iterator[None]:
        """Hold room for a batch; raises BackpressureError. An empty pipeline takes a batch of any size."""
        if self.depth and self.depth + events > self.limit:
            raise BackpressureError(
                f"{self.depth} events wait for the store already; at most {self.limit} may",
                retry_after_s=_RETRY_AFTER_S,
                queue_depth=self.depth,
                queue_limit=self.limit,
            )
        self.depth += events
        try:
            yield
        finally:
            self.depth -= events
