"""How long the Admin API's questions to InfluxDB take at most; run by `make performance`, not by `make test`."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from statistics import median, quantiles

import pytest
from admin_api.influxdb_client import AdminAPIInfluxDBClient
from ha_ingestor_core.events import STATE_CHANGED
from ha_ingestor_core.service_metrics import LATENCY_BUCKETS, Counter, ServiceMetricsPoint
from ha_ingestor_store.factory import DIALECTS
from ha_ingestor_store.influx.settings import InfluxSettings
from ha_ingestor_store.influx.store import InfluxStore
from ha_ingestor_store.points import EventPoint
from ha_ingestor_store.settings import StoreSettings

from tests.influxdb import variables

pytestmark = [pytest.mark.performance, pytest.mark.influxdb]

DAY_S, STEP_S = 86_400, 10
LIMIT_S = 0.2
ROUNDS, TIMES = 4, 20


@pytest.fixture
async def client(influxdb: InfluxSettings) -> AsyncIterator[AdminAPIInfluxDBClient]:
    """Connected to a day of reports of three services, and of events."""
    store = InfluxStore(influxdb, DIALECTS, writes_events=True, rolls_up=False, report_wait_s=0)
    now_ns = time.time_ns()
    counters = {c.value: 10 for c in Counter} | dict.fromkeys(LATENCY_BUCKETS, 10)
    for service in ("admin-api", "enrichment-pipeline", "websocket-ingestion"):
        times = [now_ns - n * STEP_S * 1_000_000_000 for n in range(DAY_S // STEP_S)]
        await store.write_service_metrics([ServiceMetricsPoint(service, t, "a", counters, {}) for t in times])
        await store.write_events(
            [EventPoint("home", STATE_CHANGED, t, "sensor", f"sensor.{service}", state="1", value=1.0) for t in times]
        )
    await store.roll_up()
    await store.close()
    client = AdminAPIInfluxDBClient(StoreSettings.model_validate(variables(influxdb)))
    assert await client.connect()
    yield client
    await client.close()


# plan: 6.3-latency, success-latency
@pytest.mark.parametrize("period", ["1h", "6h", "24h"])
async def test_stats_query_performance(client: AdminAPIInfluxDBClient, period: str) -> None:
    assert len((await client.get_all_service_statistics(period))["services"]) == 3
    rounds_s: list[float] = []
    while not rounds_s or (rounds_s[-1] >= LIMIT_S and len(rounds_s) < ROUNDS):
        rounds_s.append(await p95_s(client, period))
    assert rounds_s[-1] < LIMIT_S, rounds_s


async def p95_s(client: AdminAPIInfluxDBClient, period: str) -> float:
    """Return the 95th percentile of the seconds that a question takes, as if no other program ran."""
    durations_s, slowdowns = [], []
    for _ in range(TIMES):
        slowdowns.append(slowdown())
        begin = time.perf_counter()
        await client.get_all_service_statistics(period)
        durations_s.append(time.perf_counter() - begin)
    return quantiles(durations_s, n=20)[-1] / median(slowdowns)


def slowdown() -> float:
    """Return how many times as long 10 ms of work take as on a machine that is otherwise idle: 1 there."""
    begin, cpu_begin = time.perf_counter(), time.process_time()
    while (cpu_s := time.process_time() - cpu_begin) < 0.01:
        pass
    return max(1.0, (time.perf_counter() - begin) / cpu_s)


# plan: 6.3-concurrent
async def test_concurrent_queries(client: AdminAPIInfluxDBClient) -> None:
    busy = slowdown()
    begin = time.perf_counter()
    answers = await asyncio.gather(*(client.get_event_statistics("1h") for _ in range(10)))
    assert (time.perf_counter() - begin) / busy < 2
    assert {answer["total_events"] for answer in answers} == {answers[0]["total_events"]}
