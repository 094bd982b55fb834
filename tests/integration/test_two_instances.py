"""Two processes of admin-api on one DATA_DIR: changes at one apply to the other, and an alert is sent once."""

from __future__ import annotations

import asyncio
import json
import signal
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from admin_api.security.audit import FILE as AUDIT
from admin_api.security.scopes import Scope
from admin_api.security.token_file import TokenFile
from aiohttp import web
from ha_ingestor_core.clock import SystemClock
from ha_ingestor_store.embedded.file.migrations import prepare
from ha_ingestor_store.embedded.file.store_file import FILE_NAME

from tests.admin_api_instance import Instance

pytestmark = pytest.mark.integration


@pytest.fixture
def data_dir(tmp_path: Path) -> Path:
    """A folder with an embedded store."""
    folder = tmp_path / "data"
    folder.mkdir()
    prepare(folder / FILE_NAME)
    return folder


@pytest.fixture
def admin(data_dir: Path) -> str:
    """The secret of an administrator token."""
    return TokenFile(data_dir, SystemClock()).create("admin", Scope.ADMIN)[0]


async def test_what_is_changed_at_one_holds_at_the_other(data_dir: Path, admin: str, tmp_path: Path) -> None:
    async with Instance(tmp_path / "a", data_dir) as a, Instance(tmp_path / "b", data_dir) as b:
        await _tokens(a, b, admin)
        await _sessions(a, b, admin)
        await _statistics_source(a, b, admin)
        await _audit_log(a, b, admin, data_dir)


async def _tokens(a: Instance, b: Instance, admin: str) -> None:
    """Check that a token is valid at the other instance at once, and soon rejected after its revocation."""
    status, made = await a.ask("POST", "tokens", admin, json={"name": "reader", "scope": "read"})
    assert status == 201
    secret, token_id = made["token"], made["id"]
    assert (await b.ask("GET", "stats", secret))[0] == 200
    assert (await a.ask("GET", "stats", secret))[0] == 200
    assert (await b.ask("DELETE", f"tokens/{token_id}", admin))[0] in (200, 204)
    assert (await b.ask("GET", "stats", secret))[0] == 401
    await a.eventually("stats", 401, secret)


async def _sessions(a: Instance, b: Instance, admin: str) -> None:
    async with a.http.post(f"{a.url}/api/v1/session", json={"token": admin}, headers={"Origin": a.url}) as signed_in:
        assert signed_in.status == 201
        cookie = signed_in.headers["Set-Cookie"].partition(";")[0]
    assert (await b.ask("GET", "audit", Cookie=cookie, **{"Sec-Fetch-Site": "same-origin"}))[0] == 200
    async with b.http.delete(f"{b.url}/api/v1/session", headers={"Cookie": cookie, "Origin": b.url}) as signed_out:
        assert signed_out.status in (200, 204)
    await a.eventually("audit", 401, Cookie=cookie)


async def _statistics_source(a: Instance, b: Instance, admin: str) -> None:
    path = "config/stats-source"
    for percent, rest in ((0, "services"), (100, "embedded")):
        assert (await a.ask("PUT", path, admin, json={"influxdb_rollout_percent": percent}))[0] == 200
        await b.eventually(path, lambda answer, p=percent: answer["influxdb_rollout_percent"] == p, admin)
        await b.eventually("health/metrics", 200)
        assert (await b.ask("GET", "stats"))[1]["source"].startswith(rest)


async def _audit_log(a: Instance, b: Instance, admin: str, data_dir: Path) -> None:
    """Check concurrent writes: every line is complete, and both instances return all of them."""
    names = [f"token {n}" for n in range(40)]
    made = await asyncio.gather(
        *(
            (a, b)[n % 2].ask("POST", "tokens", admin, json={"name": name, "scope": "read"})
            for n, name in enumerate(names)
        )
    )
    assert {status for status, _ in made} == {201}
    for instance in (a, b):
        await instance.eventually("audit?limit=200", lambda page: len(_made_tokens(page)) == 1 + len(names), admin)
        _, tokens = await instance.ask("GET", "tokens", admin)
        assert {token["name"] for token in tokens["tokens"]} >= set(names)

    lines = (data_dir / AUDIT).read_text(encoding="utf-8").splitlines()
    assert [line for line in lines if not _is_an_entry(line)] == []


def _made_tokens(page: Any) -> list[Any]:
    return [entry for entry in page["entries"] if entry["action"] == "POST /api/v1/tokens"]


def _is_an_entry(line: str) -> bool:
    return isinstance(entry := json.loads(line), dict) and {"time_ns", "who", "action", "status"} <= entry.keys()


class Receiver:
    """The receiver of alerts: their titles in order."""

    def __init__(self) -> None:
        self.titles: list[str] = []
        self._came = asyncio.Event()
        self.url = ""

    async def take(self, request: web.Request) -> web.Response:
        self.titles.append((await request.json())["title"])
        self._came.set()
        return web.Response()

    async def wait_for(self, rule: str) -> None:
        async with asyncio.timeout(60):
            while not any(rule in title for title in self.titles):
                self._came.clear()
                await self._came.wait()


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    receiver = Receiver()
    app = web.Application()
    app.router.add_post("/hook", receiver.take)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    receiver.url = f"json://127.0.0.1:{runner.addresses[0][1]}/hook"
    yield receiver
    await runner.cleanup()


def rules(folder: Path, *names: str) -> dict[str, str]:
    """Rules that the first evaluation raises, since no disk is empty."""
    rule = {"watch": "disk_used_percent", "level": "warning", "above": 0, "clear": 0, "message": "{value}"}
    path = folder / f"{names[-1]}.yaml"
    path.write_text(json.dumps({"rules": [{"name": name, **rule} for name in names]}), encoding="utf-8")
    return {"ALERT_RULES": str(path)}


async def test_an_alert_is_sent_once_when_the_instance_that_evaluates_is_killed_and_when_one_is_drained(
    data_dir: Path, admin: str, receiver: Receiver, tmp_path: Path
) -> None:
    """Each instance has one rule more than the last: it sends that alert after any alert that it would repeat."""
    told = {"ALERT_URLS": receiver.url, "ADMIN_API_DRAIN_SECONDS": "1"}
    first = Instance(tmp_path / "first", data_dir, **told, **rules(tmp_path, "one"))
    async with first:
        await receiver.wait_for("one")
        async with Instance(tmp_path / "second", data_dir, **told, **rules(tmp_path, "one", "two")) as second:
            active = await second.eventually("alerts", lambda answer: answer["alerts"])
            (alert,) = [alert for alert in active["alerts"] if alert["rule"] == "one"]
            assert (await second.ask("POST", f"alerts/{alert['id']}/acknowledge", admin))[0] == 200
            await first.eventually("alerts", lambda a: any(each["acknowledged_by"] for each in a["alerts"]))
            await first.process.end(signal.SIGKILL)
            await receiver.wait_for("two")
            assert "alert_evaluation_started" in second.process.log
            last = Instance(tmp_path / "last", data_dir, **told, **rules(tmp_path, "one", "two", "three"))
            async with last:
                assert await second.process.end(signal.SIGTERM, within_s=30) == 0
                await receiver.wait_for("three")
                shown = await last.eventually("alerts", lambda answer: len(answer["alerts"]) == 3)
    assert receiver.titles == [f"Warning: {rule} (store)" for rule in ("one", "two", "three")]
    assert [a["rule"] for a in shown["alerts"] if a["acknowledged_by"]] == ["one"]
