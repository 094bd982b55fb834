"""What writes events and rollups during one term; the next begins with nothing remembered."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from typing import Generic, NamedTuple, TypeVar

import structlog
from ha_ingestor_core.errors import IngestorError
from ha_ingestor_core.tasks import supervised

from ha_ingestor_store.influx.rollups.kept_progress import RENEWED_AFTER_S, inherited
from ha_ingestor_store.influx.rollups.lease import Lease, Term
from ha_ingestor_store.influx.rollups.rollups import Rollups

CYCLE_S = 1.0

_log = structlog.get_logger()

E = TypeVar("E")


class Tenure(NamedTuple, Generic[E]):
    """The parts of one term; `events` writes them."""

    term: Term
    rollups: Rollups
    events: E


class Tenures(Generic[E]):
    """The tenures of one process, one after the other; between them another process may have the lease."""

    def __init__(self, lease: Lease, begin: Callable[[Term], Tenure[E]]) -> None:
        self._lease = lease
        self._begin = begin
        self._tenure: Tenure[E] | None = None
        self._taking = asyncio.Lock()
        self._tasks: list[asyncio.Task[None]] = []
        self._takes_by_itself = False

    async def current(self) -> Tenure[E]:
        """Return the tenure of now; raises StoreUnavailableError while another process has the lease."""
        tenure = self._tenure
        if tenure is None or not tenure.term.is_held:
            async with self._taking:
                if self._tenure is None or not self._tenure.term.is_held:
                    self._tenure = None
                    self._tenure = self._begin(await self._lease.take(inherited))
                    _log.info("writing_lease_taken", term=self._tenure.term.number)
                tenure = self._tenure
        return tenure

    def start(self, *, rolls_up: bool) -> None:
        """Extend each term in the background, and roll up where that is wanted."""
        self._takes_by_itself = rolls_up
        renewing = _repeated(self._renew, lambda: RENEWED_AFTER_S, "lease")
        self._tasks.append(supervised(renewing, name="writing lease"))
        if rolls_up:
            self._tasks.append(supervised(_repeated(self._roll_up, self._pause_s, "rollups"), name="rollups"))

    async def stop(self) -> None:
        """End the term, so that a successor goes on at once."""
        tasks, self._tasks = self._tasks, []
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        tenure, self._tenure = self._tenure, None
        if tenure is not None and tenure.term.is_held:
            try:
                await tenure.rollups.release()
            except IngestorError as err:
                _log.warning("writing_lease_not_released", error=err.message)

    async def _renew(self) -> None:
        if self._takes_by_itself:
            await (await self.current()).rollups.renew()
        elif self._tenure is not None and self._tenure.term.is_held:
            await self._tenure.rollups.renew()

    def _pause_s(self) -> float:
        return CYCLE_S if self._tenure is None else self._tenure.rollups.next_in_s

    async def _roll_up(self) -> None:
        await (await self.current()).rollups.roll_up()


def _repeated(
    work: Callable[[], Awaitable[None]], pause_s: Callable[[], float], name: str
) -> Callable[[], Coroutine[None, None, None]]:
    """Loud once: questions read raw points meanwhile, which is slower and as right."""

    async def run() -> None:
        is_failing = False
        while True:
            await asyncio.sleep(pause_s())
            try:
                await work()
            except Exception as err:
                if not is_failing and isinstance(err, IngestorError):
                    _log.warning(f"{name}_waits", key=err.key, error=err.message)
                elif not is_failing:
                    _log.exception(f"{name}_failed_unexpectedly")
                is_failing = True
            else:
                if is_failing:
                    _log.info(f"{name}_resumed")
                is_failing = False

    return run
