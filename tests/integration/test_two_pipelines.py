"""Two pipelines on one InfluxDB: one writes at a time, the other takes over, and every event is counted once."""

from __future__ import annotations

import asyncio
import time

import pytest
from ha_ingestor_core.errors import StoreUnavailableError
from ha_ingestor_core.events import STATE_CHANGED
from ha_ingestor_store.answers import WriteResult
from ha_ingestor_store.influx.settings import InfluxSettings
from ha_ingestor_store.influx.store import InfluxStore
from ha_ingestor_store.points import EventPoint
from ha_ingestor_store.time_range import HOUR_NS, TimeRange


def batch(number: int) -> list[EventPoint]:
    """Ten events of now and one that is half an hour late."""
    now_ns = time.time_ns()
    times = [now_ns + n for n in range(10)] + [now_ns - HOUR_NS // 2]
    return [
        EventPoint("home", STATE_CHANGED, at, "sensor", f"sensor.s{n}", state=str(number)) for n, at in enumerate(times)
    ]


async def written(stores: list[InfluxStore], points: list[EventPoint]) -> WriteResult:
    """Offer a batch to one pipeline after the other until it is acknowledged, as a capture behind a service does."""
    async with asyncio.timeout(20):
        while True:
            for store in stores:
                try:
                    return await store.writer.write_events(points)
                except StoreUnavailableError:
                    await asyncio.sleep(0.02)


async def test_the_second_waits_and_goes_on_when_the_first_is_stopped(influxdb: InfluxSettings) -> None:
    first, second, third = (InfluxStore(influxdb, writes_events=True, instance=name) for name in ("a", "b", "c"))
    await first.writer.write_events(batch(0))
    with pytest.raises(StoreUnavailableError, match="a writes the events of this InfluxDB"):
        await second.writer.write_events(batch(1))
    expected = 11
    for number in range(1, 7):
        if number == 3:
            await first.close()
        if number == 5:
            await second.close()
        stores = [store for store, until in ((first, 3), (second, 5), (third, 9)) if number < until]
        points = batch(number)
        first_result, again = [await written(stores, points) for _ in range(2)]
        assert (first_result.written, again.written) == (11, 0)
        expected += 11
        await asyncio.gather(*(rolled_up(store) for store in stores))
    now_ns = time.time_ns()
    whole = TimeRange(now_ns - 2 * HOUR_NS, now_ns)
    for _ in range(2):
        assert (await third.reader.event_count(whole)).total == expected
        assert (await third.reader.event_statistics(whole)).total == expected
        await third.administrator.roll_up()
    await third.close()


async def rolled_up(store: InfluxStore) -> None:
    try:
        await store.administrator.roll_up()
    except StoreUnavailableError:  # another process has the lease
        return
