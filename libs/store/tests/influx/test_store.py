"""The store on InfluxDB: when it connects, to what, and what it leaves alone."""

from __future__ import annotations

import asyncio

import pytest
import structlog
from aiohttp import web
from ha_ingestor_core.errors import StoreRefusedError, StoreUnavailableError
from ha_ingestor_store.influx.settings import InfluxSettings
from ha_ingestor_store.influx.store import InfluxStore
from ha_ingestor_store.store import Source

from libs.store.tests.influx.conftest import ScriptedInfluxDb


def store_on(influxdb: ScriptedInfluxDb, *, version: str = "v2.7.12", writes_events: bool = True) -> InfluxStore:
    """A store on an InfluxDB that has neither buckets nor an organisation, and answers every question with nothing."""

    def answer(request: web.Request, _: bytes) -> web.StreamResponse:
        if request.path == "/query":
            return web.json_response({"results": [{"statement_id": 0}]})
        if request.path == "/ping":
            return web.Response(status=204, headers={"X-Influxdb-Version": version})
        return web.json_response({"message": "the token may not create buckets"}, status=403)

    influxdb.answer = answer
    return InfluxStore(InfluxSettings(url=influxdb.url), writes_events=writes_events)


def asked(influxdb: ScriptedInfluxDb, path: str) -> int:
    return sum(request.path == path for request, _ in influxdb.requests)


def rolls_up() -> bool:
    return any(task.get_name() == "rollups" for task in asyncio.all_tasks())


async def test_nothing_is_asked_before_the_first_call(influxdb: ScriptedInfluxDb) -> None:
    store = store_on(influxdb)
    assert store.capabilities.source is Source.INFLUXDB
    await store.close()
    assert influxdb.requests == []


async def test_the_version_is_found_out_once_however_many_ask(influxdb: ScriptedInfluxDb) -> None:
    store = store_on(influxdb)
    await asyncio.gather(*(store.reader.ping() for _ in range(5)))
    assert asked(influxdb, "/ping") == 1
    assert store.version == "2.7.12"
    await store.close()


async def test_a_version_that_is_not_supported_is_named(influxdb: ScriptedInfluxDb) -> None:
    store = store_on(influxdb, version="9.6.0")
    with pytest.raises(StoreRefusedError, match=r"is InfluxDB 9\.6\.0, which this release does not support\. Use "):
        await store.reader.ping()
    await store.close()


async def test_a_server_that_was_away_is_found_at_the_next_call(influxdb: ScriptedInfluxDb) -> None:
    store = store_on(influxdb)
    found = influxdb.answer
    influxdb.answer = lambda *_: web.Response(status=503)
    with pytest.raises(StoreUnavailableError):
        await store.reader.ping()
    influxdb.answer = found
    await store.reader.ping()
    await store.close()


async def test_buckets_that_cannot_be_created_are_a_warning(influxdb: ScriptedInfluxDb) -> None:
    store = store_on(influxdb)
    with structlog.testing.capture_logs() as logs:
        await store.reader.ping()
    assert logs[0]["event"] == "influxdb_not_prepared"
    assert "the token may not create buckets" in logs[0]["error"]
    await store.close()


async def test_a_reader_prepares_nothing_and_rolls_nothing_up(influxdb: ScriptedInfluxDb) -> None:
    store = store_on(influxdb, writes_events=False)
    await store.reader.ping()
    assert asked(influxdb, "/api/v2/buckets") == 0
    assert not rolls_up()
    await store.close()


async def test_the_writer_rolls_up_until_it_is_closed(influxdb: ScriptedInfluxDb) -> None:
    store = store_on(influxdb)
    await store.reader.ping()
    assert rolls_up()
    await store.close()
    assert not rolls_up()


async def test_a_closed_store_stays_closed(influxdb: ScriptedInfluxDb) -> None:
    store = store_on(influxdb)
    await store.reader.ping()
    await store.close()
    with pytest.raises(StoreRefusedError, match="is closed"):
        await store.reader.ping()
