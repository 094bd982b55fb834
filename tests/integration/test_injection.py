"""Flux, InfluxQL and SQL injection in every parameter of the Admin API: it returns nothing and changes nothing.

The store has markers; a query for other data must never return one. The parameters are read from the OpenAPI, so a new
one is tested too.
"""

from __future__ import annotations

import json
import re
import sqlite3
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

import aiohttp
import pytest
from admin_api.main import AdminApi, build_admin_api
from admin_api.openapi import openapi_text
from admin_api.security.token_file import command_line_access
from admin_api.settings import Settings
from enrichment_pipeline.rejected.rejected_file import RejectedFile
from ha_ingestor_core.events import STATE_CHANGED
from ha_ingestor_core.gaps import Gap, GapReason
from ha_ingestor_core.service_metrics import Counter, ServiceMetricsPoint
from ha_ingestor_core.settings.loading import load_settings
from ha_ingestor_store import Store, open_store
from ha_ingestor_store.embedded.file.store_file import FILE_NAME
from ha_ingestor_store.points import EventPoint, RejectedEvent
from ha_ingestor_store.questions import RecentRejected
from yarl import URL

MARKER = "zzmarker"
_CHOICES = re.compile(r'"choices":\{.*?\},')
HOME = f"{MARKER}-home"
ENTITY = f"sensor.{MARKER}"

CORPUS = [
    # SQL
    "' OR '1'='1",
    '" OR "1"="1',
    "' OR 1=1 --",
    "x' UNION SELECT * FROM events --",
    "x'; DROP TABLE events; --",
    "x'; ATTACH DATABASE 'pwned.db' AS pwned; CREATE TABLE pwned.pwned (a); --",
    "x'); CREATE TABLE pwned (a); --",
    f"{ENTITY}' --",
    f"{ENTITY}'/**/AND/**/'1'='1",
    f"' OR entity_id LIKE '%{MARKER}%' --",
    "\\' OR 1=1 --",
    # InfluxQL
    "' OR entity_id =~ /.*/ OR entity_id = '",
    f"{ENTITY}' OR '' = '",
    "x'; DROP MEASUREMENT home_assistant_events; SELECT '",
    "x'; CREATE DATABASE pwned; SELECT '",
    'x"; DROP SERIES FROM /.*/; --',
    "x' OR time > 0 --",
    "x\\' OR 1 = 1; SHOW DATABASES; --",
    "x'\n; DROP DATABASE pwned",
    "$entity_id",
    # Flux
    '" or r._measurement == "home_assistant_events',
    'x") |> to(bucket: "pwned") //',
    'x" or true or "',
    "${r.entity_id}",
    "${MARKER}",
    'x") |> yield()\nimport "influxdata/influxdb/secrets"\n//',
    'x\\" or true or \\"',
    '"; from(bucket: "pwned") |> range(start: 0) //',
    f"/.*{MARKER}.*/",
    f"^{MARKER}.*$",
    # line protocol, and special characters
    "x,home=pwned value=1 1\nhome_assistant_events,home=pwned count=1",
    "%27%20OR%201=1",
    f"x\x00{ENTITY}",
    "x\x1b[31m\r\nSet-Cookie: pwned=1",
    "\u2019 OR \u20181\u2019=\u20181",
    "9" * 400,
    "-1",
    "1e9",
    "NaN",
    "1h' OR '1'='1",
    '1h) |> drop(columns: ["x"]) //',
    "2026-11-24T03:12:26Z' OR time > 0",
]
INTERNALS = ("syntax", "sqlite", "parsing query", "compilation failed", "Traceback", "no such column", "unterminated")

DOCUMENT = json.loads(openapi_text())
PARAMETERS = [
    (path, parameter["name"], parameter["in"])
    for path, methods in DOCUMENT["paths"].items()
    if path != "/api/v1/stream"
    for parameter in methods.get("get", {}).get("parameters", ())
]


