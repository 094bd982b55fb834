"""`ha-ingestor filters` with a fake Admin API."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from ha_ingestor import cli
from ha_ingestor_core.http.server import HttpServer
from typer.testing import CliRunner, Result


class FakeAdminApi:
    """Keeps the filters that it is told, in a thread of its own."""

    def __init__(self) -> None:
        lists: dict[str, list[str]] = {"entities": [], "domains": [], "event_types": []}
        self.filters: dict[str, Any] = {"include": lists, "exclude": lists}
        self.error: dict[str, Any] | None = None
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
        app.router.add_get("/api/v1/filters", self._answer)
        app.router.add_put("/api/v1/filters", self._put)
        server = HttpServer(app, host="127.0.0.1", port=0, setting="ADMIN_API_PORT")
        await server.start()
        self.port = int(server.url.rpartition(":")[2])
        self._ready.set()
        await asyncio.to_thread(self._stop.wait)
        await server.stop()

    async def _answer(self, _: web.Request) -> web.Response:
        return web.json_response({**self.filters, "source": "stored", "variables": []})

    async def _put(self, request: web.Request) -> web.Response:
        assert "Content-Encoding" not in request.headers  # the Admin API reads no compressed body
        if self.error:
            return web.json_response({"error": self.error}, status=409)
        self.filters = await request.json()
        return await self._answer(request)


@pytest.fixture
def admin_api(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[FakeAdminApi]:
    monkeypatch.chdir(tmp_path)
    with FakeAdminApi() as fake:
        yield fake


def invoke(admin_api: FakeAdminApi, *arguments: str) -> Result:
    environment = {"TERM": "dumb", "COLUMNS": "200", "ADMIN_API_PORT": str(admin_api.port)}
    return CliRunner().invoke(cli.app, ["filters", *arguments], env=environment)


def test_what_is_set_is_shown_and_what_is_not_given_stays(admin_api: FakeAdminApi) -> None:
    first = ("set", "--exclude-entities", "*_battery", "--exclude-entities", "sensor.a", "--include-domains", "light")
    assert invoke(admin_api, *first).exit_code == 0
    assert invoke(admin_api, "set", "--exclude-domains", "automation").exit_code == 0
    assert admin_api.filters["exclude"] == {
        "entities": ["*_battery", "sensor.a"],
        "domains": ["automation"],
        "event_types": [],
    }
    shown = invoke(admin_api, "show").output
    assert "*_battery, sensor.a" in shown
    assert "automation" in shown


def test_clear_empties_what_is_not_given(admin_api: FakeAdminApi) -> None:
    invoke(admin_api, "set", "--exclude-domains", "automation")
    invoke(admin_api, "set", "--clear", "--include-event-types", "state_changed")
    assert admin_api.filters["exclude"]["domains"] == []
    assert admin_api.filters["include"]["event_types"] == ["state_changed"]


def test_a_refusal_ends_the_command_with_its_reason(admin_api: FakeAdminApi) -> None:
    admin_api.error = {"key": "fixed_by_environment", "message": "set by FILTER_EXCLUDE_DOMAINS", "detail": {}}
    result = invoke(admin_api, "set", "--exclude-domains", "light")
    assert result.exit_code == 1
    assert "fixed_by_environment: set by FILTER_EXCLUDE_DOMAINS" in result.output


def test_an_admin_api_that_does_not_run_is_said(admin_api: FakeAdminApi) -> None:
    admin_api.port = 1
    result = invoke(admin_api, "show")
    assert result.exit_code == 3
    assert "service_unavailable" in result.output
