"""Fixtures that every ring of tests shares."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Iterator

import pytest
from ha_ingestor_store.influx.settings import InfluxSettings

from tests.influxdb import InfluxDb1, a_database, dropped_afterwards, named_server, require_influxdb, variables

INFLUXDBS = ["influxdb-1", *(["influxdb-named"] if os.environ.get("TEST_INFLUXDB_URL") else [])]


@pytest.fixture(scope="session")
def influxdb_1(tmp_path_factory: pytest.TempPathFactory) -> Iterator[InfluxDb1]:
    """Debian's InfluxDB, running."""
    require_influxdb()
    server = InfluxDb1(tmp_path_factory.mktemp("influxdb"))
    server.start()
    yield server
    server.kill()


@pytest.fixture(params=INFLUXDBS)
async def influxdb(request: pytest.FixtureRequest) -> AsyncIterator[InfluxSettings]:
    """A database of its own on every InfluxDB that there is."""
    async with dropped_afterwards(_settings(request)) as settings:
        yield settings


@pytest.fixture(params=["embedded", *INFLUXDBS])
async def store_variables(request: pytest.FixtureRequest) -> AsyncIterator[dict[str, str]]:
    """The environment that names a store: nothing for the embedded one, or a database on every InfluxDB there is."""
    if request.param == "embedded":
        yield {}
        return
    async with dropped_afterwards(_settings(request)) as settings:
        yield variables(settings)


def _settings(request: pytest.FixtureRequest) -> InfluxSettings:
    settings = named_server()
    if request.param == "influxdb-1":
        server: InfluxDb1 = request.getfixturevalue("influxdb_1")
        settings = a_database(server.url)
    assert settings is not None
    return settings
