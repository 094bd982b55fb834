"""The store stops, is slow, returns garbage and recovers: statistics are always answered, with the correct source."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import msgspec
import pytest
from admin_api.alerts.rules import rules_of_the_release
from admin_api.alerts.settings import AlertSettings
from admin_api.main import AdminApi, build_admin_api
from admin_api.peers.status import StatusSources
from admin_api.rollout.settings import StatsSettings
from admin_api.security.settings import SecuritySettings
from admin_api.settings import AdminApiSettings
from admin_api.settings import Settings as AdminApiSettingsTree
from enrichment_pipeline.main import EnrichmentPipeline, build_enrichment_pipeline
from enrichment_pipeline.settings import FilterSettings, PipelineSettings, WeatherSettings, WeatherSource
from enrichment_pipeline.settings import Settings as PipelineSettingsTree
from ha_ingestor_core.clock import ns_to_rfc3339
from ha_ingestor_core.errors import ServiceUnavailableError, TransientError
from ha_ingestor_core.events import EventBatch, RawEvent
from ha_ingestor_core.reporting.report_memory import Reports
from ha_ingestor_core.settings.service import LogSettings, ServiceSettings
from ha_ingestor_store.influx.settings import InfluxSettings
from ha_ingestor_store.influx.store import InfluxStore
from ha_ingestor_store.settings import StoreSettings

from tests.faults.http_proxy import Answer, Behaviour, Forward, HttpProxy, Request, slow
from tests.influxdb import InfluxDb1, a_database, require_influxdb

pytestmark = pytest.mark.influxdb

DASHBOARDS = 10
PAGES = ("stats?period=1h", "stats?period=24h", "stats/services", "stats/performance", "health", "topology")
FALLBACK, STORE = "services-fallback", "influxdb"


class Away:
    """A websocket-ingestion that cannot be reached."""

    async def status(self) -> dict[str, Any]:
        raise ServiceUnavailableError("no capture in this test")

    async def reports(self, start_ns: int) -> Reports:
        raise ServiceUnavailableError("no capture in this test")


class Feeder:
    """Delivers numbered events as a capture does: the same batch until it is acknowledged."""

    def __init__(self, pipeline: EnrichmentPipeline) -> None:
        self._pipeline = pipeline
        self.acknowledged = 0

    async def feed(self, batches: int, per_batch: int = 20) -> None:
        """Deliver a number of batches in sequence."""
        for number in range(batches):
            batch = EventBatch("home", [_change(number * per_batch + n) for n in range(per_batch)])
            while True:
                try:
                    receipt = await self._pipeline.deliver(batch)
                except TransientError:
                    await asyncio.sleep(0.05)
                    continue
                self.acknowledged += receipt.written
                break


class Dashboards:
    """Ten open pages; every status other than 200 is an error."""

    def __init__(self, url: str) -> None:
        self._url = url
        self.errors: list[str] = []
        self.answers = 0

    async def watch(self, session: aiohttp.ClientSession) -> None:
        """Run one dashboard until cancelled."""
        while True:
            for page in PAGES:
                try:
                    async with session.get(f"{self._url}/api/v1/{page}") as response:
                        body = await response.text()
                        if response.status != 200:
                            self.errors.append(f"{page}: {response.status} {body[:200]}")
                except aiohttp.ClientError as err:
                    self.errors.append(f"{page}: {err!r}")
                self.answers += 1
            await asyncio.sleep(0.2)


@pytest.fixture
async def proxy(tmp_path: Path) -> AsyncIterator[tuple[HttpProxy, InfluxDb1]]:
    """A database and the proxy in front of it."""
    require_influxdb()
    server = InfluxDb1(tmp_path)
    server.start()
    way = HttpProxy(server.url)
    await way.start()
    yield way, server
    await way.stop()
    server.kill()


# plan: success-downtime, success-errors, risk-connection
async def test_statistics_are_answered_whatever_the_store_does(
    proxy: tuple[HttpProxy, InfluxDb1], tmp_path: Path
) -> None:
    way, server = proxy
    async with running(a_database(way.url), tmp_path) as (api, feeder), aiohttp.ClientSession() as session:
        dashboards = Dashboards(api.url)
        watching = [asyncio.create_task(dashboards.watch(session)) for _ in range(DASHBOARDS)]

        async def stats() -> Any:
            async with session.get(f"{api.url}/api/v1/stats?period=1h") as response:
                assert response.status == 200
                return await response.json()

        async def told_by(source: str) -> Any:
            return await eventually(stats, lambda answer: answer["source"] == source)

        async def told_right_by(source: str) -> Any:
            """Check that the correct source returns the acknowledged number; nothing is delivered in the meantime."""
            return await eventually(
                stats,
                lambda a: (a["source"], a["metrics"]["total_events"]) == (source, feeder.acknowledged),
            )

        await feeder.feed(10)
        await told_right_by(STORE)

        server.kill()
        answer = await told_by(FALLBACK)
        feeding = asyncio.create_task(feeder.feed(5))  # waits for the store, as a capture does
        answer = await told_right_by(FALLBACK)
        assert "did not answer" in answer["warning"]
        assert answer["metrics"]["services"]["websocket-ingestion"]["error"] == "no capture in this test"
        await history_is_a_503(session, api)
        await asyncio.to_thread(server.start)
        await feeding
        await told_right_by(STORE)

        with way.behaving(slow(2.0)):
            await told_by(FALLBACK)
            await feeder.feed(1)
            await told_right_by(FALLBACK)
        await told_right_by(STORE)

        with way.behaving(garbage()):
            await told_by(FALLBACK)
            await told_right_by(FALLBACK)
        await feeder.feed(3)
        answer = await told_right_by(STORE)
        assert answer["warning"] is None

        for task in watching:
            task.cancel()
        await asyncio.gather(*watching, return_exceptions=True)
        assert dashboards.errors == []
        assert dashboards.answers > 500


async def test_a_store_that_is_away_at_the_start_is_found_later(
    proxy: tuple[HttpProxy, InfluxDb1], tmp_path: Path
) -> None:
    way, server = proxy
    server.kill()
    async with running(a_database(way.url), tmp_path) as (api, feeder), aiohttp.ClientSession() as session:

        async def stats() -> Any:
            async with session.get(f"{api.url}/api/v1/stats") as response:
                return await response.json()

        assert (await stats())["source"] == FALLBACK
        async with session.get(f"{api.url}/api/v1/health/ready") as response:
            assert (response.status, (await response.json())["source"]) == (200, FALLBACK)
        await asyncio.to_thread(server.start)
        await feeder.feed(1)
        await eventually(stats, lambda a: (a["source"], a["metrics"]["total_events"]) == (STORE, feeder.acknowledged))


@asynccontextmanager
async def running(influxdb: InfluxSettings, folder: Path) -> AsyncIterator[tuple[AdminApi, Feeder]]:
    """A pipeline and an Admin API, each with its own connection to the database."""
    store_settings = StoreSettings.model_construct(data_dir=folder / "data")
    service, log = ServiceSettings.model_construct(instance="test", internal_token=None), LogSettings.model_construct()
    writing = InfluxStore(influxdb, writes_events=True)
    reading = InfluxStore(influxdb, writes_events=False)
    pipeline = build_enrichment_pipeline(
        PipelineSettingsTree(
            pipeline=PipelineSettings.model_construct(),
            filters=FilterSettings.model_construct(),
            weather=WeatherSettings.model_construct(source=WeatherSource.OFF),
            store=store_settings,
            service=service,
            log=log,
        ),
        store=writing.writer,
    )
    api = build_admin_api(
        AdminApiSettingsTree(
            admin_api=AdminApiSettings.model_construct(host="127.0.0.1", port=0, dashboard_dir=folder),
            stats=StatsSettings.model_construct(),
            alerts=AlertSettings.model_construct(
                rules=rules_of_the_release(), urls=None, evaluates=True, dashboard_url=None
            ),
            security=SecuritySettings.model_construct(),
            store=store_settings,
            service=service,
            log=log,
        ),
        store=reading,
        sources=StatusSources(Away(), pipeline),
    )
    await pipeline.start()
    await api.start()
    try:
        yield api, Feeder(pipeline)
    finally:
        await api.stop()
        await pipeline.stop()
        await reading.close()
        await writing.close()


async def history_is_a_503(session: aiohttp.ClientSession, api: AdminApi) -> None:
    """Check that what the services do not have is a 503 with the reason and Retry-After."""
    async with session.get(f"{api.url}/api/v1/events") as response:
        body = await response.json()
        assert (response.status, body["error"]["key"]) == (503, "store_unavailable")
        assert int(response.headers["Retry-After"]) >= 1


async def eventually(ask: Callable[[], Awaitable[Any]], wanted: Callable[[Any], bool], within_s: float = 20.0) -> Any:
    """Return the first answer that matches."""
    deadline = time.monotonic() + within_s
    while True:
        answer = await ask()
        if wanted(answer):
            return answer
        assert time.monotonic() < deadline, f"not within {within_s:g} s: {str(answer)[:1000]}"
        await asyncio.sleep(0.1)


def garbage() -> Behaviour:
    """A proxy's login page instead of an answer."""

    async def behave(_: Request, __: Forward) -> Answer:
        return Answer(200, {"Content-Type": "text/html"}, b"<html>who are you?</html>")

    return behave


def _change(number: int) -> RawEvent:
    now_ns = time.time_ns()
    entity, moment = f"sensor.s{number % 7}", ns_to_rfc3339(now_ns)
    state = {"entity_id": entity, "state": str(number), "attributes": {}, "last_updated": moment}
    data = {"entity_id": entity, "old_state": None, "new_state": state}
    event = {"event_type": "state_changed", "data": data, "origin": "LOCAL", "time_fired": moment}
    return RawEvent(msgspec.Raw(msgspec.json.encode(event)), now_ns)
