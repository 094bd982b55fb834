"""The Admin API over a real InfluxDB: what is written is read through the API, and every question is answered."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from admin_api.influxdb_client import AdminAPIInfluxDBClient
from admin_api.main import AdminApi, build_admin_api
from admin_api.settings import Settings
from ha_ingestor_core.clock import FakeClock
from ha_ingestor_core.events import STATE_CHANGED
from ha_ingestor_core.service_metrics import Counter, ServiceMetricsPoint
from ha_ingestor_core.settings.loading import load_settings
from ha_ingestor_store.factory import open_store
from ha_ingestor_store.influx.settings import InfluxSettings
from ha_ingestor_store.influx.store import InfluxStore
from ha_ingestor_store.points import EventPoint
from ha_ingestor_store.settings import StoreSettings
from influxdb_client.client.write.point import Point

from tests.influxdb import variables
from tests.ports import free_port

pytestmark = [pytest.mark.integration, pytest.mark.influxdb]


@pytest.fixture
async def store(influxdb: InfluxSettings) -> InfluxStore:
    """The store of an enrichment-pipeline, with a minute of events and a report."""
    store = InfluxStore(influxdb, writes_events=True, rolls_up=False)
    now_ns = time.time_ns() - 2_000_000_000  # an answer ends with a whole second, at most two ago
    await store.writer.write_events(
        [
            EventPoint(
                home="home",
                event_type=STATE_CHANGED,
                time_ns=now_ns - n * 1_000_000_000,
                domain="sensor",
                entity_id="sensor.a",
                state=str(n),
                value=float(n),
            )
            for n in range(60)
        ]
    )
    counters = {Counter.WRITE_ATTEMPTS.value: 200, Counter.WRITE_ERRORS.value: 1, Counter.RECEIVED.value: 60}
    await store.writer.write_service_metrics(
        [ServiceMetricsPoint(service="enrichment-pipeline", time_ns=now_ns, instance="a", counters=counters)]
    )
    return store


@pytest.fixture
async def api(influxdb: InfluxSettings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> AsyncIterator[AdminApi]:
    """The Admin API as a process of its own is started: by environment variables, beside no other service."""
    nobody = f"http://127.0.0.1:{free_port()}"
    environment = {
        **variables(influxdb),
        "DATA_DIR": str(tmp_path),
        "ADMIN_API_PORT": str(free_port()),
        "WEBSOCKET_INGESTION_URL": nobody,
        "ENRICHMENT_PIPELINE_URL": nobody,
    }
    for variable, value in environment.items():
        monkeypatch.setenv(variable, value)
    settings = load_settings(Settings)
    store = await open_store(settings.store)
    api = build_admin_api(settings, store=store)
    await api.start()
    yield api
    await api.stop()
    await store.close()


# plan: 6.2
async def test_full_data_flow(influxdb: InfluxSettings, store: InfluxStore, api: AdminApi) -> None:
    point: Any = Point("service_metrics")  # type: ignore[no-untyped-call]
    point = point.tag("service", "test-service").field("events_processed", 100).time(datetime.now(UTC))
    target = (await store.connect()).database.write_target(rollups=False)
    async with aiohttp.ClientSession() as session:
        written = await session.post(
            influxdb.url + target.path, params=target.params, headers=target.headers, data=point.to_line_protocol()
        )
        assert written.status == 204
        async with asyncio.timeout(10):
            while "test-service" not in (data := await _stats(session, api))["metrics"]["services"]:  # noqa: ASYNC110
                await asyncio.sleep(0.1)
    assert data["source"] == "influxdb"
    assert data["metrics"]["services"]["test-service"]["events_processed"] == 100
    await store.close()


async def _stats(session: aiohttp.ClientSession, api: AdminApi) -> Any:
    async with session.get(f"{api.url}/api/v1/stats?period=5m") as response:
        assert response.status == 200
        return await response.json()


# plan: 2.2-queries, 2.2-health, 2-criteria
async def test_every_question_is_answered(
    influxdb: InfluxSettings, store: InfluxStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    await store.close()
    for variable, value in variables(influxdb).items():
        monkeypatch.setenv(variable, value)
    client = AdminAPIInfluxDBClient()
    assert await client.connect() is True
    statistics = await client.get_event_statistics("15m")
    assert statistics["total_events"] == 60
    assert statistics["events_per_minute"] == pytest.approx(60, abs=5)
    assert await client.get_error_rate("15m") == {
        "period": "15m",
        "total_writes": 200,
        "write_errors": 1,
        "error_rate_percent": 0.5,
    }
    services = (await client.get_all_service_statistics("15m"))["services"]
    assert services["enrichment-pipeline"]["events_received"] == 60
    assert (await client.get_service_metrics("enrichment-pipeline", "15m"))["write_errors"] == 1
    assert sum(point["count"] for point in (await client.get_event_trends("15m", "1m"))["trends"]) == 60
    health = await client.check_health()
    assert (health["status"], health["error_count"], health["query_count"]) == ("healthy", 0, client.query_count)
    await client.close()
    assert client.client is None
    assert client.query_api is None


class QueryApiOfOnesOwn:
    """Passes queries on, as a caller's `query_api` that logs them would."""

    def __init__(self, passed_to: Any) -> None:
        self.passed_to = passed_to
        self.asked: list[str] = []

    async def query(self, query: str) -> Any:
        self.asked.append(query)
        return await self.passed_to.query(query)


async def test_a_query_api_of_ones_own_gives_the_same_statistics(influxdb: InfluxSettings, store: InfluxStore) -> None:
    await store.close()
    if not influxdb.token:
        pytest.skip("InfluxDB 1 answers no Flux")
    clock = FakeClock(time.time_ns())
    client = AdminAPIInfluxDBClient(StoreSettings.model_validate(variables(influxdb)), clock=clock)
    assert await client.connect()
    own = QueryApiOfOnesOwn(client.query_api)

    async def told() -> list[Any]:
        return [
            (await client.get_event_statistics("15m"))["total_events"],
            await client.get_error_rate("15m"),
            await client.get_all_service_statistics("15m"),
            (await client.get_service_metrics('no "$service\\', "15m")),
            await client.get_event_trends("15m", "1m"),
            (await client.check_health())["status"],
        ]

    expected = await told()
    client.query_api = own
    found = await told()
    for answer in (*expected, *found):  # the rate is that of the covered part, which raw points alone don't know
        if isinstance(answer, dict):
            for service in answer.get("services", {}).values():
                service.pop("events_per_minute", None)
    assert found == expected
    assert len(own.asked) >= len(expected)
    await client.close()


async def test_a_wrong_token_does_not_connect(influxdb: InfluxSettings) -> None:
    if not influxdb.token:
        pytest.skip("Debian's InfluxDB asks for no token")
    wrong = variables(influxdb) | {"INFLUXDB_TOKEN": "not-a-token"}
    assert await AdminAPIInfluxDBClient(StoreSettings.model_validate(wrong)).connect() is False