class World:
    """An Admin API over a real store with markers."""

    def __init__(
        self,
        api: AdminApi,
        store: Store,
        rejected: RejectedFile,
        http: aiohttp.ClientSession,
        folder: Path,
        variables: dict[str, str],
    ) -> None:
        self._variables = variables
        self._api = api
        self._store = store
        self._rejected = rejected
        self._http = http
        self._folder = folder

    async def ask(self, path: str, **parameters: str) -> tuple[int, str]:
        """Return status and text of a GET; placeholders in the path are replaced by parameters."""
        for name in [name for name in parameters if f"{{{name}}}" in path]:
            path = path.replace(f"{{{name}}}", quote(parameters.pop(name), safe=""))
        query = f"?{urlencode(parameters)}" if parameters else ""
        url = URL(f"{self._api.url}{path}{query}", encoded=True)
        async with self._http.get(url) as response:
            assert "pwned" not in str(response.headers)
            return response.status, await response.text()

    async def databases(self) -> str:
        """Return the databases or buckets of the server; empty for the embedded store."""
        if not self._variables:
            return ""
        url = self._variables["INFLUXDB_URL"]
        headers = {"Authorization": f"Token {self._variables['INFLUXDB_TOKEN']}"}
        answers = []
        for path in ("/query?q=SHOW%20DATABASES", "/api/v2/buckets?limit=100"):
            async with self._http.get(url + path, headers=headers) as response:
                answers.append(await response.text())
        assert any(self._variables["INFLUXDB_BUCKET"] in answer for answer in answers)
        return "".join(answers)

    async def all_that_is_stored(self) -> Any:
        """Return everything that a query could change."""
        store = self._store
        tables: list[Any] = []
        if (self._folder / FILE_NAME).exists():
            with sqlite3.connect(self._folder / FILE_NAME) as db:
                tables = db.execute("SELECT name, sql FROM sqlite_master ORDER BY name").fetchall()
            db.close()
        return (
            await store.exporter.export_events(None, 1000),
            await self._rejected.rejected_events(RecentRejected(limit=1000)),
            # The Admin API writes its own in the meantime.
            [point for point in await store.exporter.export_service_metrics(None, 1000) if point.service == MARKER],
            tables,
            sorted(path.name for path in self._folder.glob("*")),
        )


@pytest.fixture
async def world(
    store_variables: dict[str, str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> AsyncIterator[World]:
    """The world of one dialect."""
    monkeypatch.chdir(tmp_path)
    for name, value in {**store_variables, "DATA_DIR": str(tmp_path / "data"), "ADMIN_API_PORT": "0"}.items():
        monkeypatch.setenv(name, value)
    settings = load_settings(Settings)
    store = await open_store(settings.store, writes_events=True)
    now_ns = time.time_ns()
    await store.writer.write_events(
        [
            EventPoint(
                home=HOME,
                event_type=STATE_CHANGED,
                time_ns=now_ns - number * 1_000_000_000,
                domain="sensor",
                entity_id=ENTITY,
                state=f"{MARKER}-{number}",
                friendly_name=MARKER,
                unit=MARKER,
            )
            for number in range(5)
        ]
    )
    rejected = RejectedFile(settings.store.data_dir, limit_bytes=1024 * 1024)
    await rejected.open()
    await rejected.keep([RejectedEvent(HOME, now_ns, MARKER, MARKER, MARKER, f'{{"{MARKER}": 1}}')])
    gap = Gap(home=HOME, start_ns=now_ns - 10, end_ns=now_ns, reason=GapReason.RESTART, found_ns=now_ns)
    await store.writer.write_gaps([gap])
    counters = {Counter.RECEIVED.value: 5}
    await store.writer.write_service_metrics([ServiceMetricsPoint(MARKER, now_ns, instance=MARKER, counters=counters)])
    api = build_admin_api(settings, store=store, rejected=rejected)
    await api.start()
    access = command_line_access(settings.store.data_dir)  # without a token this machine can only read
    assert access is not None
    async with aiohttp.ClientSession(headers={"Authorization": f"Bearer {access.secret}"}) as http:
        yield World(api, store, rejected, http, tmp_path / "data", store_variables)
    await api.stop()
    await rejected.close()
    await store.close()


async def test_honest_questions_find_the_markers(world: World) -> None:
    """Otherwise an empty answer would prove nothing."""
    for path, parameters in (
        ("/api/v1/events", {"entity_id": ENTITY}),
        ("/api/v1/events", {"domain": "sensor"}),
        ("/api/v1/rejected", {"home": HOME}),
        ("/api/v1/rejected", {"service": MARKER}),
        ("/api/v1/rejected", {"key": MARKER}),
        ("/api/v1/gaps", {"home": HOME}),
        ("/api/v1/entities/{entity_id}/history", {"entity_id": ENTITY}),
    ):
        status, text = await world.ask(path, **parameters)
        assert (status, MARKER in text.replace(ENTITY, "")) == (200, True), (path, parameters, text[:500])


async def test_no_parameter_says_more_than_a_value(world: World) -> None:
    assert len(PARAMETERS) > 30
    before = await world.all_that_is_stored()
    for path, name, _ in PARAMETERS:
        others = {"entity_id": ENTITY} if "{entity_id}" in path else {}
        for text in CORPUS:
            status, answer = await world.ask(path, **{**others, name: text})
            where = f"{path} {name}={text!r}: {status} {answer[:500]}"
            assert status in (200, 400, 404, 422), where
            assert not any(word in answer for word in INTERNALS), where
            if status == 200:
                echo = json.dumps(text, ensure_ascii=False)[1:-1]
                found = _CHOICES.sub("", answer)  # the choices of a filter are the same for every request
                assert MARKER not in found.replace(echo, ""), where
    assert await world.all_that_is_stored() == before
    assert "pwned" not in await world.databases()
