"""Times at which the home had no subscriber: events may then be missed, and must be recovered from its history."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

_LOOK_S = 0.01
BEFORE_S = 2.0
"""Events sent within this time before the end of a connection may not be durable, so not received."""
AFTER_S = 0.5


class Absences:
    """Spans of monotonic time without a subscriber."""

    def __init__(self) -> None:
        self._stretches: list[tuple[float, float]] = []
        self._away_since: float | None = None
        self._task: asyncio.Task[None] | None = None

    def watch(self, is_reachable: Callable[[], bool]) -> None:
        """Record the times without a subscriber until `stop`."""
        self._away_since = time.monotonic()
        self._task = asyncio.create_task(self._watch(is_reachable), name="absences")

    async def stop(self) -> None:
        """Stop recording."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait({self._task})
        self._task = None

    def add(self, begin: float, end: float) -> None:
        """Record a span."""
        self._stretches.append((begin - BEFORE_S, end + AFTER_S))

    def covers(self, moment: float) -> bool:
        """Return whether the home may have had no subscriber at that time."""
        if self._away_since is not None and moment >= self._away_since - BEFORE_S:
            return True
        return any(begin <= moment <= end for begin, end in self._stretches)

    async def _watch(self, is_reachable: Callable[[], bool]) -> None:
        while True:
            if is_reachable():
                if self._away_since is not None:
                    self.add(self._away_since, time.monotonic())
                    self._away_since = None
            elif self._away_since is None:
                self._away_since = time.monotonic()
            await asyncio.sleep(_LOOK_S)
