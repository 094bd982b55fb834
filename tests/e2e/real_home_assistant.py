"""A real Home Assistant for tests: started in its own folder, onboarded, controlled by its API."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import subprocess
import tempfile
from collections.abc import AsyncIterator, Iterator, Mapping
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from tests.ports import free_port

ROOT = Path(__file__).parents[2]
VENV = ROOT / ".venv-homeassistant"
TREE = ROOT / os.environ.get("TEST_HOME_ASSISTANT_TREE", ".home-assistant-2026.11")

_START_TIMEOUT_S = 60.0
_ANSWER_TIMEOUT = aiohttp.ClientTimeout(total=10)
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
logbook:
demo:
logger:
  default: warning
"""


class Release2024:
    """Home Assistant 2024.3 in its own virtual environment."""

    name = "2024.3"
    advice = "the real Home Assistant is missing: run scripts/install-home-assistant.sh"

    @property
    def is_installed(self) -> bool:
        """Whether it is installed."""
        return (VENV / ".installed").exists()

    @contextlib.contextmanager
    def folder(self) -> Iterator[Path]:
        """Create a configuration folder, and remove it afterwards."""
        with tempfile.TemporaryDirectory(prefix="home-assistant-") as path:
            yield Path(path)

    def command(self, folder: Path) -> list[str]:
        """Return the command that starts it with a configuration folder."""
        return [str(VENV / "bin" / "hass"), "--config", str(folder), "--skip-pip"]

    def listen(self, folder: Path, port: int, more: Mapping[str, Any]) -> None:
        """Write its address and further settings of `http:` to a configuration folder."""
        http = f"http:\n  server_host: 127.0.0.1\n  server_port: {port}\n"
        http += "".join(f"  {name}: {json.dumps(value)}\n" for name, value in more.items())
        with (folder / "configuration.yaml").open("a", encoding="utf-8") as file:
            file.write(http)


class Release2026:
    """Home Assistant 2026.11 in a Debian tree, since it needs a newer Python than most machines have; requires root."""

    name = "2026.11"
    advice = "Home Assistant 2026.11 is missing: run scripts/install-home-assistant-2026.11.sh as root"

    @property
    def is_installed(self) -> bool:
        """Whether it is installed."""
        return os.geteuid() == 0 and (TREE / "opt/ha/bin/hass").exists()

    @contextlib.contextmanager
    def folder(self) -> Iterator[Path]:
        """Create a configuration folder inside the tree, and remove it afterwards."""
        with tempfile.TemporaryDirectory(prefix="home-assistant-", dir=TREE / "tmp") as path:
            yield Path(path)

    def command(self, folder: Path) -> list[str]:
        """Return the command that starts it with a configuration folder."""
        inside = f"/{folder.relative_to(TREE)}"
        runner = str(ROOT / "scripts" / "in-debian-tree.sh")
        return [runner, str(TREE), "/opt/ha/bin/hass", "--config", inside, "--skip-pip"]

    def listen(self, folder: Path, port: int, more: Mapping[str, Any]) -> None:
        """Write its address and further settings of `http:` to a configuration folder.

        An `http:` section would only be pending: after five minutes Home Assistant restarts on its default port.
        Settings in its storage in the format of older releases become the stable configuration.
        """
        stored = {"version": 1, "minor_version": 1, "key": "http"}
        data = {"server_host": ["127.0.0.1"], "server_port": port, **more}
        (folder / ".storage").mkdir(exist_ok=True)
        (folder / ".storage" / "http").write_text(json.dumps({**stored, "data": data}), encoding="utf-8")


Release = Release2024 | Release2026


def require_home_assistant(release: Release) -> None:
    """Skip the test if this Home Assistant is not installed; with CI=true fail."""
    if release.is_installed:
        return
    if os.environ.get("CI") == "true":
        pytest.fail(release.advice, pytrace=False)
    pytest.skip(release.advice)


@contextlib.asynccontextmanager
async def running_home_assistant(
    release: Release, http: Mapping[str, Any] | None = None
) -> AsyncIterator[RealHomeAssistant]:
    """Run a Home Assistant in its own folder, which is removed afterwards."""
    require_home_assistant(release)
    with release.folder() as folder:
        home_assistant = RealHomeAssistant(release, folder, http=http)
        try:
            await home_assistant.start()
            yield home_assistant
        finally:
            await home_assistant.stop()


