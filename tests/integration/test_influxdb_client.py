"""The Admin API's connection to a real InfluxDB."""

from __future__ import annotations

import time

import pytest
from admin_api.influxdb_client import AdminAPIInfluxDBClient
from ha_ingestor_core.events import STATE_CHANGED
from ha_ingestor_core.service_metrics import Counter, ServiceMetricsPoint
from ha_ingestor_store.factory import DIALECTS
from ha_ingestor_store.influx.settings import InfluxSettings
from ha_ingestor_store.influx.store import InfluxStore
from ha_ingestor_store.points import EventPoint
from ha_ingestor_store.settings import StoreSettings

from tests.influxdb import variables

pytestmark = pytest.mark.influxdb


@pytest.fixture
async def store(influxdb: InfluxSettings) -> InfluxStore:
    """The store of an enrichment-pipeline, with a minute of events and a report."""
    store = InfluxStore(influxdb, DIALECTS, writes_events=True, rolls_up=False)
    now_ns = time.time_ns()
    await store.write_events(
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
    await store.write_service_metrics(
        [ServiceMetricsPoint(service="enrichment-pipeline", time_ns=now_ns, instance="a", counters=counters)]
    )
    return store


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


async def test_a_wrong_token_does_not_connect(influxdb: InfluxSettings) -> None:
    if not influxdb.token:
        pytest.skip("Debian's InfluxDB asks for no token")
    wrong = variables(influxdb) | {"INFLUXDB_TOKEN": "not-a-token"}
    assert await AdminAPIInfluxDBClient(StoreSettings.model_validate(wrong)).connect() is False
