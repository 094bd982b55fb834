"""The service on a real socket: start, stream and immediate stop."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from admin_api.alerts.rules import rules_of_the_release
from admin_api.alerts.settings import AlertSettings
from admin_api.http import draining
from admin_api.influxdb_client import AdminAPIInfluxDBClient
from admin_api.main import AdminApi, build_admin_api
from admin_api.rollout.settings import StatsSettings
from admin_api.security.settings import SecuritySettings, TokenPolicy
from admin_api.settings import AdminApiSettings, Settings
from ha_ingestor_core.errors import TerminalError
from ha_ingestor_core.settings.service import LogSettings, ServiceSettings
from ha_ingestor_store.settings import StoreSettings
from ha_ingestor_store.store import Capabilities, Source
from prometheus_client import CollectorRegistry


def _settings(
    folder: Path, port: int = 0, host: str = "127.0.0.1", *, evaluates: bool = True, drain_s: float = 0
) -> Settings:
    return Settings(
        admin_api=AdminApiSettings.model_construct(
            host=host,
            port=port,
            drain_s=drain_s,
            dashboard_dir=folder,
            websocket_ingestion_url="http://127.0.0.1:1",
            enrichment_pipeline_url="http://127.0.0.1:1",
        ),
        alerts=AlertSettings.model_construct(
            rules=rules_of_the_release(), urls=None, evaluates=evaluates, dashboard_url=None
        ),
        stats=StatsSettings.model_construct(),
        security=SecuritySettings.model_construct(
            token_policy=TokenPolicy.AUTO, allowed_hosts="", trusted_proxies="", rate_limit=50.0, token=None
        ),
        store=StoreSettings.model_construct(data_dir=folder),
        service=ServiceSettings.model_construct(instance="test", internal_token=None),
        log=LogSettings.model_construct(),
    )


@pytest.fixture
async def api(store: Any, sources: Any, clock: Any, tmp_path: Path) -> AsyncIterator[AdminApi]:
    api = build_admin_api(_settings(tmp_path), store=store, sources=sources, clock=clock)
    await api.start()
    yield api
    await api.stop()


@pytest.fixture
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


async def test_it_answers_at_the_port_that_it_names(api: AdminApi, http: aiohttp.ClientSession) -> None:
    async with http.get(f"{api.url}/api/v1/health/live") as response:
        assert await response.json() == {"status": "alive"}
        assert "server" not in response.headers


# plan: 2.2-tracking, 7.2, success-influxdb
async def test_the_influxdb_client_answers_and_counts_each_question_once(
    store: Any, sources: Any, clock: Any, tmp_path: Path, http: aiohttp.ClientSession
) -> None:
    store.capabilities = Capabilities(source=Source.INFLUXDB, transactional_rollups=False)
    registry = CollectorRegistry()
    api = build_admin_api(
        _settings(tmp_path, evaluates=False), store=store, sources=sources, clock=clock, registry=registry
    )
    await api.start()
    client = api.store_gate
    assert isinstance(client, AdminAPIInfluxDBClient)
    store.asked.clear()
    for path in ("stats", "stats/services", "stats/performance", "stats/trends", "stats/metrics", "events", "gaps"):
        before = client.query_count
        async with http.get(f"{api.url}/api/v1/{path}") as response:
            assert response.status == 200
        asked = {"endpoint": path, "status": "success"}
        counted = registry.get_sample_value("admin_api_influxdb_queries_total", asked)
        timed = registry.get_sample_value("admin_api_influxdb_query_duration_seconds_count", {"endpoint": path})
        assert counted == timed == client.query_count - before > 0
    assert client.query_count == len(store.asked)
    assert registry.get_sample_value("admin_api_influxdb_connected") == 1
    await api.stop()


async def test_head_sends_no_body_on_a_real_connection(api: AdminApi, http: aiohttp.ClientSession) -> None:
    async with http.head(f"{api.url}/api/v1/stats") as head:
        assert (head.status, await head.read()) == (200, b"")
    async with http.head(f"{api.url}/api/v1/stream") as head:
        assert head.status == 200
    async with http.get(f"{api.url}/api/v1/health/live") as response:  # on the connection of the first request
        assert await response.json() == {"status": "alive"}


async def test_signals_are_left_alone(store: Any, sources: Any, tmp_path: Path) -> None:
    before = signal.getsignal(signal.SIGINT)
    api = build_admin_api(_settings(tmp_path), store=store, sources=sources)
    await api.start()
    during = signal.getsignal(signal.SIGINT)
    await api.stop()
    assert during is before


async def test_a_new_event_is_streamed(api: AdminApi, http: aiohttp.ClientSession, store: Any, event: Any) -> None:
    async with http.get(f"{api.url}/api/v1/stream") as response:
        assert response.headers["content-type"].startswith("text/event-stream")
        store.events.append(event(state="on"))
        async with asyncio.timeout(5):
            async for line in response.content:
                if line.startswith(b"data: [{"):
                    break
    assert b'"state":"on"' in line


@pytest.fixture
def drain_ends(monkeypatch: pytest.MonkeyPatch) -> asyncio.Event:
    """Set when the drain time is over."""
    over = asyncio.Event()

    async def sleep(seconds: float) -> None:
        assert seconds == 5
        await over.wait()

    monkeypatch.setattr(draining, "sleep", sleep)
    return over


@pytest.fixture
async def draining_api(store: Any, sources: Any, clock: Any, tmp_path: Path) -> AsyncIterator[AdminApi]:
    """An Admin API that drains for five seconds."""
    api = build_admin_api(_settings(tmp_path, drain_s=5), store=store, sources=sources, clock=clock)
    await api.start()
    yield api
    await api.stop()


async def test_draining_it_is_not_ready_and_answers_on_new_connections_too(
    draining_api: AdminApi, http: aiohttp.ClientSession, drain_ends: asyncio.Event
) -> None:
    url = f"{draining_api.url}/api/v1"
    async with http.get(f"{url}/health/ready") as ready:
        assert (ready.status, ready.headers.get("Connection")) == (200, None)
    drain = asyncio.create_task(draining_api.drain())
    await asyncio.sleep(0)
    async with http.get(f"{url}/health/ready") as ready, aiohttp.ClientSession() as other:
        assert (ready.status, (await ready.json())["error"]["key"]) == (503, "service_unavailable")
        async with other.get(f"{url}/health/live") as alive, other.get(f"{url}/stats") as stats:
            assert (alive.status, stats.status) == (200, 200)
            assert stats.headers["Connection"] == "close"
    drain_ends.set()
    await drain
    with pytest.raises(aiohttp.ClientConnectorError):
        await http.get(f"{url}/health/live")


async def test_a_drain_asks_streams_to_reconnect_after_the_listener_is_closed(
    draining_api: AdminApi, http: aiohttp.ClientSession, drain_ends: asyncio.Event
) -> None:
    drain = asyncio.create_task(draining_api.drain())
    async with http.get(f"{draining_api.url}/api/v1/stream") as response:
        while await response.content.readline() != b"event: statistics\n":
            pass
        drain_ends.set()
        while await response.content.readline() != b"event: reconnect\n":
            pass
        with pytest.raises(aiohttp.ClientConnectorError):
            await http.get(f"{draining_api.url}/api/v1/health/live")
        assert await response.content.read() == b"data: {}\n\n"
    await drain


async def test_without_seconds_there_is_no_drain(api: AdminApi, http: aiohttp.ClientSession) -> None:
    await api.drain()
    async with http.get(f"{api.url}/api/v1/health/ready") as ready:
        assert ready.status == 200


async def test_it_stops_at_once_with_a_page_open(
    store: Any, sources: Any, tmp_path: Path, http: aiohttp.ClientSession
) -> None:
    api = build_admin_api(_settings(tmp_path), store=store, sources=sources)
    await api.start()
    async with http.get(f"{api.url}/api/v1/stream") as response:
        await response.content.readline()
        async with asyncio.timeout(10):
            await api.stop()
            await response.content.read()
    assert response.content.at_eof()


# plan: risk-missing
async def test_last_service_metrics_are_written(
    store: Any, sources: Any, clock: Any, tmp_path: Path, http: aiohttp.ClientSession
) -> None:
    api = build_admin_api(_settings(tmp_path), store=store, sources=sources, clock=clock)
    await api.start()
    async with http.get(f"{api.url}/api/v1/stats") as response:
        assert response.status == 200
    await api.stop()
    (point,) = store.written
    assert (point.service, point.instance, point.counters["events_processed"]) == ("admin-api", "test", 1)
    assert point.levels["queue_depth"] == 0.0


async def test_a_port_in_use_is_reported_by_its_variable(
    api: AdminApi, store: Any, sources: Any, tmp_path: Path
) -> None:
    other = build_admin_api(_settings(tmp_path, port=api.port), store=store, sources=sources)
    with pytest.raises(TerminalError, match=f"Cannot listen on 127.0.0.1:{api.port}.*ADMIN_API_PORT"):
        await other.start()
    await other.stop()


async def test_an_invalid_host_is_reported_by_its_variable(store: Any, sources: Any, tmp_path: Path) -> None:
    other = build_admin_api(_settings(tmp_path, host="no.such.host.invalid"), store=store, sources=sources)
    with pytest.raises(TerminalError, match="ADMIN_API_HOST"):
        await other.start()


async def test_a_client_that_reads_nothing_does_not_delay_the_stop(
    store: Any, sources: Any, clock: Any, tmp_path: Path, event: Any
) -> None:
    api = build_admin_api(_settings(tmp_path), store=store, sources=sources, clock=clock)
    await api.start()
    reader, writer = await asyncio.open_connection("127.0.0.1", api.port, limit=1024)
    writer.write(b"GET /api/v1/stream HTTP/1.1\r\nHost: localhost\r\n\r\n")
    await reader.readline()
    big = '{"a":"' + "x" * 200_000 + '"}'
    for number in range(60):
        store.events.append(event(attributes=big, time_ns=event().time_ns + number))
    await asyncio.sleep(0.4)
    async with asyncio.timeout(10):
        await api.stop()
    writer.close()
