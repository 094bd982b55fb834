"""The plan's cases of statistics: InfluxDB answers, and the services while it does not."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import admin_api
import pytest
from admin_api.influxdb_client import AdminAPIInfluxDBClient
from admin_api.stats.models import StatsAnswer
from admin_api.stats_endpoints import StatsEndpoints
from admin_api.store.metrics import StoreMetrics
from ha_ingestor_core.errors import StoreUnavailableError
from ha_ingestor_store.settings import StoreSettings
from ha_ingestor_store.store import Source

ENDPOINTS = ["stats", "stats/services", "stats/metrics", "stats/performance", "stats/trends", "stats/alerts"]
VARIABLES = ("INFLUXDB_URL", "USE_INFLUXDB_STATS", "INFLUXDB_ROLLOUT_PERCENT", "DATA_DIR", "ENRICHMENT_PIPELINE_URL")


@pytest.fixture
def gate(store: Any, clock: Any, registry: Any) -> AdminAPIInfluxDBClient:
    """The client of an Admin API with InfluxDB as the store."""
    settings = StoreSettings.model_construct(influxdb_url=None)
    return AdminAPIInfluxDBClient(settings, store=store, clock=clock, metrics=StoreMetrics(registry, Source.INFLUXDB))


@pytest.fixture
def broken_influxdb(store: Any) -> None:
    store.error = StoreUnavailableError("Connection failed")


# plan: 3.2-influxdb, 3.3-shape, 6.1-endpoints
async def test_stats_endpoint_uses_influxdb(get: Any, gate: AdminAPIInfluxDBClient) -> None:
    response = await get("/api/v1/stats?period=1h")
    assert response.status == 200
    data = response.json
    assert data["source"] == "influxdb"
    assert "metrics" in data
    assert "trends" in data
    assert gate.query_count > 0


# plan: 3.2-fallback, 6.1-endpoints, risk-connection
async def test_stats_endpoint_fallback(get: Any, broken_influxdb: None) -> None:
    response = await get("/api/v1/stats?period=1h")
    assert response.status == 200
    data = response.json
    assert data["source"] == "services-fallback"
    assert "Connection failed" in data["warning"]


# plan: 3.4, 3-criteria-influxdb, success-influxdb
@pytest.mark.parametrize("endpoint", ENDPOINTS)
async def test_every_statistic_comes_from_influxdb(get: Any, gate: AdminAPIInfluxDBClient, endpoint: str) -> None:
    response = await get(f"/api/v1/{endpoint}")
    assert (response.status, response.headers["stats-source"]) == (200, "influxdb")
    assert (gate.query_count > 0, gate.error_count) == (True, 0)


# plan: 3-criteria-fallback
@pytest.mark.parametrize("endpoint", ENDPOINTS)
async def test_every_statistic_falls_back(get: Any, broken_influxdb: None, endpoint: str) -> None:
    response = await get(f"/api/v1/{endpoint}")
    assert (response.status, response.headers["stats-source"]) == (200, "services-fallback")


# plan: 3-criteria-format, risk-format
async def test_the_fallback_has_the_members_that_influxdb_has(get: Any, store: Any) -> None:
    ours = (await get("/api/v1/stats")).json
    store.error = StoreUnavailableError("Connection failed")
    theirs = (await get("/api/v1/stats?window=10m")).json
    assert StatsAnswer.model_validate(ours)
    assert StatsAnswer.model_validate(theirs)
    assert (ours.keys(), ours["metrics"].keys()) == (theirs.keys(), theirs["metrics"].keys())


# plan: 3.1, 2.4-startup, 2.4-shutdown
async def test_stats_endpoints_have_the_plans_parts(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    for variable in VARIABLES:
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setenv("INFLUXDB_URL", "http://127.0.0.1:1")
    endpoints = StatsEndpoints()
    assert isinstance(endpoints.influxdb_client, AdminAPIInfluxDBClient)
    assert endpoints.use_influxdb is True
    assert endpoints.service_urls == {
        "websocket-ingestion": "http://127.0.0.1:8001",
        "enrichment-pipeline": "http://127.0.0.1:8002",
    }
    assert {route.path for route in endpoints.router.routes} >= {"/api/v1/stats", "/api/v1/stats/services"}  # type: ignore[attr-defined]
    assert await endpoints.initialize_influxdb() is False  # and the start continues: the services answer
    await endpoints.close_influxdb()


# plan: 8.4
def test_the_services_are_called_in_one_way() -> None:
    folder = Path(admin_api.__file__).parent
    own = [path.name for path in folder.rglob("*.py") if "aiohttp" in path.read_text(encoding="utf-8")]
    assert own == []
