"""Exits if the event loop is blocked, so that Docker, systemd or Kubernetes restarts the process."""

from __future__ import annotations

import asyncio
import faulthandler
from contextlib import suppress

from ha_ingestor_core.tasks import supervised

_SHARE = 0.1
"""The interval of resetting the timer, as a share of the limit."""


class Watchdog:
    """Writes the stacks of all threads to stderr and exits with 1 if the loop is blocked for `limit_s`; 0 disables it.

    The timer is a C thread, which needs neither the loop nor the global interpreter lock.
    """

    def __init__(self, limit_s: float) -> None:
        self._limit_s = limit_s
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Start watching."""
        if self._limit_s > 0:
            self._task = supervised(self._reset_timer, name="watchdog")

    async def stop(self) -> None:
        """Stop watching."""
        if self._task is None:
            return
        self._task.cancel()
        with suppress(asyncio.CancelledError):
            await self._task
        faulthandler.cancel_dump_traceback_later()

    async def _reset_timer(self) -> None:
        while True:
            faulthandler.dump_traceback_later(self._limit_s, exit=True)
            await asyncio.sleep(self._limit_s * _SHARE)
