"""Every query of Grafana's dashboards is answered by a real Prometheus and a real InfluxDB with data of a home."""

from __future__ import annotations

import math
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlencode

import pytest
from ha_ingestor.demo_home import DemoHome
from ha_ingestor_store.influx.settings import InfluxSettings

from tests import grafana
from tests.e2e.ingestor import Api
from tests.e2e.monitoring import PROMETHEUS, Prometheus, require, running_prometheus
from tests.e2e.services_apart import METRICS_TOKEN, ServicesApart
from tests.influxdb import variables

RANGES = {"__rate_interval": "30s", "__range": "5m"}
CHOSEN = "House power"
"""An entity of the demo home whose value changes continuously."""


class Influx(Api):
    """InfluxDB as queried by Grafana, in InfluxQL."""

    def __init__(self, settings: InfluxSettings) -> None:
        super().__init__(settings.url)
        self._database = settings.database
        self._headers = {"Authorization": f"Token {settings.token}"} if settings.token else {}

    async def rows(self, text: str) -> list[list[Any]]:
        """Return the rows of all series of a query."""
        asked = {"db": self._database, "q": text, "epoch": "ms"}
        async with self._session.get(f"{self.url}/query", params=asked, headers=self._headers) as answer:
            (result,) = (await answer.json())["results"]
        assert "error" not in result, f"{text}: {result['error']}"
        return [row for series in result.get("series", []) for row in series["values"]]


class Sources(NamedTuple):
    """The data sources of the dashboards."""

    prometheus: Prometheus
    influx: Influx


@pytest.fixture
async def sources(influxdb: InfluxSettings, tmp_path: Path) -> AsyncIterator[Sources]:
    """The services with an hour of history, queried statistics, a rejected event and an unavailable entity."""
    require(PROMETHEUS)
    async with AsyncExitStack() as undo:
        home = DemoHome(history_hours=1.0)
        await home.start()
        undo.push_async_callback(home.stop)
        settings = {**variables(influxdb), "HISTORY_AT_FIRST_START": "1d"}
        services = await undo.enter_async_context(ServicesApart(tmp_path, home=home, **settings))
        prometheus = await undo.enter_async_context(
            running_prometheus(tmp_path, targets=services.targets, token=METRICS_TOKEN)
        )
        influx = Influx(influxdb)
        undo.push_async_callback(influx.close)
        home.house.set_state("sensor.unplugged", "unavailable", {"friendly_name": "Unplugged"})
        home.server.send_event('{"event_type":"x"}')
        for _ in range(3):
            await services.api.get("/api/v1/stats", period="1h")
        yield Sources(prometheus, influx)


def is_a_number(series: list[dict[str, Any]]) -> bool:
    """Return whether an answer of Prometheus has at least one finite number."""
    return any(math.isfinite(float(each["value"][1])) for each in series)


async def has_a_number(prometheus: Prometheus, asked: grafana.Asked, values: dict[str, str]) -> None:
    """Return when a query of a panel is answered with a number."""
    text = grafana.filled_in(asked.text, values)
    try:
        await prometheus.eventually(partial(prometheus.query, text), is_a_number)
    except AssertionError as err:
        raise AssertionError(f"{asked.panel}: {text}: {err}") from None


async def chosen_variables(influx: Influx) -> dict[str, str]:
    """Return the variables of the home dashboard as a user selects them, an entity by its name."""
    now_ms = time.time_ns() // 1_000_000
    values = {
        # From the start of the gap of the first start.
        "timeFilter": f"time >= {now_ms - 30 * 86_400_000}ms and time <= {now_ms + 60_000}ms",
        "__interval": "1h",
        "home": ".*",
    }
    for name, definition in grafana.variables("home").items():
        rows = await influx.rows(grafana.filled_in(definition, values))
        found = [str(row[1]) for row in rows]
        assert found, f"nothing to choose for {name}"
        if name == "name":
            assert CHOSEN in found
            values[name] = grafana.any_of([CHOSEN])
        elif name == "entity":
            assert found == ["sensor.house_power"]
            values[name] = grafana.any_of(found)
    return values


# plan: 7.3
async def test_every_query_of_a_dashboard_is_answered(sources: Sources) -> None:
    prometheus, influx = sources
    for name in ("admin-api", "flow"):
        values = {**RANGES, "instance": ".*", "home": ".*"}
        for definition in grafana.variables(name).values():
            metric, label = grafana.label_values(definition)
            path = f"/api/v1/label/{label}/values?{urlencode({'match[]': metric})}"
            await prometheus.eventually(partial(prometheus.get, path), lambda answer: answer["data"])
        for asked in grafana.queries(name):
            await has_a_number(prometheus, asked, values)

    await influx.eventually(partial(influx.rows, 'SELECT "status" FROM "gaps"'), bool)
    values = await chosen_variables(influx)
    for asked in grafana.queries("home"):
        text = grafana.filled_in(asked.text, values)
        assert await influx.rows(text), f"{asked.panel}: {text}"
