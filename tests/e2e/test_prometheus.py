"""A real Prometheus scrapes the services with our configuration and has the metrics of the queries."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from functools import partial
from http import HTTPStatus
from pathlib import Path

import aiohttp
import pytest
from ha_ingestor.demo_home import DemoHome
from ha_ingestor_store.influx.settings import InfluxSettings

from tests.e2e.ingestor import Ingestor
from tests.e2e.monitoring import PROMETHEUS, Prometheus, require, running_prometheus
from tests.e2e.services_apart import METRICS_TOKEN, SERVICES, ServicesApart
from tests.influxdb import InfluxDb1, a_database, variables

ENTITY = "sensor.house_power"
"""An entity of the demo home that changes continuously."""


@pytest.fixture(autouse=True)
def prometheus_is_there() -> None:
    require(PROMETHEUS, "promtool")


@pytest.fixture
async def apart(influxdb_1: InfluxDb1, tmp_path: Path) -> AsyncIterator[ServicesApart]:
    """The three services, capturing the demo home."""
    home = DemoHome(history_hours=0.0)
    await home.start()
    try:
        async with ServicesApart(tmp_path, home=home, **variables(a_database(influxdb_1.url))) as services:
            yield services
    finally:
        await home.stop()


async def metrics_of(service: str, services: ServicesApart) -> str:
    """Return the metrics of a service as parsed by Prometheus."""
    headers = {"Authorization": f"Bearer {METRICS_TOKEN}"}
    async with (
        aiohttp.ClientSession() as session,
        session.get(f"{services.url(service)}/metrics", headers=headers) as answer,
    ):
        assert answer.status == HTTPStatus.OK
        return await answer.text()


async def eventually(prometheus: Prometheus, query: str, expected: float) -> None:
    """Return when a query returns a number; the message of a failure has the last answer."""
    await prometheus.eventually(lambda: prometheus.value(query), lambda found: found == expected)


# plan: 7.2
async def test_prometheus_knows_what_was_asked(influxdb: InfluxSettings, tmp_path: Path) -> None:
    async with Ingestor(tmp_path, **variables(influxdb)) as ingestor:
        for _ in range(7):
            await ingestor.api.get("/api/v1/gaps")
        await ingestor.api.get("/api/v1/gaps", status=422, limit=0)
        printed = await ingestor.command("tokens", "create", "prometheus", "--scope", "metrics")
        (token,) = (word for word in printed.split() if word.startswith("hai_"))
        target = f"127.0.0.1:{ingestor.port}"
        async with running_prometheus(tmp_path, targets=[target], token=token) as prometheus:
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


async def test_all_three_services_are_scraped_with_the_token_for_metrics(apart: ServicesApart, tmp_path: Path) -> None:
    async with running_prometheus(tmp_path, targets=apart.targets, token=METRICS_TOKEN) as prometheus:
        await eventually(prometheus, 'sum(up{job=~"ha-ingestor.*"})', len(SERVICES))
        for component in ("websocket_ingestion", "enrichment_pipeline", "admin_api"):
            found = f'count(count by (instance) ({{__name__=~"ha_ingestor_{component}_.*"}}))'
            await eventually(prometheus, found, 1)


async def test_another_token_is_refused_and_the_token_for_metrics_reads_nothing_of_the_home(
    apart: ServicesApart,
) -> None:
    await apart.api.eventually(partial(apart.api.events, entity_id=ENTITY), bool)
    for service in SERVICES:
        assert ENTITY not in await metrics_of(service, apart)
    statuses = {}
    async with aiohttp.ClientSession() as session:
        for service in SERVICES:
            private = "/api/v1/entities" if service == "admin-api" else "/stats"
            for path, token in (("/metrics", "another-token-entirely"), (private, METRICS_TOKEN)):
                headers = {"Authorization": f"Bearer {token}"}
                async with session.get(f"{apart.url(service)}{path}", headers=headers) as answer:
                    statuses[service, path] = answer.status
    assert statuses == {
        ("enrichment-pipeline", "/metrics"): 401,
        ("enrichment-pipeline", "/stats"): 401,
        ("websocket-ingestion", "/metrics"): 401,
        ("websocket-ingestion", "/stats"): 401,
        ("admin-api", "/metrics"): 401,
        ("admin-api", "/api/v1/entities"): 403,
    }


async def promtool_has_no_complaint(ingestor: Ingestor) -> None:
    """Check that promtool accepts names, types and help texts."""
    async with aiohttp.ClientSession() as session, session.get(f"{ingestor.api.url}/metrics") as response:
        text = await response.read()
    process = await asyncio.create_subprocess_exec(
        "promtool", "check", "metrics", stdin=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    _, complaints = await process.communicate(text)
    assert (process.returncode, complaints.decode()) == (0, "")
