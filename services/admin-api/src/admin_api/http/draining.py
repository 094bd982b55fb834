"""Draining: before it stops, an instance reports not ready and still serves requests until load balancers notice."""

from __future__ import annotations

from asyncio import sleep

import structlog

_log = structlog.get_logger()


class Draining:
    """Whether this instance is draining, and for how many seconds; 0: it stops immediately."""

    def __init__(self, lasts_s: float) -> None:
        self.lasts_s = lasts_s
        self.has_begun = False

    def begin(self) -> None:
        """Start draining: the readiness check fails from now on."""
        self.has_begun = True
        _log.info("draining", seconds=self.lasts_s)

    async def wait(self) -> None:
        """Wait until the time for draining is over."""
        await sleep(self.lasts_s)
