"""The live tap through the complete flow: in one process, and in three processes over HTTP."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from admin_api.security.scopes import Scope
from admin_api.security.token_file import TokenFile
from ha_ingestor.demo_home import DemoHome
from ha_ingestor_core.clock import SystemClock

from tests.e2e.ingestor import Api, Ingestor, Process
from tests.ports import free_port


@pytest.fixture
async def demo() -> AsyncIterator[DemoHome]:
    """A home whose own events the tests ignore."""
    home = DemoHome(history_hours=0.0)
    await home.start()
    yield home
    await home.stop()


@pytest.fixture(params=["together", "apart"])
async def url(request: pytest.FixtureRequest, demo: DemoHome, tmp_path: Path) -> AsyncIterator[str]:
    """The URL of an Admin API that captures the demo home."""
    async with AsyncExitStack() as stack:
        if request.param == "together":
            yield (await stack.enter_async_context(Ingestor(tmp_path, url=demo.url, token=demo.token))).api.url
            return
        ports = {name: str(free_port()) for name in ("ingestion", "pipeline", "admin")}
        environment = {
            "HA_URL": demo.url,
            "HA_TOKEN": demo.token,
            "DATA_DIR": str(tmp_path / "data"),
            "INTERNAL_TOKEN": "a-token-for-this-test",
            "WEBSOCKET_INGESTION_PORT": ports["ingestion"],
            "ENRICHMENT_PIPELINE_PORT": ports["pipeline"],
            "ADMIN_API_PORT": ports["admin"],
            "WEBSOCKET_INGESTION_URL": f"http://127.0.0.1:{ports['ingestion']}",
            "ENRICHMENT_PIPELINE_URL": f"http://127.0.0.1:{ports['pipeline']}",
        }
        for role in ("enrichment-pipeline", "websocket-ingestion", "admin-api"):
            process = Process("run", role, folder=tmp_path, **environment)
            stack.push_async_callback(process.end)
            await process.start()
        api = Api(f"http://127.0.0.1:{ports['admin']}")
        stack.push_async_callback(api.close)
        await api.eventually(lambda: api.get("/api/v1/health"), lambda h: h["overall_status"] == "healthy")
        yield api.url


async def test_what_came_is_shown_beside_what_became_of_it(url: str, demo: DemoHome, tmp_path: Path) -> None:
    secret, _ = TokenFile(tmp_path / "data", SystemClock()).create("test", Scope.ADMIN)
    headers = {"Authorization": f"Bearer {secret}"}
    async with aiohttp.ClientSession(f"{url}/", headers=headers) as http, asyncio.timeout(60):
        excluded = {"exclude": {"entities": ["sensor.tapped_hidden"]}}
        async with http.put("api/v1/filters", json=excluded) as answer:
            assert answer.status == 200
        async with http.post("api/v1/tap", json={"entity_id": "sensor.tapped_*"}) as answer:
            assert answer.status == 201
            tap_id = (await answer.json())["id"]
        async with http.get(f"api/v1/tap/{tap_id}", timeout=aiohttp.ClientTimeout(total=None)) as stream:
            messages = _messages(stream)
            assert (await anext(messages))[0] == "status"
            for entity_id, state in (
                ("sensor.tapped", "1"),
                ("sensor.tapped_seen", "2.50"),
                ("sensor.tapped_hidden", "3"),
            ):
                demo.house.set_state(entity_id, state, {"unit_of_measurement": "W"})
            seen: list[Any] = []
            while len(seen) < 2:
                event, data = await anext(messages)
                seen += data if event == "events" else []
            async with http.delete(f"api/v1/tap/{tap_id}") as answer:
                assert answer.status == 204
            assert [data async for event, data in messages if event == "end"] == [{"reason": "closed"}]
        actions = await _audited(http)
    written, filtered = sorted(seen, key=lambda event: event["outcome"], reverse=True)
    sent = json.loads(written["raw"])["data"]["new_state"]
    assert (written["outcome"], sent["state"], written["point"]["value"]) == ("written", "2.50", 2.5)
    assert written["point"]["attributes"] == sent["attributes"]
    assert (filtered["outcome"], filtered["reason"]["key"], filtered["point"]) == ("filtered", "excluded_entity", None)
    assert json.loads(filtered["raw"])["data"]["entity_id"] == "sensor.tapped_hidden"
    assert actions == ["DELETE", "END", "POST"]


async def _audited(http: aiohttp.ClientSession) -> list[str]:
    """Return the tap actions in the audit log, which are written shortly after the answer."""
    actions: list[str] = []
    async with asyncio.timeout(10):
        while len(actions) < 3:
            async with http.get("api/v1/audit") as answer:
                entries = (await answer.json())["entries"]
            actions = sorted(entry["action"].split()[0] for entry in entries if "/tap" in entry["action"])
    return actions


async def _messages(stream: aiohttp.ClientResponse) -> AsyncIterator[tuple[str, Any]]:
    event = ""
    async for line in stream.content:
        name, _, value = line.decode().strip().partition(": ")
        if name == "event":
            event = value
        elif name == "data":
            yield event, json.loads(value)
