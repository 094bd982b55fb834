"""The stores of the contract tests."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from ha_ingestor_core.clock import FakeClock
from ha_ingestor_store import Store
from ha_ingestor_store.embedded.store import EmbeddedStore
from ha_ingestor_store.influx.settings import InfluxSettings
from ha_ingestor_store.influx.store import InfluxStore

from tests.contract.strategies import BASE_NS
from tests.influxdb import dropped_afterwards
from tests.influxdb_fixtures import INFLUXDBS, settings_of

OpenStore = Callable[[], AbstractAsyncContextManager[Store]]

CLOCK = FakeClock(BASE_NS)
"""The clock of the stores."""


async def roll_up(store: Store, now_ns: int) -> None:
    """Set the time to `now_ns`, and roll up what is due if the store keeps its rollups separately."""
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
        store = InfluxStore(settings, writes_events=True, clock=CLOCK, report_wait_s=0, rolls_up=False)
        try:
            yield store
        finally:
            await store.close()


@pytest.fixture(params=["embedded", *INFLUXDBS])
def open_empty_store(request: pytest.FixtureRequest) -> OpenStore:
    """Opens a new, empty store at each call."""
    return _embedded if request.param == "embedded" else lambda: _influx(settings_of(request))
