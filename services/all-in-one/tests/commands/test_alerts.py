"""`ha-ingestor alerts` with a fake Admin API."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from admin_api.alerts.rules import load_rules, rules_of_the_release
from aiohttp import web
from ha_ingestor import cli
from ha_ingestor_core.http.server import HttpServer
from typer.testing import CliRunner, Result

ALERT: dict[str, Any] = {
    "id": "18eb146501abda26-ffa26d2d1a90",
    "rule": "lag",
    "timestamp": "2026-11-24T20:15:00+00:00",
    "since": "2026-11-24T20:14:00+00:00",
    "level": "warning",
    "service": "websocket-ingestion",
    "message": "websocket-ingestion is 75 s behind",
    "runbook": "/api/v1/runbooks/lag",
    "status": "active",
    "cleared": None,
    "acknowledged": None,
    "silenced_until": None,
}


class FakeAdminApi:
    """Knows the alerts that a test put in, and notes what it is told."""

    def __init__(self) -> None:
        self.alerts: list[dict[str, Any]] = [ALERT]
        self.told: list[tuple[str, str, Any]] = []
        self.port = 0
        self._stop = threading.Event()
        self._ready = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._run()))

    def __enter__(self) -> FakeAdminApi:
        self._thread.start()
        assert self._ready.wait(10)
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join(10)

    async def _run(self) -> None:
        app = web.Application()
        app.router.add_get("/api/v1/stats/{list:alerts.*}", self._list)
        app.router.add_route("*", "/api/v1/alerts/{id}/{what}", self._change)
        server = HttpServer(app, host="127.0.0.1", port=0, setting="ADMIN_API_PORT")
        await server.start()
        self.port = int(server.url.rpartition(":")[2])
        self._ready.set()
        await asyncio.to_thread(self._stop.wait)
        await server.stop()

    async def _list(self, request: web.Request) -> web.Response:
        self.told.append((request.method, request.path_qs, None))
        return web.json_response({"alerts": self.alerts, "next_cursor": None})

    async def _change(self, request: web.Request) -> web.Response:
        body = await request.json() if request.can_read_body else None
        self.told.append((request.method, request.path, body))
        if request.match_info["id"] != ALERT["id"]:
            return web.json_response({"error": {"key": "not_found", "message": "No alert", "detail": {}}}, status=404)
        return web.json_response(ALERT | {"silenced_until": "2026-11-25T00:15:00+00:00"})


@pytest.fixture
def api() -> Iterator[FakeAdminApi]:
    with FakeAdminApi() as api:
        yield api


def _run(api: FakeAdminApi, *arguments: str) -> Result:
    return CliRunner().invoke(cli.app, ["alerts", *arguments], env={"ADMIN_API_PORT": str(api.port)})


def test_active_alerts_are_listed(api: FakeAdminApi) -> None:
    said = _run(api)
    assert said.exit_code == 0
    assert "18eb146501abda26-ffa26d2d1a90" in said.output
    assert "warning" in said.output


def test_a_critical_one_is_a_failure_for_scripts(api: FakeAdminApi) -> None:
    api.alerts = [ALERT | {"level": "critical"}]
    assert _run(api).exit_code == 4


def test_none_is_said(api: FakeAdminApi) -> None:
    api.alerts = []
    assert "No active alerts." in _run(api).output
    assert "No alerts in this period." in _run(api, "history").output


def test_history_is_asked_for_by_period_and_rule(api: FakeAdminApi) -> None:
    assert _run(api, "history", "--period", "4w", "--rule", "lag", "--limit", "5").exit_code == 0
    assert api.told == [("GET", "/api/v1/stats/alerts/history?period=4w&limit=5&rule=lag", None)]


def test_an_alert_is_acknowledged_and_silenced(api: FakeAdminApi) -> None:
    path = f"/api/v1/alerts/{ALERT['id']}"
    assert "Acknowledged: websocket-ingestion is 75 s behind" in _run(api, "ack", ALERT["id"]).output
    assert "until 2026-11-25 00:15:00 UTC" in _run(api, "silence", ALERT["id"], "4h").output
    assert "The silence has ended" in _run(api, "silence", ALERT["id"], "end").output
    assert api.told == [
        ("POST", f"{path}/acknowledge", None),
        ("POST", f"{path}/silence", {"duration": "4h"}),
        ("DELETE", f"{path}/silence", None),
    ]


def test_one_that_is_not_there_is_said(api: FakeAdminApi) -> None:
    said = _run(api, "ack", "nothing")
    assert (said.exit_code, "not_found" in said.output) == (1, True)


def test_rules_are_checked(api: FakeAdminApi, tmp_path: Path) -> None:
    assert f"{len(load_rules(rules_of_the_release()))} rules" in _run(api, "check").output
    wrong = tmp_path / "rules.yaml"
    wrong.write_text("rules: [{name: lag}]")
    said = CliRunner().invoke(cli.app, ["alerts", "check"], env={"ALERT_RULES": str(wrong)})
    assert (said.exit_code, "rule lag: watch is required" in said.output) == (1, True)


def test_an_alert_on_a_rate_of_the_period_is_listed_without_an_id(api: FakeAdminApi) -> None:
    names = ("timestamp", "level", "service")
    api.alerts = [{name: ALERT[name] for name in names} | {"message": "High error rate: 7.5%"}]
    assert "High error rate:" in _run(api).output
