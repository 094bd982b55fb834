"""The dialects that the contract is held against; a new one is a line here."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from ha_ingestor_core.clock import FakeClock
from ha_ingestor_store import Store
from ha_ingestor_store.embedded.store import EmbeddedStore
from ha_ingestor_store.factory import DIALECTS as INFLUX_DIALECTS
from ha_ingestor_store.influx.settings import InfluxSettings
from ha_ingestor_store.influx.store import InfluxStore

from tests.contract.strategies import BASE_NS
from tests.influxdb import InfluxDb1, a_database, dropped_afterwards, named_server

OpenStore = Callable[[], AbstractAsyncContextManager[Store]]

CLOCK = FakeClock(BASE_NS)
"""What the stores of the contract go by."""


async def roll_up(store: Store, now_ns: int) -> None:
    """Make it `now_ns`, and have a store that keeps its rollups apart roll up what is due then."""
    CLOCK.turn_to(now_ns)
    await store.administrator.roll_up()


@asynccontextmanager
async def _embedded() -> AsyncIterator[Store]:
    with TemporaryDirectory() as folder:
        store = await EmbeddedStore.open(Path(folder))
        try:
            yield store
        finally:
            await store.close()


@asynccontextmanager
async def _influx(settings: InfluxSettings) -> AsyncIterator[Store]:
    CLOCK.turn_to(BASE_NS)
    async with dropped_afterwards(settings):
        store = InfluxStore(settings, INFLUX_DIALECTS, writes_events=True, clock=CLOCK, report_wait_s=0, rolls_up=False)
        try:
            yield store
        finally:
            await store.close()


STORES = ["embedded", "influxdb-1", *(["influxdb-named"] if os.environ.get("TEST_INFLUXDB_URL") else [])]


@pytest.fixture(params=STORES)
def open_empty_store(request: pytest.FixtureRequest) -> OpenStore:
    """Opens a new, empty store of one dialect; as often as it is called."""
    match request.param:
        case "embedded":
            return _embedded
        case "influxdb-1":
            server: InfluxDb1 = request.getfixturevalue("influxdb_1")
            return lambda: _influx(a_database(server.url))
        case _:
            return lambda: _influx(_named())


def _named() -> InfluxSettings:
    settings = named_server()
    assert settings is not None
    return settings
