"""A real Home Assistant for tests: started in a folder of its own, onboarded, driven over its own API."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import socket
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import aiohttp
import pytest

ROOT = Path(__file__).parents[2]
HASS = ROOT / ".venv-homeassistant" / "bin" / "hass"
INSTALLED = ROOT / ".venv-homeassistant" / ".installed"

_START_TIMEOUT_S = 60.0
_STOP_TIMEOUT_S = 20.0
_POLL_S = 0.1
_CONFIGURATION = """\
homeassistant:
  name: Testhaus
  time_zone: Europe/Amsterdam
  unit_system: metric
  latitude: 52.37
  longitude: 4.9
api:
websocket_api:
onboarding:
config:
recorder:
  commit_interval: 0
history:
demo:
http:
  server_host: 127.0.0.1
  server_port: {port}
logger:
  default: warning
"""


def require_home_assistant() -> None:
    """Skip the test where Home Assistant isn't installed; in CI that is a failure."""
    if INSTALLED.exists():
        return
    advice = "the real Home Assistant is missing: run scripts/install-home-assistant.sh"
    if os.environ.get("CI") == "true":
        pytest.fail(advice, pytrace=False)
    pytest.skip(advice)


class RealHomeAssistant:
    """A Home Assistant with the demo integration's devices; `url` and `token` are known after `start()`."""

    def __init__(self, folder: Path, environment: Mapping[str, str] | None = None) -> None:
        self._folder = folder
        self._environment = environment or {}
        self._port = _free_port()
        self._process: asyncio.subprocess.Process | None = None
        self._session: aiohttp.ClientSession | None = None
        self.token = ""
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "configuration.yaml").write_text(_CONFIGURATION.format(port=self._port), encoding="utf-8")

    @property
    def url(self) -> str:
        """Where it listens; the same after a restart."""
        return f"http://127.0.0.1:{self._port}"

    async def start(self) -> None:
        """Start it and wait until it runs; the first time it is onboarded, too."""
        with (self._folder / "output.log").open("ab") as output:
            self._process = await asyncio.create_subprocess_exec(
                HASS,
                "--config",
                self._folder,
                "--skip-pip",
                stdout=output,
                stderr=output,
                env={**os.environ, **self._environment},
            )
        self._session = aiohttp.ClientSession(self.url, timeout=aiohttp.ClientTimeout(total=30))
        async with asyncio.timeout(_START_TIMEOUT_S):
            await self._until_it_answers()
            if not self.token:
                self.token = await self._onboard()
            while (await self._rest("GET", "/api/config"))["state"] != "RUNNING":  # noqa: ASYNC110 - it can only be asked
                await asyncio.sleep(_POLL_S)

    async def stop(self) -> None:
        """Stop it as a service manager would, and wait until it has ended."""
        if self._session is not None:
            await self._session.close()
            self._session = None
        if self._process is None:
            return
        with contextlib.suppress(ProcessLookupError):
            self._process.send_signal(signal.SIGTERM)
        try:
            async with asyncio.timeout(_STOP_TIMEOUT_S):
                await self._process.wait()
        except TimeoutError:
            self._process.kill()
            await self._process.wait()
        self._process = None

    async def restart(self) -> None:
        """Stop and start on the same folder and port; the token stays valid."""
        await self.stop()
        await self.start()

    async def set_state(self, entity_id: str, state: str, attributes: Mapping[str, Any] | None = None) -> None:
        """Make a state change; without attributes there are none afterwards."""
        await self._rest("POST", f"/api/states/{entity_id}", {"state": state, "attributes": dict(attributes or {})})

    async def get_state(self, entity_id: str) -> dict[str, Any]:
        """The state of an entity, as its REST API tells it."""
        state: dict[str, Any] = await self._rest("GET", f"/api/states/{entity_id}")
        return state

    async def remove_state(self, entity_id: str) -> None:
        """Remove an entity that `set_state` made."""
        await self._rest("DELETE", f"/api/states/{entity_id}")

    async def call_service(self, domain: str, service: str, data: Mapping[str, Any] | None = None) -> None:
        """Call a service and wait until it is done."""
        await self._rest("POST", f"/api/services/{domain}/{service}", dict(data or {}))

    async def fire_event(self, event_type: str, data: Mapping[str, Any] | None = None) -> None:
        """Fire any event."""
        await self._rest("POST", f"/api/events/{event_type}", dict(data or {}))

    async def put_into_area(self, entity_id: str, area: str) -> None:
        """Create an area of that name and put an entity with a unique id into it."""
        created = await self.command("config/area_registry/create", name=area)
        await self.command("config/entity_registry/update", entity_id=entity_id, area_id=created["area_id"])

    async def command(self, kind: str, **arguments: Any) -> Any:
        """The result of one WebSocket command; raises AssertionError with Home Assistant's words when it fails."""
        return await self._command(self.token, kind, **arguments)

    async def _command(self, token: str, kind: str, **arguments: Any) -> Any:
        async with self._http.ws_connect("/api/websocket", max_msg_size=0) as websocket:
            await websocket.receive_json()
            await websocket.send_json({"type": "auth", "access_token": token})
            await websocket.receive_json()
            await websocket.send_json({"id": 1, "type": kind, **arguments})
            answer = await websocket.receive_json(timeout=30)
        assert answer["success"], answer
        return answer["result"]

    async def _until_it_answers(self) -> None:
        while True:
            assert self._process is not None
            assert self._process.returncode is None, f"Home Assistant ended:\n{self._last_output()}"
            with contextlib.suppress(aiohttp.ClientError):
                async with self._http.get("/api/onboarding") as response:
                    if response.ok:
                        return
            await asyncio.sleep(_POLL_S)

    async def _onboard(self) -> str:
        client_id = f"{self.url}/"
        owner = {"name": "Owner", "username": "owner", "password": "pässword", "language": "en"}
        async with self._http.post("/api/onboarding/users", json={**owner, "client_id": client_id}) as response:
            code = (await response.json())["auth_code"]
        grant = {"grant_type": "authorization_code", "code": code, "client_id": client_id}
        async with self._http.post("/auth/token", data=grant) as response:
            access_token = (await response.json())["access_token"]
        token = await self._command(access_token, "auth/long_lived_access_token", client_name="tests", lifespan=1)
        return str(token)

    async def _rest(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        headers = {"Authorization": f"Bearer {self.token}"}
        async with self._http.request(method, path, json=body, headers=headers) as response:
            assert response.ok, f"{method} {path}: {response.status} {await response.text()}"
            return await response.json()

    @property
    def _http(self) -> aiohttp.ClientSession:
        assert self._session is not None, "start() comes first"
        return self._session

    def _last_output(self) -> str:
        return (self._folder / "output.log").read_text(encoding="utf-8", errors="replace")[-3000:]


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
