"""Damage of any file in DATA_DIR: the product starts, captures, and reports which file was set aside."""

from __future__ import annotations

import itertools
import shutil
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from admin_api.alerts.state import Mark, MarksFile
from admin_api.security.audit import AuditLog
from admin_api.security.scopes import Scope
from admin_api.security.token_file import FILE as TOKENS
from admin_api.security.token_file import TokenFile
from ha_ingestor.demo_home import House, SimulatedHomeAssistant
from ha_ingestor.roles import run_all
from ha_ingestor.runner import Parts
from ha_ingestor_core.clock import SystemClock
from ha_ingestor_core.files.file_lock import locked
from ha_ingestor_store.embedded.file.store_file import FILE_NAME as STORE
from websocket_ingestion.connection.refused_token import RefusedToken, refusal_path

from tests.e2e.ingestor import Api
from tests.ports import free_port

pytestmark = pytest.mark.integration

HOME = "home"
EXPECTED = {
    "admin-api-tokens.json",
    "admin-api-tokens.lock",
    "alerts/lock",
    "alerts/marks.json",
    "alerts/marks.lock",
    "alerts/state.json",
    "audit.jsonl",
    "audit.lock",
    "command-line-token",
    "enrichment-pipeline.reports",
    "filters.json",
    "format",
    "format.lock",
    "gaps/home.json",
    "gaps/home.mark",
    "refused-tokens/home.json",
    "registries/home.json",
    "spool/home/cursor",
    "spool/home/lock",
    "spool/home/reports",
    "stats-source.json",
    "stats-source.lock",
}
DELETED = {"refused-tokens/home.json"}
"""By a valid token."""
_numbers = itertools.count(1)


def bad_byte(path: Path) -> None:
    path.write_bytes(b"\xff" + path.read_bytes()[1:])


def truncated(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def empty(path: Path) -> None:
    path.write_bytes(b"")


def a_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()
    (path / "something").touch()


def unreadable(path: Path) -> None:
    """Make a file unreadable, also for root."""
    path.unlink()
    path.symlink_to(path.name)


@asynccontextmanager
async def running(data_dir: Path, home: SimulatedHomeAssistant, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Api]:
    """Run every service on a folder and store a new event; fails if that does not work."""
    port = free_port()
    variables = {"HA_URL": home.url, "HA_TOKEN": "token", "DATA_DIR": str(data_dir), "ADMIN_API_PORT": str(port)}
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    api = Api(f"http://127.0.0.1:{port}")
    async with AsyncExitStack() as stack:
        stack.push_async_callback(api.close)
        await run_all(Parts(stack))
        fresh = str(next(_numbers))
        await api.eventually(
            lambda: api.get("/api/v1/health"), lambda h: h["ingestion_service"]["websocket_connection"]["is_connected"]
        )
        home.house.set_state("sensor.fresh", fresh, {})
        await api.eventually(
            lambda: api.events(entity_id="sensor.fresh", limit=1), lambda events: events and events[0]["state"] == fresh
        )
        yield api


def use_rarely_used(data_dir: Path) -> None:
    """Use the files that not every start reads."""
    MarksFile(data_dir / "alerts").change("a b", lambda mark: Mark(acknowledged="c"), now_ns=0)
    with locked(data_dir / "stats-source.lock"):
        pass
    RefusedToken(refusal_path(data_dir, HOME), SystemClock()).refused("another token")
    AuditLog(data_dir, SystemClock()).write(who="test", action="test", address="127.0.0.1", status=200)


async def wait_until_told(api: Api, file: str) -> None:
    """Return when health reports this file as the only one that was set aside."""

    async def told() -> list[str]:
        return list((await api.get("/api/v1/health"))["damaged_files"])

    await api.eventually(told, lambda files: files == [file], within_s=5)


async def put(api: Api, path: str, token: str, body: Any) -> None:
    headers = {"Authorization": f"Bearer {token}"}
    async with (
        aiohttp.ClientSession() as session,
        session.put(f"{api.url}{path}", json=body, headers=headers) as answer,
    ):
        assert answer.status == 200, await answer.text()


async def status_for(api: Api, token: str) -> int:
    headers = {"Authorization": f"Bearer {token}"}
    async with aiohttp.ClientSession() as session, session.get(f"{api.url}/api/v1/config", headers=headers) as answer:
        return answer.status


@pytest.fixture
async def home() -> AsyncIterator[SimulatedHomeAssistant]:
    running = SimulatedHomeAssistant(House(), "token")
    await running.start()
    yield running
    await running.stop()


@pytest.fixture
async def used(tmp_path: Path, home: SimulatedHomeAssistant, monkeypatch: pytest.MonkeyPatch) -> tuple[Path, str]:
    """A data folder with every kind of file, and an admin token."""
    data_dir = tmp_path / "used"
    token, _ = TokenFile(data_dir, SystemClock()).create("test", Scope.ADMIN)
    use_rarely_used(data_dir)
    async with running(data_dir, home, monkeypatch) as api:
        await put(api, "/api/v1/filters", token, {"exclude": {"entities": ["sensor.unwanted"]}})
        await put(api, "/api/v1/config/stats-source", token, {"influxdb_rollout_percent": 50})
    use_rarely_used(data_dir)
    return data_dir, token


@pytest.mark.parametrize("damage", [bad_byte, truncated, empty, a_folder, unreadable], ids=lambda way: way.__name__)
async def test_a_damaged_file_is_set_aside_and_the_product_goes_on(
    used: tuple[Path, str],
    home: SimulatedHomeAssistant,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    damage: Callable[[Path], None],
) -> None:
    original, token = used
    files = {
        str(path.relative_to(original)) for path in original.rglob("*") if path.is_file() and STORE not in path.name
    }
    assert files >= EXPECTED
    for file in sorted(files):
        data_dir = tmp_path / "damaged"
        shutil.copytree(original, data_dir)
        damage(data_dir / file)
        async with running(data_dir, home, monkeypatch) as api:
            use_rarely_used(data_dir)
            if file not in DELETED and (damage in (a_folder, unreadable) or file.endswith(".json")):
                await wait_until_told(api, f"{file}.damaged")
            if file == TOKENS:
                assert await status_for(api, token) == 401
                token, _ = TokenFile(data_dir, SystemClock()).create("another", Scope.ADMIN)
                await api.eventually(partial(status_for, api, token), lambda status: status == 200)
        shutil.rmtree(data_dir)
