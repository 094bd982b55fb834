"""The Admin API's connection to InfluxDB: the plan's cases, then what it does without a server."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any
from unittest.mock import AsyncMock, MagicMock

import pytest
from admin_api.influxdb_client import AdminAPIInfluxDBClient
from ha_ingestor_core.clock import FakeClock
from ha_ingestor_core.errors import InvalidInputError, StoreUnavailableError
from ha_ingestor_store.influx.settings import InfluxSettings
from ha_ingestor_store.influx.store import InfluxStore
from ha_ingestor_store.settings import StoreSettings

from tests.influxdb import variables


@pytest.fixture(autouse=True)
def no_variables(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    monkeypatch.chdir(tmp_path)  # no .env here
    for variable in ("INFLUXDB_URL", "INFLUXDB_TOKEN", "INFLUXDB_ORG", "INFLUXDB_BUCKET"):
        monkeypatch.delenv(variable, raising=False)


def tables(*values: float) -> list[Any]:
    """What influxdb-client answers: a table with a record a value."""
    return [SimpleNamespace(records=[SimpleNamespace(values={"_value": value}) for value in values])]


def client_that_answers(answer: Any) -> AdminAPIInfluxDBClient:
    """A client whose `query_api` the caller has set."""
    client = AdminAPIInfluxDBClient(clock=FakeClock())
    client.query_api = AsyncMock()
    client.query_api.query.side_effect = [answer]
    return client


# plan: 2.2-connection, 2-criteria, 6.1-client
@pytest.mark.integration
@pytest.mark.influxdb
async def test_connect_success(influxdb: InfluxSettings, monkeypatch: pytest.MonkeyPatch) -> None:
    pipeline = InfluxStore(influxdb, writes_events=True, rolls_up=False)
    await pipeline.connect()
    await pipeline.close()
    for variable, value in variables(influxdb).items():
        monkeypatch.setenv(variable, value)
    client = AdminAPIInfluxDBClient()
    success = await client.connect()
    assert success is True
    assert client.client is not None
    await client.close()


# plan: 2.2-queries, 6.1-client
async def test_get_event_statistics() -> None:
    client = AdminAPIInfluxDBClient()
    client.query_api = AsyncMock()
    client.query_api.query.return_value = [MagicMock(records=[MagicMock(values={"_value": 1000})])]
    stats = await client.get_event_statistics("1h")
    assert stats["total_events"] == 1000
    assert "events_per_minute" in stats
    assert stats["period"] == "1h"


# plan: 2.2-errors, 6.1-client
async def test_query_error_handling() -> None:
    client = AdminAPIInfluxDBClient()
    client.query_api = AsyncMock()
    client.query_api.query.side_effect = Exception("Connection failed")
    with pytest.raises(StoreUnavailableError, match="Connection failed"):
        await client.get_event_statistics("1h")


async def test_the_total_is_what_the_query_api_answers() -> None:
    client = client_that_answers(tables(1000))
    statistics = await client.get_event_statistics("1h")
    assert (statistics["total_events"], statistics["period"]) == (1000, "1h")
    assert statistics["events_per_minute"] == pytest.approx(1000 / 60)


async def test_the_values_of_all_records_are_added_up() -> None:
    client = client_that_answers([*tables(600, 300), *tables(100)])
    assert (await client.get_event_statistics("1h"))["total_events"] == 1000


async def test_raw_points_are_asked_once_where_nothing_is_known_of_rollups() -> None:
    client = client_that_answers(tables(1))
    await client.get_event_statistics("7d")
    (call,) = client.query_api.query.await_args_list  # type: ignore[union-attr]
    assert 'r._measurement == "home_assistant_events"' in call.args[0]


async def test_a_failing_query_is_an_error_of_ours_and_counted() -> None:
    client = client_that_answers(RuntimeError("boom"))
    with pytest.raises(StoreUnavailableError, match="boom"):
        await client.get_event_statistics("1h")
    assert (client.query_count, client.error_count) == (1, 1)


async def test_a_wrong_period_is_no_query() -> None:
    client = client_that_answers(tables(1))
    with pytest.raises(InvalidInputError, match="period must be"):
        await client.get_event_statistics("1x")
    assert client.query_count == 0


async def test_without_a_connection_questions_say_so() -> None:
    client = AdminAPIInfluxDBClient()
    with pytest.raises(StoreUnavailableError, match="not connected"):
        await client.get_error_rate("1h")
    assert (await client.check_health())["status"] == "unhealthy"


async def test_connect_says_no_without_an_address_or_a_server() -> None:
    assert await AdminAPIInfluxDBClient().connect() is False
    away = AdminAPIInfluxDBClient(StoreSettings.model_validate({"INFLUXDB_URL": "http://127.0.0.1:9"}))
    assert await away.connect() is False
    assert not away.is_connected
    await away.close()


async def test_an_authority_that_is_gone_stops_no_start(tmp_path: Any) -> None:
    url = {"INFLUXDB_URL": "https://127.0.0.1:9"}
    gone = StoreSettings.model_validate(url).model_copy(update={"influxdb_ca_file": tmp_path / "gone.pem"})
    client = AdminAPIInfluxDBClient(gone)
    assert await client.connect() is False
    assert client.client is None


# plan: 2.2-tracking
async def test_times_of_queries_are_known() -> None:
    clock = FakeClock()
    client = AdminAPIInfluxDBClient(clock=clock)
    assert (client.mean_query_time_ms, client.p95_query_time_ms) == (None, None)
    durations = iter([*[0.01] * 19, 1.0])

    async def query(_: str) -> list[Any]:
        clock.advance(next(durations))
        return tables(1)

    client.query_api = SimpleNamespace(query=query)
    for _ in range(20):
        await client.get_event_statistics("1h")
    assert client.query_count == 20
    assert client.mean_query_time_ms == pytest.approx((19 * 10 + 1000) / 20)
    assert client.p95_query_time_ms == pytest.approx(10)


async def test_a_service_that_never_reported_has_no_numbers() -> None:
    client = AdminAPIInfluxDBClient()
    client.query_api = AsyncMock()
    client.query_api.query.return_value = []
    assert await client.get_service_metrics("nobody", "1h") == {"service": "nobody", "period": "1h"}
    assert await client.get_all_service_statistics("1h") == {"services": {}, "period": "1h"}
    assert all(point["count"] == 0 for point in (await client.get_event_trends("1h", "5m"))["trends"])