class RealHomeAssistant:
    """A Home Assistant with the devices of the demo integration; `url` and `token` are known after `start()`.

    It is independent of the event loop, so the tests of a module can share one.
    """

    def __init__(
        self,
        release: Release,
        folder: Path,
        environment: Mapping[str, str] | None = None,
        http: Mapping[str, Any] | None = None,
    ) -> None:
        self.release = release
        self.folder = folder
        self._environment = environment or {}
        self._port = free_port()
        self._process: subprocess.Popen[bytes] | None = None
        self.token = ""
        self._access_token = ""
        (folder / "configuration.yaml").write_text(_CONFIGURATION, encoding="utf-8")
        release.listen(folder, self._port, http or {})

    @property
    def url(self) -> str:
        """Its URL; the same after a restart."""
        return f"http://127.0.0.1:{self._port}"

    async def start(self) -> None:
        """Start it and wait until it runs; the first time it is also onboarded. It is stopped if that fails."""
        try:
            await self._start_once()
        except TimeoutError:  # a start under libfaketime hangs occasionally
            await self._start_once()

    async def _start_once(self) -> None:
        try:
            await self._start()
        except BaseException:
            await self.stop()
            raise

    async def _start(self) -> None:
        with (self.folder / "output.log").open("ab") as output:
            self._process = subprocess.Popen(
                self.release.command(self.folder),
                stdout=output,
                stderr=output,
                env={**os.environ, **self._environment},
            )
        async with asyncio.timeout(_START_TIMEOUT_S):
            await self._until_it_answers()
            if not self.token:
                self.token = await self._onboard()
            while (await self._rest("GET", "/api/config"))["state"] != "RUNNING":  # noqa: ASYNC110 - it can only be asked
                await asyncio.sleep(_POLL_S)

    async def stop(self) -> None:
        """Stop it as a service manager does, and wait until it has exited."""
        if self._process is None:
            return
        process, self._process = self._process, None
        process.terminate()
        try:
            await asyncio.to_thread(process.wait, _STOP_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    async def restart(self) -> None:
        """Stop it and start it with the same folder and port; the token stays valid."""
        await self.stop()
        await self.start()

    async def set_state(self, entity_id: str, state: str, attributes: Mapping[str, Any] | None = None) -> None:
        """Change a state; without attributes they are removed."""
        await self._rest("POST", f"/api/states/{entity_id}", {"state": state, "attributes": dict(attributes or {})})

    async def get_state(self, entity_id: str) -> dict[str, Any]:
        """Return the state of an entity from its REST API."""
        state: dict[str, Any] = await self._rest("GET", f"/api/states/{entity_id}")
        return state

    async def remove_state(self, entity_id: str) -> None:
        """Remove an entity created by `set_state`."""
        await self._rest("DELETE", f"/api/states/{entity_id}")

    async def call_service(self, domain: str, service: str, data: Mapping[str, Any] | None = None) -> None:
        """Call a service and wait for its completion."""
        await self._rest("POST", f"/api/services/{domain}/{service}", dict(data or {}))

    async def fire_event(self, event_type: str, data: Mapping[str, Any] | None = None) -> None:
        """Fire an event."""
        await self._rest("POST", f"/api/events/{event_type}", dict(data or {}))

    async def put_into_area(self, entity_id: str, area: str) -> None:
        """Create an area of that name with the device of an entity, since an entity itself may have no area."""
        created = await self.command("config/area_registry/create", name=area)
        device_id = (await self.command("config/entity_registry/get", entity_id=entity_id))["device_id"]
        await self.command("config/device_registry/update", device_id=device_id, area_id=created["area_id"])

    async def new_token(self, name: str) -> str:
        """Create a long-lived token of the owner."""
        made = await self._command(self._access_token, "auth/long_lived_access_token", client_name=name, lifespan=1)
        return str(made)

    async def revoke_token(self, name: str) -> None:
        """Revoke the long-lived token of that name."""
        for each in await self._command(self._access_token, "auth/refresh_tokens"):
            if each["client_name"] == name:
                await self._command(self._access_token, "auth/delete_refresh_token", refresh_token_id=each["id"])

    async def user_token(self) -> str:
        """Create a long-lived token of a new user without administrator rights."""
        created = await self.command("config/auth/create", name="Guest", group_ids=["system-users"])
        login = {"username": "guest", "password": "a-password"}
        await self.command("config/auth_provider/homeassistant/create", user_id=created["user"]["id"], **login)
        client = {"client_id": f"{self.url}/"}
        flow = {**client, "handler": ["homeassistant", None], "redirect_uri": f"{self.url}/"}
        async with self._http() as http:
            async with http.post("/auth/login_flow", json=flow) as response:
                flow_id = (await response.json())["flow_id"]
            async with http.post(f"/auth/login_flow/{flow_id}", json={**client, **login}) as response:
                code = (await response.json())["result"]
            grant = {**client, "grant_type": "authorization_code", "code": code}
            async with http.post("/auth/token", data=grant) as response:
                access_token = (await response.json())["access_token"]
        return str(await self._command(access_token, "auth/long_lived_access_token", client_name="guest", lifespan=1))

    async def command(self, kind: str, **arguments: Any) -> Any:
        """Return the result of a WebSocket command; raises AssertionError with the message of Home Assistant."""
        return await self._command(self.token, kind, **arguments)

    async def _command(self, token: str, kind: str, **arguments: Any) -> Any:
        async with self._http() as http, http.ws_connect("/api/websocket", max_msg_size=0) as websocket:
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
            assert self._process.poll() is None, f"Home Assistant ended:\n{self._last_output()}"
            with contextlib.suppress(aiohttp.ClientError, TimeoutError):
                async with self._http() as http, http.get("/api/onboarding", timeout=_ANSWER_TIMEOUT) as response:
                    if response.ok:
                        return
            await asyncio.sleep(_POLL_S)

    async def _onboard(self) -> str:
        client_id = f"{self.url}/"
        owner = {"name": "Owner", "username": "owner", "password": "pässword", "language": "en"}
        grant = {"grant_type": "authorization_code", "client_id": client_id}
        async with self._http() as http:
            async with http.post("/api/onboarding/users", json={**owner, "client_id": client_id}) as response:
                code = (await response.json())["auth_code"]
            async with http.post("/auth/token", data={**grant, "code": code}) as response:
                self._access_token = (await response.json())["access_token"]
        return await self.new_token("tests")

    async def _rest(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        headers = {"Authorization": f"Bearer {self.token}"}
        async with self._http() as http, http.request(method, path, json=body, headers=headers) as response:
            assert response.ok, f"{method} {path}: {response.status} {await response.text()}"
            return await response.json()

    def _http(self) -> aiohttp.ClientSession:
        return aiohttp.ClientSession(self.url, timeout=aiohttp.ClientTimeout(total=30))

    def _last_output(self) -> str:
        return (self.folder / "output.log").read_text(encoding="utf-8", errors="replace")[-3000:]
