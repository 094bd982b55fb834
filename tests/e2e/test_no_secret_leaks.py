"""Marked secrets in every setting that can hold one do not occur in answers, metrics, logs or output."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from ha_ingestor.demo_home import DemoHome

from tests.e2e.ingestor import COMMAND, START_LIMIT_S, Api, Process
from tests.influxdb import InfluxDb1, require_influxdb
from tests.ports import free_port

MARK = "marked-secret"
TOKEN = f"hai_{MARK}-{'0' * 32}"
WHAT_CAN_HOLD_ONE = {
    "HA_TOKEN": f"{MARK}-ha-token",
    "HA_HOMES": "cabin",
    "HA_TOKEN_CABIN": f"{MARK}-cabin-token",
    "INTERNAL_TOKEN": f"{MARK}-internal-token",
    "WEATHER_SOURCE": "openweathermap",
    "WEATHER_API_KEY": f"{MARK}-weather-key",
    "WEATHER_LATITUDE": "52",
    "WEATHER_LONGITUDE": "13",
    "ALERT_URLS": f"json://{MARK}-user:{MARK}-alert-password@127.0.0.1:1/{MARK}-path",
    "DASHBOARD_URL": f"http://me:{MARK}-dashboard@127.0.0.1:3000",
}


def address(name: str, port: int = 1) -> str:
    """Return a URL with marked credentials; nothing listens on port 1."""
    return f"http://{MARK}-user:{MARK}-p%40ss-{name}@127.0.0.1:{port}"


class Ingestor:
    """A role with marked settings, and its output."""

    def __init__(self, folder: Path, role: str, **environment: str) -> None:
        port = free_port()
        self.url = f"http://127.0.0.1:{port}"
        self.folder = folder
        self.environment = {
            **WHAT_CAN_HOLD_ONE,
            "HA_URL": address("ha"),
            "HA_URL_CABIN": address("cabin"),
            "INFLUXDB_URL": address("influxdb"),
            "WEATHER_URL": address("weather"),
            "WEBSOCKET_INGESTION_URL": address("ingestion"),
            "ENRICHMENT_PIPELINE_URL": address("pipeline"),
            "ADMIN_API_PORT": str(port),
            "DATA_DIR": str(folder / "data"),
            "LOG_LEVEL": "DEBUG",
            **environment,
        }
        self.process = Process("run", role, folder=folder, **self.environment)
        self.token = ""

    async def __aenter__(self) -> Ingestor:
        await self.process.start()
        async with asyncio.timeout(START_LIMIT_S):
            while " is running: " not in self.process.log:
                self.process.assert_running()
                await asyncio.sleep(0.05)
        self.token = (await self.command("tokens", "create", "search", "--scope", "admin")).splitlines()[-1]
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.process.end()

    async def command(self, *arguments: str) -> str:
        """Return the output of a command."""
        process = await asyncio.create_subprocess_exec(
            COMMAND,
            *arguments,
            cwd=self.folder,
            env={"PATH": "/usr/bin:/bin", "HOME": str(self.folder), **self.environment},
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        return (await process.communicate())[0].decode()

    async def until(self, wanted: Callable[[list[dict[str, Any]]], bool]) -> None:
        """Return when the dependencies have the expected status."""
        api = Api(self.url)
        try:
            await api.eventually(
                lambda: api.get("/api/v1/health/dependencies"), lambda a: wanted(a["dependencies"]), START_LIMIT_S
            )
        finally:
            await api.close()

    async def everything(self) -> dict[str, str]:
        """Return all answers to GET as admin and without a token, the page, the log and the output of the commands."""
        said = {}
        for name, headers in (("admin", {"Authorization": f"Bearer {self.token}"}), ("nobody", {})):
            async with aiohttp.ClientSession(self.url, headers=headers) as http:
                async with http.get("/api/v1/openapi.json") as answer:
                    paths = json.loads(await answer.text())["paths"]
                wanted = [path for path, methods in paths.items() if "get" in methods and not path.endswith("/stream")]
                assert len(wanted) > 20
                for path in (*wanted, "/metrics", "/", "/api/v1/openapi.json", "/api/v1/health/metrics"):
                    target = path.replace("{", "").replace("}", "")
                    async with http.get(target) as answer:
                        said[f"{target} as {name}"] = f"{answer.status} {answer.headers} {await answer.text()}"
        for arguments in (("check-config",), ("doctor", "--no-create"), ("gaps",), ("alerts",), ("filters", "show")):
            said[" ".join(arguments)] = await self.command(*arguments)
        return {**said, "log": self.process.log}


def found_in(said: dict[str, str]) -> dict[str, str]:
    """Return the places of a mark, with the text around it."""
    return {place: text[max(0, text.find(MARK) - 80) :][:240] for place, text in said.items() if MARK in text}


async def test_no_secret_leaks_while_everything_is_away(tmp_path: Path) -> None:
    async with Ingestor(tmp_path, "all") as ingestor:
        await ingestor.until(lambda parts: all(part["last_error"] for part in parts if part["kind"] != "service"))
        assert found_in(await ingestor.everything()) == {}


async def test_no_secret_leaks_by_the_admin_api_alone(tmp_path: Path) -> None:
    tokens = {"INFLUXDB_TOKEN": f"{MARK}-influxdb-token", "INFLUXDB_WRITE_TOKEN": f"{MARK}-writer:{MARK}-write-token"}
    async with Ingestor(tmp_path, "admin-api", INFLUXDB_URL="http://127.0.0.1:1", **tokens) as ingestor:
        said = await ingestor.everything()
        assert "did not answer" in said["/api/v1/health as admin"]
        assert found_in(said) == {}


@pytest.fixture
async def demo_home() -> AsyncIterator[DemoHome]:
    demo = DemoHome(history_hours=0.01)
    await demo.start()
    yield demo
    await demo.stop()


async def test_no_secret_leaks_while_everything_is_there(tmp_path: Path, demo_home: DemoHome) -> None:
    require_influxdb()
    demo_home.token = demo_home.server.token = f"{MARK}-demo-token"
    influxdb = InfluxDb1(tmp_path, asks_who=True)
    influxdb.start()
    try:
        port = int(demo_home.url.rpartition(":")[2])
        settings = {
            "HA_URL": address("ha", port),
            "HA_TOKEN": demo_home.token,
            "INFLUXDB_URL": influxdb.url,
            "INFLUXDB_TOKEN": influxdb.token,
            "INFLUXDB_WRITE_TOKEN": influxdb.token,
        }
        async with Ingestor(tmp_path, "all", **settings) as ingestor:
            await ingestor.until(lambda parts: parts[-1]["status"] == "healthy")
            said = await ingestor.everything()
            assert found_in(said) == {}
            assert influxdb.token.partition(":")[2] not in "".join(said.values())
    finally:
        influxdb.kill()
