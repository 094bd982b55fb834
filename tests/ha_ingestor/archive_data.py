"""Events for the tests of backups."""

from __future__ import annotations

from pathlib import Path

from ha_ingestor_store.embedded.store import EmbeddedStore
from ha_ingestor_store.points import EventPoint
from ha_ingestor_store.time_range import DAY_NS, TimeRange

ALWAYS = TimeRange(0, 100 * DAY_NS)


def point(n: int) -> EventPoint:
    return EventPoint("home", "state_changed", DAY_NS + n, "sensor", f"sensor.s{n % 7}", str(n))


async def write(folder: Path, first: int, count: int) -> None:
    store = await EmbeddedStore.open(folder)
    await store.writer.write_events([point(n) for n in range(first, first + count)])
    await store.close()


async def stored(folder: Path) -> int:
    store = await EmbeddedStore.open(folder)
    total = (await store.reader.event_count(ALWAYS)).total
    await store.close()
    return total
