"""The store on InfluxDB: when it connects, to what, and what it leaves alone."""

from __future__ import annotations

import asyncio
from typing import cast

import pytest
import structlog
from aiohttp import web
from ha_ingestor_core.errors import StoreRefusedError, StoreUnavailableError
from ha_ingestor_store.influx.reading.language import Dialect, DialectCapabilities
from ha_ingestor_store.influx.server.http import Server
from ha_ingestor_store.influx.server.write_answers import V2_ANSWERS
from ha_ingestor_store.influx.settings import InfluxSettings
from ha_ingestor_store.influx.store import InfluxStore
from ha_ingestor_store.store import Source

from libs.store.tests.influx.conftest import ScriptedInfluxDb


class FakeDialect:
    """Says what was done with it."""

    capabilities = DialectCapabilities("none", V2_ANSWERS)

    def __init__(self) -> None:
        self.calls: list[str] = []
        self.prepare_fails = False
        self.exports = self
        self.administrator = self

    async def settle(self) -> None:
        pass

    def made(self, server: Server, settings: InfluxSettings) -> Dialect:
        return cast("Dialect", self)

    async def prepare(self) -> None:
        self.calls.append("prepare")
        if self.prepare_fails:
            raise StoreRefusedError("the token may not create buckets")

    async def ping(self) -> None:
        self.calls.append("ping")

    async def close(self) -> None:
        self.calls.append("close")


def store_on(
    influxdb: ScriptedInfluxDb, dialect: FakeDialect, version: str = "v2.7.12", *, writes_events: bool = True
) -> InfluxStore:
    influxdb.answer = lambda *_: web.Response(status=204, headers={"X-Influxdb-Version": version})
    return InfluxStore(InfluxSettings(url=influxdb.url), {2: dialect.made}, writes_events=writes_events)


def rolls_up() -> bool:
    return any(task.get_name() == "rollups" for task in asyncio.all_tasks())


async def test_nothing_is_asked_before_the_first_call(influxdb: ScriptedInfluxDb) -> None:
    dialect = FakeDialect()
    store = store_on(influxdb, dialect)
    assert store.capabilities.source is Source.INFLUXDB
    await store.close()
    assert influxdb.requests == []
    assert dialect.calls == []


async def test_the_version_is_found_out_once_however_many_ask(influxdb: ScriptedInfluxDb) -> None:
    dialect = FakeDialect()
    store = store_on(influxdb, dialect)
    await asyncio.gather(*(store.ping() for _ in range(5)))
    assert len(influxdb.requests) == 1
    assert dialect.calls == ["prepare", *["ping"] * 5]
    await store.close()
    assert dialect.calls[-1] == "close"


async def test_a_version_without_a_dialect_is_told(influxdb: ScriptedInfluxDb) -> None:
    store = store_on(influxdb, FakeDialect(), "3.6.0")
    with pytest.raises(StoreRefusedError, match=r"is InfluxDB 3\.6\.0; this release speaks with 2\.x"):
        await store.ping()
    await store.close()


async def test_a_server_that_was_away_is_found_at_the_next_call(influxdb: ScriptedInfluxDb) -> None:
    dialect = FakeDialect()
    store = store_on(influxdb, dialect)
    found = influxdb.answer
    influxdb.answer = lambda *_: web.Response(status=503)
    with pytest.raises(StoreUnavailableError):
        await store.ping()
    influxdb.answer = found
    await store.ping()
    assert dialect.calls == ["prepare", "ping"]
    await store.close()


async def test_buckets_that_cannot_be_created_are_a_warning(influxdb: ScriptedInfluxDb) -> None:
    dialect = FakeDialect()
    dialect.prepare_fails = True
    store = store_on(influxdb, dialect)
    with structlog.testing.capture_logs() as logs:
        await store.ping()
    assert (logs[0]["event"], logs[0]["error"]) == ("influxdb_not_prepared", "the token may not create buckets")
    await store.close()


async def test_a_reader_prepares_nothing_and_rolls_nothing_up(influxdb: ScriptedInfluxDb) -> None:
    dialect = FakeDialect()
    store = store_on(influxdb, dialect, writes_events=False)
    await store.ping()
    assert dialect.calls == ["ping"]
    assert not rolls_up()
    await store.close()


async def test_the_writer_rolls_up_until_it_is_closed(influxdb: ScriptedInfluxDb) -> None:
    store = store_on(influxdb, FakeDialect())
    await store.ping()
    assert rolls_up()
    await store.close()
    assert not rolls_up()


async def test_a_closed_store_stays_closed(influxdb: ScriptedInfluxDb) -> None:
    store = store_on(influxdb, FakeDialect())
    await store.ping()
    await store.close()
    with pytest.raises(StoreRefusedError, match="is closed"):
        await store.ping()
