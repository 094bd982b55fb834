"""InfluxDB is stopped: the alert fires in time, is delivered, and is resolved when InfluxDB is back."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any, NamedTuple

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from ha_ingestor.demo_home import DemoHome

from tests.e2e.ingestor import Api
from tests.e2e.monitoring import (
    ALERTMANAGER,
    PROMETHEUS,
    Prometheus,
    require,
    running_alertmanager,
    running_prometheus,
)
from tests.e2e.services_apart import METRICS_TOKEN, ServicesApart
from tests.influxdb import InfluxDb1, a_database, require_influxdb, variables

pytestmark = pytest.mark.full  # the rule waits for two minutes

ALERT = "InfluxDBConnectionDown"
CONSEQUENCE = "HAIngestorFallbackActive"
FOR_S = 120
"""The `for` of the rule."""
INTERVALS_S = 30
"""A scrape and an evaluation interval of prometheus.yml: the maximum delay of an alert."""
RECEIVER_TOKEN = "receiver-token-of-the-tests"
LIMIT_S = 300.0


class Receiver:
    """The receiver of Alertmanager's messages."""

    def __init__(self) -> None:
        self.messages: list[dict[str, Any]] = []
        self.tokens: set[str] = set()
        app = web.Application()
        app.router.add_post("/", self._take)
        self.server = TestServer(app)

    async def _take(self, request: web.Request) -> web.Response:
        self.tokens.add(request.headers.get("Authorization", ""))
        self.messages.append(await request.json())
        return web.Response()

    def alerts(self, name: str, status: str) -> list[dict[str, Any]]:
        """Return the received alerts with a name and a status."""
        told = (alert for message in self.messages for alert in message["alerts"])
        return [alert for alert in told if alert["labels"]["alertname"] == name and alert["status"] == status]


class Stack(NamedTuple):
    """All running processes."""

    influxdb: InfluxDb1
    services: ServicesApart
    prometheus: Prometheus
    alertmanager: Api
    receiver: Receiver


@pytest.fixture
async def stack(tmp_path: Path) -> AsyncIterator[Stack]:
    """The services with InfluxDB 1.x, Prometheus and Alertmanager; healthy and scraped."""
    require_influxdb()
    require(PROMETHEUS, ALERTMANAGER)
    receiver = Receiver()
    async with AsyncExitStack() as undo:
        await receiver.server.start_server()
        undo.push_async_callback(receiver.server.close)
        (folder := tmp_path / "influxdb").mkdir()
        influxdb = InfluxDb1(folder)
        undo.callback(influxdb.kill)
        await asyncio.to_thread(influxdb.start)
        home = DemoHome(history_hours=0.0)
        await home.start()
        undo.push_async_callback(home.stop)
        services = await undo.enter_async_context(
            ServicesApart(tmp_path, home=home, **variables(a_database(influxdb.url)))
        )
        alertmanager = await undo.enter_async_context(
            running_alertmanager(tmp_path, receiver=str(receiver.server.make_url("/")), token=RECEIVER_TOKEN)
        )
        prometheus = await undo.enter_async_context(
            running_prometheus(
                tmp_path,
                targets=services.targets,
                token=METRICS_TOKEN,
                alertmanager=alertmanager.url.removeprefix("http://"),
                dashboard_url=services.api.url,
            )
        )
        await prometheus.eventually(lambda: prometheus.value("admin_api_influxdb_connected"), lambda n: n == 1)
        yield Stack(influxdb, services, prometheus, alertmanager, receiver)


async def firing(prometheus: Prometheus, alert: str) -> bool:
    """Return whether an alert is firing."""
    return bool(await prometheus.query(f'ALERTS{{alertname="{alert}",alertstate="firing"}}'))


async def waited_s(prometheus: Prometheus) -> float:
    """Return the seconds from the first sample without connection to the alert, by the times of Prometheus."""
    connected = await prometheus.samples("admin_api_influxdb_connected")
    raised = await prometheus.samples(f'ALERTS{{alertname="{ALERT}",alertstate="firing"}}')
    return raised[0][0] - next(time for time, value in connected if value == 0)


async def end_of(prometheus: Prometheus, alert: str) -> float:
    """Return the time of the last sample of a fired alert."""
    return (await prometheus.samples(f'ALERTS{{alertname="{alert}",alertstate="firing"}}'))[-1][0]


async def is_inhibited(stack: Stack, alert: str) -> bool:
    """Return whether Alertmanager has an alert and inhibits it."""
    known = await stack.alertmanager.get("/api/v2/alerts", filter=f'alertname="{alert}"')
    return bool(known) and all(each["status"]["inhibitedBy"] for each in known)


# plan: 7.4
async def test_influxdb_stopped_raises_the_alert_in_its_time_and_resolves_it_after(stack: Stack) -> None:
    prometheus, receiver = stack.prometheus, stack.receiver
    stack.influxdb.kill()
    await prometheus.eventually(
        lambda: prometheus.value("admin_api_influxdb_connected"), lambda connected: connected == 0, LIMIT_S
    )
    await stack.services.api.get("/api/v1/stats", period="1h")  # answered by the services as fallback

    await prometheus.eventually(lambda: asyncio.sleep(0, receiver.alerts(ALERT, "firing")), bool, LIMIT_S)
    assert FOR_S <= await waited_s(prometheus) <= FOR_S + INTERVALS_S
    (alert, *_) = receiver.alerts(ALERT, "firing")
    assert alert["annotations"]["summary"] == "Admin API lost InfluxDB connection"
    async with aiohttp.ClientSession() as session, session.get(alert["annotations"]["runbook_url"]) as runbook:
        assert "# store_unreachable" in await runbook.text()

    await prometheus.eventually(lambda: firing(prometheus, CONSEQUENCE), bool, LIMIT_S)
    await prometheus.eventually(lambda: is_inhibited(stack, CONSEQUENCE), bool, LIMIT_S)
    assert receiver.alerts(CONSEQUENCE, "firing") == []

    await asyncio.to_thread(stack.influxdb.start)
    await prometheus.eventually(lambda: asyncio.sleep(0, receiver.alerts(ALERT, "resolved")), bool, LIMIT_S)
    assert not await firing(prometheus, ALERT)
    await prometheus.eventually(lambda: firing(prometheus, CONSEQUENCE), lambda is_raised: not is_raised)
    assert await end_of(prometheus, CONSEQUENCE) - await end_of(prometheus, ALERT) <= INTERVALS_S
    assert receiver.tokens == {f"Bearer {RECEIVER_TOKEN}"}
