"""InfluxDB is killed and started again under load: nothing is missing, nothing doubled, and the rollups are exact."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from ha_ingestor_core.clock import NS_PER_S, FakeClock
from ha_ingestor_core.errors import StoreUnavailableError
from ha_ingestor_core.events import STATE_CHANGED
from ha_ingestor_store.answers import WriteResult
from ha_ingestor_store.influx.schema import SECOND_NS
from ha_ingestor_store.influx.settings import InfluxSettings
from ha_ingestor_store.influx.store import InfluxStore
from ha_ingestor_store.points import EventPoint
from ha_ingestor_store.questions import RecentEvents
from ha_ingestor_store.time_range import DAY_NS, HOUR_NS, MINUTE_NS, TimeRange

from tests.influxdb import InfluxDb, InfluxDb1, InfluxDb2, a_database, require_influxdb

pytestmark = pytest.mark.influxdb

BATCHES, PER_BATCH = 60, 50
BATCH_NS = 20 * NS_PER_S  # so that a minute is rolled up every third batch


@pytest.fixture(params=["1", *(["2"] if os.environ.get("TEST_INFLUXD") else [])])
def server(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[InfluxDb]:
    """A server that may be killed."""
    if request.param == "1":
        require_influxdb()
    server = InfluxDb1(tmp_path) if request.param == "1" else InfluxDb2(tmp_path)
    server.start()
    yield server
    server.kill()


def batch(number: int, start_ns: int) -> list[EventPoint]:
    """Numbered events of a few entities; every tenth batch repeats what is ten minutes old, late."""
    at_ns = start_ns + number * BATCH_NS - (10 * MINUTE_NS if number % 10 == 9 else 0)
    return [
        EventPoint(
            home="home",
            event_type=STATE_CHANGED,
            time_ns=at_ns + n * 1_000_000 + number,
            domain="sensor",
            entity_id=f"sensor.s{n % 7}",
            state=f"{number}-{n}",
        )
        for n in range(PER_BATCH)
    ]


async def written(store: InfluxStore, points: list[EventPoint], clock: FakeClock) -> WriteResult:
    """Repeat a batch until it is acknowledged, as the capture does; time passes meanwhile."""
    while True:
        try:
            return await store.writer.write_events(points)
        except StoreUnavailableError:
            await asyncio.sleep(0.05)
            clock.advance(0.05)


async def keep_rolling(store: InfluxStore) -> None:
    """Roll up all the time, whatever happens."""
    while True:
        try:
            await store.administrator.roll_up()
        except StoreUnavailableError:
            await asyncio.sleep(0.05)
        await asyncio.sleep(0.01)


async def test_a_killed_server_loses_doubles_and_miscounts_nothing(server: InfluxDb) -> None:
    clock = FakeClock()
    start_ns = clock.now_ns()
    settings = a_database(server.url, token=server.token)
    store = opened(settings, clock)
    rolling = asyncio.create_task(keep_rolling(store))
    totals = WriteResult()
    expected: list[EventPoint] = []
    for number in range(BATCHES):
        points = batch(number, start_ns)
        if number in (20, 40):
            killing = asyncio.create_task(killed_and_started(server))
            result = await written(store, points, clock)
            await killing
        else:
            result = await written(store, points, clock)
        expected += points
        totals = WriteResult(totals.written + result.written, totals.duplicates + result.duplicates)
        clock.advance(BATCH_NS / NS_PER_S)
        if number == 30:  # the ingestor itself dies as well: nothing of it is left but what is in the store
            rolling.cancel()
            await asyncio.gather(rolling, return_exceptions=True)
            await store.close()
            store = opened(settings, clock)
            rolling = asyncio.create_task(keep_rolling(store))
    assert totals == WriteResult(len(expected))

    rolling.cancel()
    await asyncio.gather(rolling, return_exceptions=True)
    for seconds in (3600, *[20] * 7):  # what was cut off on its way keeps its windows open for a while
        clock.advance(seconds)
        await store.administrator.roll_up()
    progress = await (await store.connect()).reader.progress()
    assert {grain: windows.open for grain, windows in progress.events.items() if grain != SECOND_NS} == {
        MINUTE_NS: (),
        HOUR_NS: (),
        DAY_NS: (),
    }
    whole = TimeRange(start_ns - 3600 * NS_PER_S, clock.now_ns())
    found = (await store.reader.recent_events(RecentEvents(whole, limit=10_000))).events
    assert sorted((p.time_ns, p.state or "") for p in found) == sorted((p.time_ns, p.state or "") for p in expected)
    assert (await store.reader.event_statistics(whole)).total == len(expected)
    assert sum(point.count for point in await store.reader.event_trend(whole, MINUTE_NS)) == len(expected)
    assert sum(entity.count for entity in await store.reader.busiest_entities(whole, 100)) == len(expected)
    await store.close()


def opened(settings: InfluxSettings, clock: FakeClock) -> InfluxStore:
    """The store of an enrichment-pipeline."""
    return InfluxStore(settings, writes_events=True, instance="pipeline", clock=clock, report_wait_s=0, rolls_up=False)


async def killed_and_started(server: InfluxDb) -> None:
    """Kill the server at some moment of a write, and start it again."""
    await asyncio.sleep(0.002)
    server.kill()
    await asyncio.sleep(0.1)
    await asyncio.to_thread(server.start)
