"""The whole on InfluxDB, as its user starts it."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import aiohttp
import msgspec
import pytest
from ha_ingestor_store.influx.settings import InfluxSettings

from tests.e2e.ingestor import Ingestor
from tests.influxdb import dropped_afterwards, variables

pytestmark = pytest.mark.influxdb


async def write_line(settings: InfluxSettings, line: str) -> None:
    """Write as somebody else's plain client does."""
    parameters = {"db": settings.bucket, "org": settings.org, "bucket": settings.bucket}
    headers = {"Authorization": f"Token {settings.token}"} if settings.token else {}
    path = "/api/v2/write" if settings.token else "/write"
    async with (
        aiohttp.ClientSession(headers=headers) as session,
        session.post(f"{settings.url}{path}", params=parameters, data=line) as answer,
    ):
        assert answer.status == 204, await answer.text()


# plan: 6.2
async def test_a_report_of_somebody_else_is_among_the_services(influxdb: InfluxSettings, tmp_path: Path) -> None:
    demo = msgspec.structs.replace(influxdb, bucket=f"{influxdb.bucket}_demo")
    async with dropped_afterwards(demo), Ingestor(tmp_path, **variables(influxdb)) as ingestor:

        async def stats() -> Any:
            return await ingestor.api.get("/api/v1/stats", period="5m")

        await ingestor.api.eventually(stats, lambda answer: answer["metrics"]["total_events"])
        await write_line(demo, f"service_metrics,service=test-service processing_time_ms=12.5 {time.time_ns()}")
        answer = await ingestor.api.eventually(
            stats, lambda answer: "test-service" in answer["metrics"]["services"], within_s=2
        )
        assert answer["source"] == "influxdb"
        assert answer["metrics"]["services"]["test-service"]["processing_time_ms"] == 12.5
