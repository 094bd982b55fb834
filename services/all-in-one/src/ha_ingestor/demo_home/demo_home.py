"""The demo home: a simulated house with some hours of history, served as a Home Assistant."""

from __future__ import annotations

import asyncio
import contextlib
import secrets
from collections.abc import Mapping
from functools import partial
from random import Random

from ha_ingestor_core.clock import NS_PER_S, Clock, SystemClock
from ha_ingestor_core.tasks import supervised

from ha_ingestor.demo_home.house import House
from ha_ingestor.demo_home.plan import ROOMS, Plan
from ha_ingestor.demo_home.server import MAX_PENDING_MESSAGES, SimulatedHomeAssistant
from ha_ingestor.demo_home.simulation import Simulation

_SILENT_AFTER_S = 180
_LONGEST_SLEEP_S = 1.0  # so that changes of the clock take effect


class DemoHome:
    """A simulated house behind a simulated Home Assistant; `url` is known after `start()`."""

    def __init__(
        self,
        *,
        clock: Clock | None = None,
        seed: int | None = None,
        history_hours: float = 2.0,
        port: int = 0,
        rooms: Mapping[str, str] = ROOMS,
    ) -> None:
        self._clock = clock or SystemClock()
        self._rng = Random(seed)  # noqa: S311 - chance in a pretended house
        self._history_hours = history_hours
        self._task: asyncio.Task[None] | None = None
        now_ns = self._clock.now_ns()
        self._plan = Plan(silent_from_ns=now_ns + _SILENT_AFTER_S * NS_PER_S, rooms=rooms)
        self.token = secrets.token_urlsafe(32)
        self.house = House(clock=self._clock, rng=self._rng, registries=self._plan.registries)
        self.server = SimulatedHomeAssistant(self.house, self.token, port=port, max_pending=MAX_PENDING_MESSAGES)

    @property
    def url(self) -> str:
        """Its address, such as http://127.0.0.1:40123."""
        return self.server.url

    async def start(self) -> None:
        """Simulate the last hours, then serve and continue in real time."""
        now_ns = self._clock.now_ns()
        start_ns = now_ns - round(self._history_hours * 3600 * NS_PER_S)
        simulation = Simulation(self.house, self._plan.behaviours, start_ns=start_ns, rng=self._rng)
        simulation.run_until(now_ns)
        await self.server.start()
        self._task = supervised(partial(self._live, simulation), name="demo home")

    async def stop(self) -> None:
        """Stop the simulation and the server."""
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task
            self._task = None
        await self.server.stop()

    async def _live(self, simulation: Simulation) -> None:
        while (due_ns := simulation.next_due_ns()) is not None:
            wait_s = (due_ns - self._clock.now_ns()) / NS_PER_S
            await asyncio.sleep(min(max(wait_s, 0.0), _LONGEST_SLEEP_S))
            simulation.run_until(self._clock.now_ns())
