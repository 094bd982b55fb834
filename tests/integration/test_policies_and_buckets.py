"""Changes by an administrator: another default retention policy on 1.x, and a bucket that was not prepared."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp
import pytest
from admin_api.influxdb_client import AdminAPIInfluxDBClient
from ha_ingestor_core.clock import SystemClock
from ha_ingestor_core.events import STATE_CHANGED
from ha_ingestor_store.checkup import Status
from ha_ingestor_store.influx.checkup import check_influxdb
from ha_ingestor_store.influx.settings import InfluxSettings
from ha_ingestor_store.influx.store import InfluxStore
from ha_ingestor_store.points import EventPoint
from ha_ingestor_store.questions import RecentEvents, SilentEntities
from ha_ingestor_store.settings import StoreSettings
from ha_ingestor_store.time_range import HOUR_NS, TimeRange

from tests.influxdb import InfluxDb1, a_database, dropped_afterwards, query_1

pytestmark = pytest.mark.influxdb


def events(count: int) -> list[EventPoint]:
    """State changes of the last minutes, newest last."""
    now_ns = time.time_ns()
    return [
        EventPoint("home", STATE_CHANGED, now_ns - (count - n) * 1_000_000_000, "sensor", "sensor.a", state=str(n))
        for n in range(count)
    ]


@asynccontextmanager
async def opened(settings: InfluxSettings, *, writes_events: bool) -> AsyncIterator[InfluxStore]:
    store = InfluxStore(settings, writes_events=writes_events, rolls_up=False)
    try:
        yield store
    finally:
        await store.close()


def recent() -> TimeRange:
    now_ns = time.time_ns()
    return TimeRange(now_ns - HOUR_NS, now_ns + HOUR_NS)


async def count(store: InfluxStore) -> tuple[int, int]:
    """Return the number of events by a statistic, and by listing them."""
    listed = await store.reader.recent_events(RecentEvents(recent(), limit=1_000))
    return (await store.reader.event_count(recent())).total, len(listed.events)


@pytest.mark.parametrize("is_ours", [True, False])
async def test_another_default_policy_hides_no_history(influxdb_1: InfluxDb1, is_ours: bool) -> None:
    async with dropped_afterwards(a_database(influxdb_1.url)) as settings:
        if not is_ours:
            query_1(influxdb_1.url, "", f'CREATE DATABASE "{settings.database}"')
        batch = events(25)
        async with opened(settings, writes_events=True) as before, opened(settings, writes_events=False) as reader:
            await before.writer.write_events(batch[:20])
            assert await count(reader) == (20, 20)
            query_1(
                influxdb_1.url,
                "",
                f'CREATE RETENTION POLICY "other" ON "{settings.database}" DURATION 1h REPLICATION 1 DEFAULT',
            )
            await before.writer.write_events(batch[20:23])
            assert await count(reader) == (23, 23)
        async with opened(settings, writes_events=True) as restarted:
            assert (await restarted.writer.write_events(batch)).written == 2
            assert await count(restarted) == (25, 25)
            assert await restarted.writer.kept_from_ns() is None, "the other policy's hour is not ours"
        found = [each async for each in check_influxdb(settings, clock=SystemClock(), create=True)]
        (kept,) = [each for each in found if each.name == "events kept"]
        assert "though the default one is other" in kept.message
        assert not [each for each in found if each.status is Status.PROBLEM]


async def test_a_bucket_without_rollups_is_read_raw(influxdb: InfluxSettings) -> None:
    async with opened(influxdb, writes_events=True) as pipeline:
        await pipeline.writer.write_events(events(7))
    await _drop_rollups(influxdb)
    async with opened(influxdb, writes_events=False) as reader:
        assert await count(reader) == (7, 7)
        assert (await reader.reader.event_statistics(recent())).by_domain == {"sensor": 7}
        assert sum(point.count for point in await reader.reader.event_trend(recent(), HOUR_NS)) == 7
        assert [each.entity_id for each in await reader.reader.busiest_entities(recent())] == ["sensor.a"]
        assert await reader.reader.service_statistics(recent()) == []
        await reader.reader.silent_entities(SilentEntities(time.time_ns(), time.time_ns() - HOUR_NS))
    client = AdminAPIInfluxDBClient(
        StoreSettings(  # type: ignore[call-arg]
            influxdb_url=influxdb.url,
            influxdb_token=influxdb.token,  # type: ignore[arg-type]
            influxdb_org=influxdb.org,
            influxdb_bucket=influxdb.bucket,
        )
    )
    try:
        assert await client.connect()
        assert (await client.get_event_statistics("1h"))["total_events"] == 7
    finally:
        await client.close()


async def _drop_rollups(settings: InfluxSettings) -> None:
    if not settings.token:
        query_1(settings.url, "", f'DROP RETENTION POLICY "{settings.rollups_policy}" ON "{settings.database}"')
        return
    headers = {"Authorization": f"Token {settings.token}"}
    asked = f"{settings.url}/api/v2/buckets?org={settings.org}&name={settings.rollups_bucket}"
    async with aiohttp.ClientSession(headers=headers) as http:
        async with http.get(asked) as answer:
            (bucket,) = (await answer.json())["buckets"]
        async with http.delete(f"{settings.url}/api/v2/buckets/{bucket['id']}"):
            pass
