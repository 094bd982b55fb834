"""Tells the scenario to the server that TEST_INFLUXDB_URL names, and keeps every exchange: `make record`."""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path

import msgspec

from tests.influxdb import dropped_afterwards
from tests.recorded.exchanges import FOLDER, Exchange, write_exchanges
from tests.recorded.recorder import recording
from tests.recorded.scenario import ORG, be_refused, scenario_settings, tell


async def record(url: str, token: str) -> Path:
    """Record the scenario; the buckets are dropped before it and after it."""
    settings = scenario_settings(url, token)
    async with dropped_afterwards(settings):
        pass
    async with dropped_afterwards(settings), recording(url) as (recorder_url, exchanges):
        recorded = msgspec.structs.replace(settings, url=recorder_url)
        await tell(recorded)
        await be_refused(recorded)
    path = FOLDER / f"influxdb-{_version(exchanges)}.jsonl"
    write_exchanges(path, exchanges)
    text = path.read_text(encoding="utf-8")
    for secret in (token, url.partition("://")[2], recorder_url.partition("://")[2]):
        if secret and secret in text:
            path.unlink()
            raise SystemExit("The recording would hold the token or an address of this machine, so it was not kept.")
    return path


def _version(exchanges: list[Exchange]) -> str:
    told = (exchange.response.headers.get("X-Influxdb-Version") for exchange in exchanges)
    return next(filter(None, told)).removeprefix("v")


def main() -> None:
    """Record by the environment, and say what was written."""
    url = os.environ.get("TEST_INFLUXDB_URL", "").rstrip("/")
    if not url:
        raise SystemExit("TEST_INFLUXDB_URL should name an InfluxDB 2.x, and TEST_INFLUXDB_TOKEN hold its token.")
    if os.environ.get("TEST_INFLUXDB_ORG", ORG) != ORG:
        raise SystemExit(f"TEST_INFLUXDB_ORG should be {ORG}: the name is part of the requests.")
    path = asyncio.run(record(url, os.environ.get("TEST_INFLUXDB_TOKEN", "")))
    sys.stdout.write(f"{path.name}: {path.stat().st_size:,} bytes\n")


if __name__ == "__main__":
    main()
