"""The measured stores: a folder, an influxd started in a folder, or a server from the environment."""

from __future__ import annotations

import asyncio
import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from ha_ingestor_store.influx.settings import InfluxSettings
from ha_ingestor_store.settings import StoreSettings

from tests.influxdb import InfluxDb, InfluxDb1, InfluxDb2, dropped_afterwards

ROOT = Path(__file__).parents[1]

OWN_SERVERS: dict[str, type[InfluxDb]] = {"influxdb-1": InfluxDb1, "influxdb-2": InfluxDb2}
"""By what they are called on the command line: Debian's 1.x, and the 2.x that TEST_INFLUXD names."""


class OwnServer(NamedTuple):
    """A running influxd: the settings for `fresh_bucket`, and its process."""

    address: tuple[str, str]
    pid: int


@contextmanager
def own_server(name: str) -> Iterator[OwnServer]:
    """Run a temporary influxd."""
    with TemporaryDirectory(dir=ROOT) as folder:
        server = OWN_SERVERS[name](Path(folder))
        server.start()
        try:
            yield OwnServer((server.url, server.token), server.pid or 0)
        finally:
            server.kill()


@contextmanager
def fresh_bucket(url: str, token: str = "", org: str = "ha-ingestor") -> Iterator[InfluxSettings]:
    """Create a temporary bucket (1.x: a database) with unlimited retention."""
    settings = InfluxSettings(url=url, token=token, org=org, bucket=f"bench_{uuid.uuid4().hex[:12]}", raw_retention_s=0)
    try:
        yield settings
    finally:
        asyncio.run(_drop(settings))


def named_by_environment() -> tuple[str, str, str]:
    """Return address, token and organisation of TEST_INFLUXDB_URL, otherwise of INFLUXDB_URL (also from .env)."""
    if url := os.environ.get("TEST_INFLUXDB_URL"):
        return url, os.environ.get("TEST_INFLUXDB_TOKEN", ""), os.environ.get("TEST_INFLUXDB_ORG", "ha-ingestor")
    settings = StoreSettings.model_validate({})
    if settings.influxdb_url is None:
        raise SystemExit("INFLUXDB_URL (or TEST_INFLUXDB_URL) should name the server to measure")
    token = settings.influxdb_token
    return settings.influxdb_url, token.get_secret_value() if token else "", settings.influxdb_org


async def _drop(settings: InfluxSettings) -> None:
    async with dropped_afterwards(settings):
        pass
