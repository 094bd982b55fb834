"""A real Prometheus scrapes the ingestor, with a token where one is needed, and knows the numbers that were asked."""

from __future__ import annotations

import asyncio
import os
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import aiohttp
import pytest
from ha_ingestor_store.influx.settings import InfluxSettings

from tests.e2e.ingestor import COMMAND, Api, Ingestor
from tests.influxdb import variables
from tests.ports import free_port

COMMANDS = ("prometheus", "promtool")

_CONFIG = """
scrape_configs:
  - job_name: ha-ingestor
    scrape_interval: 1s
    scrape_timeout: 1s
    authorization: {{credentials: {token}}}
    static_configs: [{{targets: ["127.0.0.1:{port}"]}}]
"""


@pytest.fixture(autouse=True)
def prometheus_is_there() -> None:
    """Skip loudly where Debian's Prometheus is missing; with CI=true that is a failure."""
    if all(map(shutil.which, COMMANDS)):
        return
    reason = "prometheus is missing: sudo apt-get install prometheus (scripts/install-test-parts.sh does)"
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)


@asynccontextmanager
async def running_prometheus(folder: Path, port: int, token: str) -> AsyncIterator[Api]:
    """A Prometheus that scrapes a port every second."""
    own_port = free_port()
    config = folder / "prometheus.yml"
    config.write_text(_CONFIG.format(port=port, token=token), encoding="utf-8")
    with (folder / "prometheus.log").open("wb") as log:
        process = await asyncio.create_subprocess_exec(
            "prometheus",
            f"--config.file={config}",
            f"--storage.tsdb.path={folder / 'prometheus'}",
            f"--web.listen-address=127.0.0.1:{own_port}",
            stdout=log,
            stderr=log,
        )
    prometheus = Api(f"http://127.0.0.1:{own_port}")
    try:
        yield prometheus
    finally:
        await prometheus.close()
        process.terminate()
        await process.wait()


async def value(prometheus: Api, query: str) -> float | None:
    """The one number that a query answers; None where there is none yet."""
    url = f"{prometheus.url}/api/v1/query?{urlencode({'query': query})}"
    async with aiohttp.ClientSession() as session, session.get(url) as response:
        found: list[Any] = (await response.json())["data"]["result"] if response.status == 200 else []
    return float(found[0]["value"][1]) if found else None


async def eventually(prometheus: Api, query: str, expected: float) -> None:
    """Return once a query answers a number; what it answers instead is in the message."""
    await prometheus.eventually(lambda: value(prometheus, query), lambda found: found == expected)


async def command(folder: Path, *arguments: str) -> str:
    """What a command of the ingestor prints."""
    process = await asyncio.create_subprocess_exec(
        COMMAND,
        *arguments,
        env={"PATH": os.environ["PATH"], "HOME": str(folder), "DATA_DIR": str(folder / "data")},
        cwd=folder,
        stdout=asyncio.subprocess.PIPE,
    )
    output, _ = await process.communicate()
    assert process.returncode == 0
    return output.decode()


# plan: 7.2
async def test_prometheus_knows_what_was_asked(influxdb: InfluxSettings, tmp_path: Path) -> None:
    async with Ingestor(tmp_path, **variables(influxdb)) as ingestor:
        for _ in range(7):
            await ingestor.api.get("/api/v1/gaps")
        await ingestor.api.get("/api/v1/gaps", status=422, limit=0)
        token = (await command(tmp_path, "tokens", "create", "prometheus")).strip()
        async with running_prometheus(tmp_path, ingestor.port, token) as prometheus:
            gaps = 'endpoint="/api/v1/gaps"'
            for query, expected in (
                (f'ha_ingestor_admin_api_requests_total{{{gaps},status="200"}}', 7),
                (f'ha_ingestor_admin_api_requests_total{{{gaps},status="422"}}', 1),
                (f"ha_ingestor_admin_api_request_duration_seconds_count{{{gaps}}}", 8),
                ('admin_api_influxdb_queries_total{endpoint="gaps",status="success"}', 7),
                ('admin_api_influxdb_query_duration_seconds_count{endpoint="gaps"}', 7),
                ("admin_api_influxdb_connected", 1),
                ("up", 1),
            ):
                await eventually(prometheus, query, expected)
            await eventually(prometheus, "sum(ha_ingestor_websocket_ingestion_events_received_total) > bool 0", 1)
        await promtool_has_no_complaint(ingestor)


async def promtool_has_no_complaint(ingestor: Ingestor) -> None:
    """Names, types and help texts are as Prometheus would have them."""
    async with aiohttp.ClientSession() as session, session.get(f"{ingestor.api.url}/metrics") as response:
        text = await response.read()
    process = await asyncio.create_subprocess_exec(
        "promtool", "check", "metrics", stdin=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    _, complaints = await process.communicate(text)
    assert (process.returncode, complaints.decode()) == (0, "")
