"""Doing something once after a flurry of reasons to do it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable


class Debounced:
    """An action that runs a while after the first `trigger`; further triggers meanwhile are part of the same run."""

    def __init__(self, action: Callable[[], Awaitable[object]], delay_s: float) -> None:
        self._action = action
        self._delay_s = delay_s
        self._triggered = asyncio.Event()

    def trigger(self) -> None:
        """Ask for a run."""
        self._triggered.set()

    async def run(self) -> None:
        """Do the work, until cancelled or until the action raises."""
        while True:
            await self._triggered.wait()
            await asyncio.sleep(self._delay_s)
            self._triggered.clear()
            await self._action()
