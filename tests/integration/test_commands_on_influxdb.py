"""`ha-ingestor copy` on a real InfluxDB, as its user calls it."""

from __future__ import annotations

import asyncio
import os
import time
from pathlib import Path

import msgspec
import pytest
from ha_ingestor_core.events import STATE_CHANGED
from ha_ingestor_core.service_metrics import Counter, Level, ServiceMetricsPoint
from ha_ingestor_store.embedded.store import EmbeddedStore
from ha_ingestor_store.influx.settings import InfluxSettings
from ha_ingestor_store.influx.store import InfluxStore
from ha_ingestor_store.influx.writing.event_encoder import EventEncoder
from ha_ingestor_store.points import EventPoint

from tests.e2e.ingestor import COMMAND
from tests.influxdb import dropped_afterwards, variables

pytestmark = pytest.mark.influxdb


async def run(folder: Path, *arguments: str, **environment: str) -> tuple[int, str]:
    """The exit code and the output of a command."""
    process = await asyncio.create_subprocess_exec(
        COMMAND,
        *arguments,
        cwd=folder,
        env={"PATH": os.environ["PATH"], "HOME": str(folder), "COLUMNS": "200", **environment},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    output, _ = await process.communicate()
    return process.returncode or 0, output.decode()


async def test_the_doctor_finds_what_is_missing_and_makes_it(influxdb: InfluxSettings, tmp_path: Path) -> None:
    code, output = await run(tmp_path, "doctor", "--no-create", **variables(influxdb))
    assert code == 4
    assert f"{influxdb.bucket} is not there" in output
    code, output = await run(tmp_path, "doctor", **variables(influxdb))
    assert code == 0, output
    assert f"{influxdb.bucket} was created, and keeps what is written for ever" in output
    assert f"{influxdb.rollups_bucket} was created, and keeps what is written for ever" in output
    short = variables(influxdb) | {
        "INFLUXDB_BUCKET": f"{influxdb.bucket}_short",
        "INFLUXDB_ROLLUP_RETENTION_DAYS": "200",
    }
    async with dropped_afterwards(msgspec.structs.replace(influxdb, bucket=short["INFLUXDB_BUCKET"])):
        code, output = await run(tmp_path, "doctor", **short)
        assert code == 0, output
        assert "_short_rollups was created, and keeps what is written for 200 days" in output
    code, output = await run(tmp_path, "doctor", INFLUXDB_RETENTION_DAYS="30", **variables(influxdb))
    assert code == 0, output
    assert "keeps what is written for ever; INFLUXDB_RETENTION_DAYS says for 30 days" in output


async def test_the_doctor_tells_a_wrong_token_and_a_server_that_is_away(
    influxdb: InfluxSettings, tmp_path: Path
) -> None:
    if influxdb.token:
        code, output = await run(tmp_path, "doctor", **variables(influxdb) | {"INFLUXDB_TOKEN": "secret-but-wrong"})
        assert code == 4
        assert "INFLUXDB_TOKEN must be a token of this server" in output
        assert "secret-but-wrong" not in output
    code, output = await run(tmp_path, "doctor", INFLUXDB_URL="http://127.0.0.1:9")
    assert code == 4
    assert "http://127.0.0.1:9 did not answer" in output


async def test_verify_names_the_entities_whose_facts_are_missing(influxdb: InfluxSettings, tmp_path: Path) -> None:
    store = InfluxStore(influxdb, writes_events=True, rolls_up=False)
    events = [
        EventPoint("home", STATE_CHANGED, time.time_ns() + n, "sensor", f"sensor.s{n % 3}", state="1", unit=f"W{n % 2}")
        for n in range(12)
    ]
    await store.writer.write_events(events)
    code, output = await run(tmp_path, "verify", **variables(influxdb))
    assert code == 0, output
    assert "no facts are missing (6 sets)" in output
    connection = await store.connect()
    lost = msgspec.structs.replace(events[0], entity_id="sensor.lost", time_ns=time.time_ns() + 99, unit="kW")
    line = EventEncoder().line(lost)
    await connection.writer.write(connection.database.write_target(rollups=False), [line])
    code, output = await run(tmp_path, "verify", **variables(influxdb))
    assert code == 4, output
    assert "1 of 7 sets of facts are missing (sensor.lost)" in output
    await store.close()


async def test_a_copy_there_and_back_is_the_same(influxdb: InfluxSettings, tmp_path: Path) -> None:
    now_ns = time.time_ns()
    points = [
        EventPoint(
            home="home",
            event_type=STATE_CHANGED,
            time_ns=now_ns - n * 600_000_000_000,
            domain="sensor",
            entity_id=f"sensor.s{n % 7}",
            state=str(n) if n % 3 else "",
            unit="W",
        )
        for n in range(500)
    ]
    first = await EmbeddedStore.open(tmp_path / "data")
    await first.writer.write_events(points)
    await first.writer.write_service_metrics(
        [
            ServiceMetricsPoint(
                service="enrichment-pipeline",
                time_ns=now_ns - (n + 6) * 10_000_000_000,
                instance="a",
                counters={Counter.RECEIVED.value: n},
                levels={Level.LAG_S.value: n / 3},
            )
            for n in range(100)
        ]
    )
    await first.close()

    code, output = await run(tmp_path, "copy", "--from", "embedded", "--to", "influxdb", **variables(influxdb))
    assert code == 0, output
    assert "500 events copied, 500 of them new" in output
    assert "is complete" in output
    assert not list((tmp_path / "data").glob("copy-*"))
    there = variables(influxdb) | {"DATA_DIR": "back"}
    code, output = await run(tmp_path, "copy", "--from", "influxdb", "--to", "embedded", **there)
    assert code == 0, output

    assert await _contents(tmp_path / "back") == await _contents(tmp_path / "data")


async def test_a_copy_goes_by_what_is_there_and_not_by_the_calendar(influxdb: InfluxSettings, tmp_path: Path) -> None:
    now_ns = time.time_ns()
    times_ns = [1, 86_400_000_000_000, now_ns - 30_000_000_000, now_ns]  # 1970, and now
    points = [
        EventPoint("home", STATE_CHANGED, at, domain="sensor", entity_id="sensor.a", state=str(at)) for at in times_ns
    ]
    first = await EmbeddedStore.open(tmp_path / "data")
    await first.writer.write_events(points)
    await first.close()
    async with asyncio.timeout(60):  # 57 years are 83,000 pieces of minutes: hours, were they asked for
        code, output = await run(tmp_path, "copy", "--from", "embedded", "--to", "influxdb", **variables(influxdb))
        assert code == 0, output
        there = variables(influxdb) | {"DATA_DIR": "back"}
        code, output = await run(tmp_path, "copy", "--from", "influxdb", "--to", "embedded", **there)
        assert code == 0, output
    assert await _contents(tmp_path / "back") == await _contents(tmp_path / "data")


async def _contents(folder: Path) -> tuple[list[EventPoint], list[ServiceMetricsPoint]]:
    store = await EmbeddedStore.open(folder)
    found = (
        await store.exporter.export_events(None, 1000),
        await store.exporter.export_service_metrics(None, 1000),
    )
    await store.close()
    return found
