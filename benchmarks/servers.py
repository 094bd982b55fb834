"""The stores that are measured: a folder, Debian's influxd 1.x in a folder, or a server that the environment names."""

from __future__ import annotations

import asyncio
import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from ha_ingestor_store.influx.settings import InfluxSettings
from ha_ingestor_store.settings import StoreSettings

from tests.influxdb import InfluxDb1, dropped_afterwards

ROOT = Path(__file__).parents[1]


@contextmanager
def own_influxdb_1() -> Iterator[str]:
    """The address of an influxd 1.x that is gone afterwards."""
    with TemporaryDirectory(dir=ROOT) as folder:
        server = InfluxDb1(Path(folder))
        server.start()
        try:
            yield server.url
        finally:
            server.kill()


@contextmanager
def fresh_bucket(url: str, token: str = "", org: str = "ha-ingestor") -> Iterator[InfluxSettings]:
    """A bucket (1.x: a database) of its own that keeps everything, dropped afterwards."""
    settings = InfluxSettings(url=url, token=token, org=org, bucket=f"bench_{uuid.uuid4().hex[:12]}", raw_retention_s=0)
    try:
        yield settings
    finally:
        asyncio.run(_drop(settings))


def named_by_environment() -> tuple[str, str, str]:
    """Address, token and organisation: those of TEST_INFLUXDB_URL, else of INFLUXDB_URL (.env too)."""
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
