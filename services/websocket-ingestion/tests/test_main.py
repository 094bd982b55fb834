"""The service as a whole: in one process by a call, and alone over HTTP."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import msgspec
import pytest
import structlog
from aiohttp import web
from aiohttp.test_utils import TestServer, unused_port
from ha_ingestor_core.clock import SystemClock
from ha_ingestor_core.delivery import Receipt
from ha_ingestor_core.errors import InvalidSettingsError, ServiceUnavailableError, TerminalError
from ha_ingestor_core.events import EventBatch
from ha_ingestor_core.http.client import InternalClient
from ha_ingestor_core.http.service_app import json_response
from ha_ingestor_core.settings.home_assistant import HomeAssistantSettings
from ha_ingestor_core.settings.homes import HomesSettings
from ha_ingestor_core.settings.service import LogSettings, ServiceSettings
from ha_ingestor_store.factory import open_store
from ha_ingestor_store.settings import StoreSettings
from prometheus_client import CollectorRegistry
from pydantic import SecretStr
from structlog.testing import capture_logs
from websocket_ingestion.configured_homes import homes_to_capture
from websocket_ingestion.connection.capture import Home
from websocket_ingestion.main import build_websocket_ingestion, build_websocket_ingestion_server
from websocket_ingestion.service import WebsocketIngestion
from websocket_ingestion.settings import CaptureSettings, GapSettings, Settings

INTERNAL_TOKEN = "a-token-of-sixteen"


@pytest.fixture
def demo(home_assistant: Any) -> Home:
    return Home(name="demo", url=home_assistant.url, token=SecretStr(home_assistant.token))


@pytest.fixture
def service(demo: Home, delivery: Any, sink: Any, registry: CollectorRegistry, tmp_path: Path) -> WebsocketIngestion:
    return build_websocket_ingestion(
        [demo],
        settings=CaptureSettings.model_validate({}),
        gap_settings=GapSettings.model_validate({}),
        data_dir=tmp_path,
        instance="here",
        delivery=delivery,
        sink=sink,
        clock=SystemClock(),
        registry=registry,
    )


async def test_events_flow_from_start_to_stop_and_the_last_interval_is_reported(
    service: WebsocketIngestion, home_assistant: Any, delivery: Any, sink: Any, eventually: Any
) -> None:
    await service.start()
    await eventually(lambda: home_assistant.commands_of("get_states"))
    await home_assistant.send(home_assistant.event(), home_assistant.event())
    await eventually(lambda: len(delivery.events) == 2)
    await service.stop()
    assert delivery.delivered[0].home == "demo"
    assert (sink.points[-1].service, sink.points[-1].instance) == ("websocket-ingestion", "here")
    assert sum(point.counters["events_received"] for point in sink.points) == 2
    assert sink.points[-1].levels["queue_depth"] == 0


async def test_the_status_has_all_that_the_admin_api_asks(
    service: WebsocketIngestion, home_assistant: Any, delivery: Any, eventually: Any
) -> None:
    assert (await service.status())["started"] is None
    await service.start()
    await eventually(lambda: home_assistant.commands_of("get_states"))
    await home_assistant.send(home_assistant.event())
    await eventually(lambda: delivery.events)
    async with asyncio.timeout(10):
        while (status := await service.status())["totals"]["written"] < 1:  # noqa: ASYNC110
            await asyncio.sleep(0.002)
    await service.stop()
    assert msgspec.json.decode(msgspec.json.encode(status)) == status
    assert (status["service"], status["instance"], status["home"]) == ("websocket-ingestion", "here", "demo")
    assert (status["counters"]["events_received"], status["queue_depth"]) == (1, 0)
    assert (status["totals"]["received"], status["totals"]["written"], status["totals"]["queued"]) == (1, 1, 0)
    assert (status["spool"]["events_at_start"], status["spool"]["disk_bytes_limit"]) == (0, 2 * 1024**3)
    connection, processing = status["websocket_connection"], status["event_processing"]
    assert (connection["state"], connection["is_connected"], connection["ha_version"]) == (
        "connected",
        True,
        "2024.3.3",
    )
    assert (processing["events_per_minute"], processing["processing_lag_s"]) == (1, 0)


async def test_health_follows_the_service(service: WebsocketIngestion, eventually: Any) -> None:
    assert service.health()["status"] == "unhealthy"
    await service.start()
    await eventually(lambda: service.health()["status"] == "healthy")
    demo = service.health()["homes"]["demo"]
    assert (demo["status"], demo["reasons"]) == ("healthy", [])
    assert abs(demo["clock_offset_s"]) < 2
    await service.stop()
    health = service.health()
    assert (health["status"], health["reasons"]) == ("unhealthy", ["not_running", "stopped"])


async def test_log_lines_carry_the_home(service: WebsocketIngestion, home_assistant: Any, eventually: Any) -> None:
    with capture_logs(processors=[structlog.contextvars.merge_contextvars]) as lines:
        await service.start()
        await eventually(lambda: any(line["event"] == "home_assistant_connected" for line in lines))
        await service.stop()
    assert {line.get("home") for line in lines if line["event"] == "home_assistant_connected"} == {"demo"}


async def test_a_service_that_was_never_started_can_be_stopped(service: WebsocketIngestion) -> None:
    await service.stop()


async def test_alone_it_delivers_over_http_and_listens(
    demo: Home, home_assistant: Any, eventually: Any, tmp_path: Path
) -> None:
    batches: list[EventBatch] = []

    async def take_events(request: web.Request) -> web.Response:
        batches.append(msgspec.json.decode(await request.read(), type=EventBatch))
        return json_response(Receipt(written=len(batches[-1].events)))

    async def take_registries(_: web.Request) -> web.Response:
        return json_response({})

    app = web.Application()
    app.router.add_post("/api/v1/events", take_events)
    app.router.add_put("/api/v1/registries/demo", take_registries)
    pipeline = TestServer(app)
    await pipeline.start_server()
    port = unused_port()
    settings = Settings(
        home_assistant=HomeAssistantSettings.model_validate({}),
        homes=HomesSettings.model_validate({}),
        capture=CaptureSettings.model_validate({"port": port, "enrichment_pipeline_url": str(pipeline.make_url(""))}),
        gaps=GapSettings.model_validate({}),
        service=ServiceSettings.model_validate({"internal_token": INTERNAL_TOKEN}),
        store=StoreSettings.model_validate({"data_dir": tmp_path}),
        log=LogSettings.model_validate({}),
    )
    alone = build_websocket_ingestion_server(settings, homes=[demo])
    client = InternalClient(f"http://127.0.0.1:{port}", INTERNAL_TOKEN)
    await alone.start()
    await eventually(lambda: home_assistant.commands_of("get_states"))
    await home_assistant.send(home_assistant.event())
    await eventually(lambda: batches)
    stats = msgspec.json.decode(await client.get("/stats"))
    exposition = await client.get("/metrics")
    health = msgspec.json.decode(await client.get("/health"))
    await alone.stop()
    assert batches[0].home == stats["home"] == "demo"
    assert health["status"] == "healthy"
    assert b'ha_ingestor_websocket_ingestion_events_received_total{home="demo",kind="live"} 1.0' in exposition
    with pytest.raises(ServiceUnavailableError):
        await client.get("/health")
    await client.close()
    await pipeline.close()
    store = await open_store(settings.store)
    metrics = await store.reader.latest_metrics("websocket-ingestion")
    await store.close()
    assert metrics


async def test_a_port_that_is_taken_is_named(demo: Home, home_assistant: Any) -> None:
    settings = Settings(
        home_assistant=HomeAssistantSettings.model_validate({}),
        homes=HomesSettings.model_validate({}),
        capture=CaptureSettings.model_validate({"port": home_assistant.server.port}),
        gaps=GapSettings.model_validate({}),
        service=ServiceSettings.model_validate({}),
        store=StoreSettings.model_validate({}),
        log=LogSettings.model_validate({}),
    )
    with pytest.raises(TerminalError, match="WEBSOCKET_INGESTION_PORT"):
        await build_websocket_ingestion_server(settings, homes=[demo]).start()


NO_FURTHER = HomesSettings.model_validate({})
LAKE = HomeAssistantSettings.model_validate({"url": "http://ha:8123/", "token": "secret", "home": "lake"})


def test_the_home_of_the_settings_is_captured() -> None:
    assert homes_to_capture(LAKE, NO_FURTHER) == [
        Home(name="lake", url="http://ha:8123", token=SecretStr("secret"), token_variable="HA_TOKEN")
    ]


def test_further_homes_come_after_the_first_or_stand_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HA_URL_CABIN", "http://cabin:8123")
    monkeypatch.setenv("HA_TOKEN_CABIN", "t")
    further = HomesSettings.model_validate({"names": "cabin"})
    assert [home.name for home in homes_to_capture(LAKE, further)] == ["lake", "cabin"]
    nobody = HomeAssistantSettings.model_validate({})
    assert homes_to_capture(nobody, further) == [
        Home(
            name="cabin",
            url="http://cabin:8123",
            token=SecretStr("t"),
            token_variable="HA_TOKEN_CABIN",
            url_variable="HA_URL_CABIN",
        )
    ]
    with pytest.raises(InvalidSettingsError, match="HA_HOMES: names cabin, as HA_HOME does"):
        homes_to_capture(LAKE.model_copy(update={"home": "cabin"}), further)


def test_without_a_home_all_missing_settings_are_reported_together() -> None:
    with pytest.raises(InvalidSettingsError) as caught:
        homes_to_capture(HomeAssistantSettings.model_validate({}), NO_FURTHER)
    assert [problem.variable for problem in caught.value.detail["problems"]] == ["HA_URL", "HA_TOKEN"]
