"""The drain of an instance: not ready any more, but answering, until the proxies before it have noticed."""

from __future__ import annotations

from asyncio import sleep

import structlog

_log = structlog.get_logger()


class Draining:
    """Whether this instance is about to stop, and for how many seconds it answers until then; 0: it stops at once."""

    def __init__(self, lasts_s: float) -> None:
        self.lasts_s = lasts_s
        self.has_begun = False

    def begin(self) -> None:
        """Be ready no more."""
        self.has_begun = True
        _log.info("draining", seconds=self.lasts_s)

    async def wait(self) -> None:
        """Return when the time is over."""
        await sleep(self.lasts_s)
