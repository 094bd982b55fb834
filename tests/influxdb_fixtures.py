"""The fixtures of InfluxDB; a conftest imports those that its tests use.

Debian's 1.6.7 always, the `influxd` 2.x whose path TEST_INFLUXD names, and the server that TEST_INFLUXDB_URL names.
"""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Iterator

import pytest
from ha_ingestor_store.influx.settings import InfluxSettings

from tests.influxdb import (
    InfluxDb1,
    InfluxDb2,
    a_database,
    dropped_afterwards,
    named_server,
    require_influxdb,
    variables,
)

INFLUXDBS = [
    "influxdb-1",
    *(["influxdb-2"] if os.environ.get("TEST_INFLUXD") else []),
    *(["influxdb-named"] if os.environ.get("TEST_INFLUXDB_URL") else []),
]


@pytest.fixture(scope="session")
def influxdb_1(tmp_path_factory: pytest.TempPathFactory) -> Iterator[InfluxDb1]:
    """Debian's InfluxDB, running."""
    require_influxdb()
    server = InfluxDb1(tmp_path_factory.mktemp("influxdb"))
    server.start()
    yield server
    server.kill()


@pytest.fixture(scope="session")
def influxdb_2(tmp_path_factory: pytest.TempPathFactory) -> Iterator[InfluxDb2]:
    """The InfluxDB 2.x that TEST_INFLUXD names, running."""
    server = InfluxDb2(tmp_path_factory.mktemp("influxdb"))
    server.start()
    yield server
    server.kill()


@pytest.fixture(params=INFLUXDBS)
async def influxdb(request: pytest.FixtureRequest) -> AsyncIterator[InfluxSettings]:
    """A database of its own on every InfluxDB that there is."""
    async with dropped_afterwards(settings_of(request)) as settings:
        yield settings


@pytest.fixture(params=["embedded", *INFLUXDBS])
async def store_variables(request: pytest.FixtureRequest) -> AsyncIterator[dict[str, str]]:
    """The environment that names a store: nothing for the embedded one, or a database on every InfluxDB there is."""
    if request.param == "embedded":
        yield {}
        return
    async with dropped_afterwards(settings_of(request)) as settings:
        yield variables(settings)


def settings_of(request: pytest.FixtureRequest) -> InfluxSettings:
    """Return a new database on the InfluxDB that the parameter of a fixture names."""
    if request.param == "influxdb-1":
        server_1: InfluxDb1 = request.getfixturevalue("influxdb_1")
        return a_database(server_1.url)
    if request.param == "influxdb-2":
        server_2: InfluxDb2 = request.getfixturevalue("influxdb_2")
        return a_database(server_2.url, token=server_2.token)
    settings = named_server()
    assert settings is not None
    return settings
