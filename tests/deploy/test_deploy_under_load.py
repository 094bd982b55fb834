"""Real images are deployed and rolled back under load: no event is lost and no request fails."""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.deploy.containers import ROOT
from tests.deploy.deploy_site import Site, why_no_engine
from tests.deploy.home_in_container import DONE, FIRED, PORT
from tests.deploy.load_in_container import RESULT
from tests.faults.home import TOKEN

CADDY = shutil.which("caddy")
REASON = why_no_engine() or (None if CADDY else "caddy is not installed")
pytestmark = [pytest.mark.full, pytest.mark.skipif(REASON is not None, reason=f"no containers: {REASON}")]

RECOVERY_LIMIT_S = 180
OVERRIDE = "services: {health-dashboard: {ports: !reset []}}\n"
"""As in docker-compose.tls.yml: only the proxy is reachable from outside."""
CADDYFILE = """\
{
  admin off
}
:8080 {
  reverse_proxy health-dashboard:3000 {
    lb_try_duration 5s
  }
}
"""
ENTRYPOINT_WITHOUT_ADMIN_API = r"""
ENTRYPOINT ["sh", "-c", "case \"$*\" in *admin-api*) exit 1;; esac; exec ha-ingestor \"$@\"", "sh"]
"""


class Surroundings:
    """The home, the proxy and the clients, each in a container beside those of a site."""

    def __init__(self, site: Site, version: str, folder: Path) -> None:
        self._site = site
        self._image = f"ha-ingestor:{version}"
        self._folder = folder
        self._started: list[str] = []

    def start(self) -> None:
        """Start them in order, and return when the clients send requests."""
        (self._folder / "Caddyfile").write_text(CADDYFILE, encoding="utf-8")
        self.start_home()
        caddy = ("--volume", f"{CADDY}:/usr/bin/caddy:ro", "--env", "HOME=/tmp", "--env", "XDG_DATA_HOME=/tmp")
        self._run("proxy", "front", "caddy", "run", "--config", "/out/Caddyfile", options=caddy)
        made = self._site.docker(
            "exec", self._site.container("admin-api"), "ha-ingestor", "--output", "json", "tokens", "create", "load",
            "--scope", "admin",
        )  # fmt: skip
        token = json.loads(made)["token"]
        self._run(
            "clients", "front", "python", "-m", "tests.deploy.load_in_container", "http://proxy:8080", token, "/out"
        )

    def start_home(self) -> None:
        """Start only the home."""
        self._run("home", "home", "python", "-m", "tests.deploy.home_in_container", "/out")

    def requests(self) -> dict[str, Any]:
        """Stop the clients, and return the results of their requests."""
        self._site.docker("stop", "--time", "40", self._name("clients"))
        result: dict[str, Any] = json.loads((self._folder / RESULT).read_text(encoding="utf-8"))
        return result

    def end_events(self) -> None:
        """End the events of the home, which then only answers."""
        self._site.docker("kill", "--signal", "USR1", self._name("home"))
        wait_for(lambda: (self._folder / DONE).exists(), "the home wrote down its events")

    def verdict(self) -> dict[str, Any]:
        """Compare the store with the events of the home."""
        tokens = f"{self._site.name}_admin-api-tokens:/tokens:ro"
        judged = self._site.docker(
            "run", "--rm", "--user", "0", "--network", f"{self._site.name}_inside", "--volume", tokens,
            "--volume", f"{self._folder}:/out:ro", *self._tests(), "--entrypoint", "python", self._image,
            "-m", "tests.deploy.judge_in_container", f"/out/{FIRED}", "/tokens/token",
        )  # fmt: skip
        result: dict[str, Any] = json.loads(judged.splitlines()[-1])  # after the log of the store
        return result

    def remove(self) -> None:
        """Stop and remove them."""
        if self._started:
            self._site.docker("rm", "--force", *self._started)

    def _run(self, role: str, network: str, *command: str, options: tuple[str, ...] = ()) -> None:
        self._started.append(self._name(role))
        self._site.docker(
            "run", "--detach", "--name", self._name(role), "--network", f"{self._site.name}_{network}",
            "--network-alias", role, "--user", "0", "--volume", f"{self._folder}:/out", *self._tests(), *options,
            "--entrypoint", command[0], self._image, *command[1:],
        )  # fmt: skip

    def _tests(self) -> tuple[str, ...]:
        return ("--volume", f"{ROOT / 'tests'}:/work/tests:ro", "--workdir", "/work")

    def _name(self, role: str) -> str:
        return f"{self._site.name}-{role}"


def wait_for(condition: Any, what: str, limit_s: float = RECOVERY_LIMIT_S) -> None:
    """Return when a condition holds; raises AssertionError after a time limit."""
    end = time.monotonic() + limit_s
    while not condition():
        assert time.monotonic() < end, f"not within {limit_s:g} s: {what}"
        time.sleep(1)


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    """A clone of this checkout with four releases, one of them with an Admin API that does not start."""
    made = Site(tmp_path)
    made.clone(
        HA_URL=f"http://home:{PORT}",
        HA_TOKEN=TOKEN,
        ADMIN_API_RATE_LIMIT="0",
        GAP_FILLING_SETTLE_S="2",
        STATS_TIMEOUT_S="10",  # the machine is busy during the test
    )
    (made.compose / "docker-compose.override.yml").write_text(OVERRIDE, encoding="utf-8")
    try:
        yield made
    finally:
        made.remove()


# plan: 7-criteria-downtime, success-downtime, success-errors
def test_a_deploy_a_broken_deploy_and_a_rollback_lose_no_request_and_no_event(site: Site, tmp_path: Path) -> None:
    first, second = site.commit("first"), site.commit("second")
    dockerfile = site.root / "infrastructure" / "docker" / "services.Dockerfile"
    with dockerfile.open("a", encoding="utf-8") as file:
        file.write(ENTRYPOINT_WITHOUT_ADMIN_API)
    broken = site.commit("broken")
    environment = {"DEPLOY_WAIT_S": "180"}

    site.check_out(first)
    ran = site.deploy(**environment)
    assert ran.returncode == 0, ran.stdout
    folder = tmp_path / "out"
    folder.mkdir()
    around = Surroundings(site, first, folder)
    try:
        around.start()
        site.check_out(second)
        ran = site.deploy(**environment)
        assert ran.returncode == 0, ran.stdout
        assert site.versions() == {second}
        site.check_out(broken)
        ran = site.deploy(**environment)
        assert ran.returncode == 1, ran.stdout
        assert site.versions() == {second}
        ran = site.rollback(**environment)
        assert ran.returncode == 0, ran.stdout
        assert site.versions() == {first}
        requests = around.requests()
        around.end_events()
        wait_for(lambda: not around.verdict()["wrong"], f"all events are there: {around.verdict()}")
        verdict = around.verdict()
    finally:
        around.remove()
    print(f"requests: {requests['statuses']}, slowest {requests['slowest_s']} s; events: {verdict}")  # noqa: T201
    assert requests["failures"] == []
    assert verdict["wrong"] == []
    assert verdict["found"] == verdict["sent"]
