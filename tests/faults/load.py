"""The load: events of all shapes, each with a number."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from random import Random

from ha_ingestor_store.points import key_digits

from tests.faults.home import ScriptedHome

ENTITIES = 40
USUAL_RATE = 150
"""Events per second between two bursts."""
_TICK_S = 0.05
_SHAPES = {
    "number": 60,
    "attribute": 10,
    "hostile": 8,
    "event": 12,
    "removal": 2,
    "twins": 2,
    "odd": 2,
    "hidden": 2,
    "name": 1,
}
_HOSTILE = (
    "a,b=c d",
    'say "it"',
    "back\\",
    "zwei\nZeilen",
    "💡 äöü",
    "NaN",
    "1_000",
    "",
    "tab\there",
    "$5 ${x}",
    "%0A",
)
_ODD = (
    '{"event_type":"state_changed","data":{"entity_id":"sensor.odd","new_state":{"state":"%d"}},'
    '"time_fired":"2026-01-01T00:00:00+00:00"}',
    '{"event_type":"torture_odd","data":{"n":%d},"time_fired":"yesterday"}',
    '{"data":{"n":%d}}',
)


class Load:
    """Produces events from `start` to `stop`."""

    def __init__(self, home: ScriptedHome, rng: Random) -> None:
        self._home = home
        self._rng = rng
        self._number = 0
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Start."""
        self._task = asyncio.create_task(self._run(), name="load")

    async def stop(self) -> None:
        """Stop; raises errors of the load."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait({self._task})
            if not self._task.cancelled():
                self._task.result()

    @asynccontextmanager
    async def paused(self) -> AsyncIterator[None]:
        """Produce no events inside the block."""
        await self.stop()
        try:
            yield
        finally:
            await self.start()

    def burst(self, events: int) -> None:
        """Produce a number of events at once."""
        for _ in range(events):
            self._something_happens()

    async def _run(self) -> None:
        while True:
            self.burst(self._rng.randint(0, round(2 * USUAL_RATE * _TICK_S)))
            await asyncio.sleep(_TICK_S)

    def _something_happens(self) -> None:
        self._number += 1
        n, rng, home = self._number, self._rng, self._home
        entity_id = f"sensor.s{rng.randrange(ENTITIES)}"
        match rng.choices(list(_SHAPES), list(_SHAPES.values())):
            case ["number"]:
                home.set_state(entity_id, str(n), {"n": n, "unit_of_measurement": "W", "friendly_name": f"Nr. {n % 7}"})
            case ["attribute"]:
                known = home.house.get_state(entity_id)
                home.set_state(entity_id, known.state if known else str(n), {"n": n, "list": [n, None, {"a": "b"}]})
            case ["hostile"]:
                text = rng.choice(_HOSTILE)
                attributes = {"n": n, text or "empty": text, "long": "x" * 3000}
                home.set_state(f"text.t{n % 5}", f"{n}{text}", attributes)
            case ["event"]:
                data = {"n": n, "entity_id": entity_id if n % 2 else None, "text": rng.choice(_HOSTILE)}
                home.house.fire("torture", data)
            case ["removal"]:
                home.house.remove_state(entity_id)
            case ["hidden"]:
                home.set_state(f"sensor.hidden{n % 3}", str(n), {})
            case ["name"]:
                home.set_state(home.renamed_id, str(n), {})
            case ["twins"]:
                self._twins(entity_id, n)
            case _:
                home.send_odd(rng.choice(_ODD) % n)

    def _twins(self, entity_id: str, n: int) -> None:
        """Two changes of one entity in one microsecond, whose keys differ only by their states."""
        first, second = str(n), f"{n}.5"
        if key_digits(first.encode()) == key_digits(second.encode()):
            return
        now_ns = self._home.clock.now_ns()
        for state in (first, second):
            self._home.house.set_state(entity_id, state, {"n": n}, time_ns=now_ns)
