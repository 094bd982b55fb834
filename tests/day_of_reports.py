"""A day of reports of three services and of events in an InfluxDB, for timing the Admin API's queries."""

from __future__ import annotations

import time

from ha_ingestor_core.clock import NS_PER_S
from ha_ingestor_core.events import STATE_CHANGED
from ha_ingestor_core.service_metrics import LATENCY_BUCKETS, Counter, ServiceMetricsPoint
from ha_ingestor_store.influx.settings import InfluxSettings
from ha_ingestor_store.influx.store import InfluxStore
from ha_ingestor_store.points import EventPoint

SERVICES = ("admin-api", "enrichment-pipeline", "websocket-ingestion")
DAY_S, STEP_S = 86_400, 10


async def write_day(influxdb: InfluxSettings) -> None:
    """Write the day up to now, with its rollups."""
    store = InfluxStore(influxdb, writes_events=True, rolls_up=False, report_wait_s=0)
    now_ns = time.time_ns()
    counters = {c.value: 10 for c in Counter} | dict.fromkeys(LATENCY_BUCKETS, 10)
    times = [now_ns - n * STEP_S * NS_PER_S for n in range(DAY_S // STEP_S)]
    for service in SERVICES:
        await store.writer.write_service_metrics([ServiceMetricsPoint(service, t, "a", counters, {}) for t in times])
        await store.writer.write_events(
            [EventPoint("home", STATE_CHANGED, t, "sensor", f"sensor.{service}", state="1", value=1.0) for t in times]
        )
    await store.administrator.roll_up()
    await store.close()


def slowdown() -> float:
    """Return how many times longer 10 ms of work take than on an idle machine: 1 there."""
    begin, cpu_begin = time.perf_counter(), time.process_time()
    while (cpu_s := time.process_time() - cpu_begin) < 0.01:
        pass
    return max(1.0, (time.perf_counter() - begin) / cpu_s)
