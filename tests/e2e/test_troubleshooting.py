"""Every command of the runbook on the Admin API and InfluxDB has the documented result with a real InfluxDB."""

from __future__ import annotations

import asyncio
import json
import os
import re
from pathlib import Path

import msgspec
import pytest
from ha_ingestor_store.influx.settings import InfluxSettings

from tests.e2e.ingestor import COMMAND, Ingestor
from tests.influxdb import dropped_afterwards, variables

pytestmark = pytest.mark.influxdb

RUNBOOK = Path(__file__).parents[2] / "docs" / "runbooks" / "admin-api-influxdb-troubleshooting.md"
COMMANDS = [
    re.sub(r"\\\n\s*", "", found)
    for found in re.findall(r"^ +((?:curl|ha-ingestor) (?:.*\\\n)*.*)$", RUNBOOK.read_text("utf-8"), re.MULTILINE)
]
SOURCE = "stats-source:"


def command(*parts: str) -> str:
    """Return the one command of the runbook that contains all of these texts."""
    (found,) = (each for each in COMMANDS if all(part in each for part in parts))
    return found


# plan: 8.3
async def test_every_command_of_the_runbook_does_what_it_says(influxdb: InfluxSettings, tmp_path: Path) -> None:
    demo = msgspec.structs.replace(influxdb, bucket=f"{influxdb.bucket}_demo")
    async with dropped_afterwards(demo), Ingestor(tmp_path, **variables(influxdb)) as ingestor:
        await ingestor.api.eventually(
            lambda: ingestor.api.get("/api/v1/stats"), lambda answer: answer["metrics"]["total_events"]
        )
        tried: set[str] = set()

        async def run(example: str) -> str:
            tried.add(example)
            script = example.replace("http://127.0.0.1:8003", ingestor.api.url)
            script = script.replace("http://127.0.0.1:8086", influxdb.url).replace("--no-create", "--no-create --demo")
            process = await asyncio.create_subprocess_exec(
                *("bash", "-o", "pipefail", "-c", re.sub(r"^curl ", "curl --silent --fail ", script)),
                cwd=tmp_path,
                env={
                    "PATH": f"{COMMAND.parent}:{os.environ['PATH']}",
                    **ingestor.process.environment,
                    "TOKEN": (tmp_path / "data" / "command-line-token").read_text().split()[0],
                },
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.STDOUT,
            )
            output = (await process.communicate())[0].decode()
            assert process.returncode == 0, f"{example}\n{output}"
            return output

        assert "204" in await run(command("/ping"))
        assert "✓  server" in await run(command("doctor"))
        dependencies = json.loads(await run(command("/health/dependencies")))["dependencies"]
        assert [each["status"] for each in dependencies if each["name"] == "influxdb"] == ["healthy"]
        assert (await run(command(SOURCE[:-1], "grep"))).split() == [SOURCE, "influxdb"]
        assert "admin_api_influxdb_connected 1.0" in await run(command("/metrics"))

        assert json.loads(await run(command("Bearer", "/config/stats-source", "curl -H")))["use_influxdb_stats"]
        assert not json.loads(await run(command('{"use_influxdb_stats": false}')))["use_influxdb_stats"]
        assert (await run(command(SOURCE[:-1], "grep"))).split() == [SOURCE, "services"]
        assert json.loads(await run(command('"influxdb_rollout_percent": 10')))["influxdb_rollout_percent"] == 10
        assert "answers_not_covered" in json.loads(await run(command("/stats/comparison")))
        assert tried == set(COMMANDS)
