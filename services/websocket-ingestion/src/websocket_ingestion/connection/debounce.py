"""Runs an action once for several triggers within a short time."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable


class Debounced:
    """An action that runs some time after the first `trigger`; triggers before it runs belong to the same run."""

    def __init__(self, action: Callable[[], Awaitable[object]], delay_s: float) -> None:
        self._action = action
        self._delay_s = delay_s
        self._triggered = asyncio.Event()

    def trigger(self) -> None:
        """Request a run."""
        self._triggered.set()

    async def run(self) -> None:
        """Run the action after each trigger, until cancelled or until the action raises."""
        while True:
            await self._triggered.wait()
            await asyncio.sleep(self._delay_s)
            self._triggered.clear()
            await self._action()
