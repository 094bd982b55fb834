"""Unusual names of buckets, databases and organisations, on real servers."""

from __future__ import annotations

import uuid

import aiohttp
import msgspec
import pytest
from ha_ingestor_core.clock import FakeClock, SystemClock
from ha_ingestor_store.checkup import Status
from ha_ingestor_store.influx.checkup import check_influxdb
from ha_ingestor_store.influx.settings import InfluxSettings
from ha_ingestor_store.influx.store import InfluxStore
from ha_ingestor_store.points import EventPoint
from ha_ingestor_store.questions import RecentEvents
from ha_ingestor_store.settings import StoreSettings
from ha_ingestor_store.time_range import DAY_NS, TimeRange

from tests.influxdb import dropped_afterwards

pytestmark = pytest.mark.influxdb

NOW = 20_780 * DAY_NS
EVER = TimeRange(NOW - DAY_NS, NOW + DAY_NS)


@pytest.mark.parametrize("name", ["my home {}", "home{}/of ours", "Zuhause ä {}", "a.b-c_{}"])
async def test_events_are_kept_under_a_name_that_people_give(influxdb: InfluxSettings, name: str) -> None:
    bucket = name.format(uuid.uuid4().hex[:8])
    found = StoreSettings.model_validate({"INFLUXDB_BUCKET": bucket})
    assert found.influxdb_bucket == bucket
    async with dropped_afterwards(msgspec.structs.replace(influxdb, bucket=bucket)) as settings:
        store = InfluxStore(settings, writes_events=True, clock=FakeClock(NOW), rolls_up=True)
        try:
            events = [EventPoint("home", "state_changed", NOW - n, entity_id="sensor.a", state=str(n)) for n in (1, 2)]
            await store.writer.write_events(events)
            assert [
                event.state for event in (await store.reader.recent_events(RecentEvents(EVER, limit=5))).events
            ] == [
                "1",
                "2",
            ]
            assert (await store.reader.event_count(EVER)).total == 2
        finally:
            await store.close()
        findings = [each async for each in check_influxdb(settings, clock=SystemClock(), create=False)]
        assert [each for each in findings if each.status is Status.PROBLEM] == []


async def test_the_organisation_can_be_named_by_its_id(influxdb: InfluxSettings) -> None:
    url, headers = f"{influxdb.url}/api/v2/orgs", {"Authorization": f"Token {influxdb.token}"}
    async with aiohttp.ClientSession(headers=headers) as http, http.get(url, params={"org": influxdb.org}) as answer:
        if answer.status == 404 and not influxdb.token:
            pytest.skip("1.x has no organisations")
        org = (await answer.json())["orgs"][0]["id"]
    settings = msgspec.structs.replace(influxdb, org=org)
    findings = [each async for each in check_influxdb(settings, clock=SystemClock(), create=True)]
    assert [each for each in findings if each.status is not Status.GOOD] == []
    store = InfluxStore(settings, writes_events=True, clock=FakeClock(NOW))
    try:
        await store.writer.write_events([EventPoint("home", "state_changed", NOW - 1, entity_id="sensor.a", state="1")])
        assert (await store.reader.event_count(EVER)).total == 1
    finally:
        await store.close()


@pytest.mark.parametrize("wrong", ["_internal", 'a"b', "a\\b", "a\nb", "/policy"])
def test_what_no_server_can_name_is_a_named_problem(wrong: str) -> None:
    with pytest.raises(ValueError, match=r"pattern|String"):
        StoreSettings.model_validate({"INFLUXDB_BUCKET": wrong, "INFLUXDB_URL": "http://x"})
