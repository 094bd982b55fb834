"""Ends a process whose event loop no longer runs, so that Docker, systemd or Kubernetes starts it again."""

from __future__ import annotations

import asyncio
import faulthandler
from contextlib import suppress

from ha_ingestor_core.tasks import supervised

_SHARE = 0.1
"""Of the limit: how often the end is put off."""


class Watchdog:
    """Writes the stack of every thread to stderr and exits with 1 when the loop did nothing for `limit_s`; 0: never.

    The timer is a thread of C code, which needs neither the loop nor the interpreter's lock.
    """

    def __init__(self, limit_s: float) -> None:
        self._limit_s = limit_s
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Watch from now on."""
        if self._limit_s > 0:
            self._task = supervised(self._put_off, name="watchdog")

    async def stop(self) -> None:
        """Watch no longer."""
        if self._task is None:
            return
        self._task.cancel()
        with suppress(asyncio.CancelledError):
            await self._task
        faulthandler.cancel_dump_traceback_later()

    async def _put_off(self) -> None:
        while True:
            faulthandler.dump_traceback_later(self._limit_s, exit=True)
            await asyncio.sleep(self._limit_s * _SHARE)
