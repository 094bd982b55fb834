"""The real images in a real engine: health, limits, documented commands, and restoring a backup."""

from __future__ import annotations

import json
import stat
import subprocess
from collections.abc import Iterator
from typing import Any

import pytest
from ha_ingestor.settings.reference import SERVICES

from tests.deploy.containers import CONTAINERS
from tests.deploy.deploy_site import Site, why_no_engine
from tests.deploy.home_in_container import PORT
from tests.deploy.test_compose import LASTING, MONITORING
from tests.deploy.test_deploy_under_load import Surroundings, wait_for
from tests.faults.home import TOKEN

REASON = why_no_engine()
pytestmark = [pytest.mark.full, pytest.mark.skipif(REASON is not None, reason=f"no containers: {REASON}")]

LIMIT_S = 400
RUNNING = sorted(set(LASTING) - MONITORING)
ASK = """
import json, sys, urllib.request
shown = {"Authorization": "Bearer " + sys.argv[2]}
request = urllib.request.Request("http://127.0.0.1:8003" + sys.argv[1], headers=shown)
print(urllib.request.urlopen(request, timeout=20).read().decode())
"""


class Stack:
    """The containers of a site, started by compose from images built for it."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self._token = ""

    def start(self) -> None:
        """Build, and return when all are healthy."""
        version = self.site.commit("v1")
        with (self.site.compose / ".env").open("a", encoding="utf-8") as file:
            file.write(f"HA_INGESTOR_VERSION={version}\n")
        self.compose("up", "--detach", "--build", "--quiet-pull", "--wait")

    def compose(self, *arguments: str) -> str:
        """Return the output of compose; an error fails the test."""
        ran = self.try_compose(*arguments)
        assert ran.returncode == 0, ran.stdout + ran.stderr
        return ran.stdout

    def try_compose(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run compose."""
        return self.run("docker", "compose", "--progress", "quiet", *arguments)

    def run(self, *command: str) -> subprocess.CompletedProcess[str]:
        """Run a command in the folder of the compose file."""
        return subprocess.run(command, cwd=self.site.compose, capture_output=True, text=True, timeout=LIMIT_S)

    def command(self, service: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run `ha-ingestor` in the container of a service, as in docs/compose.md."""
        return self.try_compose("exec", "-T", service, "ha-ingestor", *arguments)

    def ask(self, path: str) -> Any:
        """Return an answer of the Admin API, with a token created in its container."""
        if not self._token:
            made = self.command("admin-api", "--output", "json", "tokens", "create", "test", "--scope", "admin")
            self._token = json.loads(made.stdout)["token"]
        return json.loads(self.compose("exec", "-T", "admin-api", "python", "-c", ASK, path, self._token))

    def inspect(self, service: str) -> Any:
        """Return the engine's data on a container."""
        return json.loads(self.site.docker("inspect", self.site.container(service)))[0]

    def events(self) -> int:
        """Return the number of stored events."""
        return int(self.ask("/api/v1/stats?period=1h")["metrics"]["total_events"])


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """A clone of this checkout with its own images and containers; a home sends it events."""
    site = Site(tmp_path_factory.mktemp("site"))
    site.clone(HA_URL=f"http://home:{PORT}", HA_TOKEN=TOKEN, GAP_FILLING_SETTLE_S="2", ADMIN_API_DRAIN_SECONDS="0")
    made = Stack(site)
    try:
        made.start()
        yield made
    finally:
        site.remove()


@pytest.fixture(scope="module")
def around(stack: Stack, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Surroundings]:
    """The home."""
    version = stack.site.settings()["HA_INGESTOR_VERSION"]
    made = Surroundings(stack.site, version, tmp_path_factory.mktemp("out"))
    try:
        made.start_home()
        wait_for(lambda: stack.events() > 0, "events come in")
        wait_for(lambda: stack.ask("/api/v1/gaps")["gaps"], "the time before the first start is listed as a gap")
        yield made
    finally:
        made.remove()


@pytest.mark.parametrize("service", RUNNING)
def test_a_container_is_confined_and_limited_as_the_engine_sees_it(service: str, stack: Stack) -> None:
    seen = stack.inspect(service)
    host, state = seen["HostConfig"], seen["State"]
    assert state["Health"]["Status"] == "healthy"
    assert host["ReadonlyRootfs"]
    assert host["CapDrop"] == ["ALL"]
    assert host["Memory"] > 0
    assert host["PidsLimit"] > 0
    assert seen["Config"]["User"] == CONTAINERS[service]["user"]
    assert stack.site.docker("exec", seen["Id"], "id", "-u") == CONTAINERS[service]["user"].partition(":")[0]


@pytest.mark.parametrize("service", sorted(SERVICES))
def test_a_service_cannot_write_outside_of_its_data(service: str, stack: Stack) -> None:
    writes = "for each in /opt /etc /tokens /files; do touch $each/x 2>/dev/null && echo $each; done; touch /data/x"
    assert stack.compose("exec", "-T", service, "sh", "-c", writes) == ""


def test_the_log_tells_how_to_sign_in(stack: Stack) -> None:
    log = stack.compose("logs", "admin-api")
    assert f"docker exec {stack.inspect('admin-api')['Config']['Hostname']} ha-ingestor link" in log


@pytest.mark.usefixtures("around")
@pytest.mark.parametrize(
    ("service", "arguments", "told"),
    [
        ("admin-api", ("gaps",), "home"),
        ("admin-api", ("rejected", "list"), "No events were rejected."),
        ("enrichment-pipeline", ("rejected", "list"), "No events were rejected."),
        ("admin-api", ("doctor", "--no-create"), "No problems found"),
        ("enrichment-pipeline", ("doctor", "--no-create"), "No problems found"),
        ("websocket-ingestion", ("doctor", "--no-create"), "No problems found"),
        ("admin-api", ("filters", "show"), ""),
        ("admin-api", ("alerts",), ""),
        ("admin-api", ("link",), "#sign-in="),
    ],
)
def test_a_documented_command_works(service: str, arguments: tuple[str, ...], told: str, stack: Stack) -> None:
    ran = stack.command(service, *arguments)
    assert (ran.returncode, told in ran.stdout) == (0, True), ran.stdout + ran.stderr


def test_what_a_backup_does_not_know_comes_from_home_assistants_history(stack: Stack, around: Surroundings) -> None:
    wait_for(lambda: stack.events() > 500, "there is something to back up")
    made = stack.run("./backup.sh")
    assert made.returncode == 0, made.stdout + made.stderr
    (backup,) = (stack.site.compose / "backups").iterdir()
    before = stack.events()
    wait_for(lambda: stack.events() > before + 500, "events come in after the backup")
    around.end_events()

    stack.compose("rm", "--stop", "--force", *RUNNING)
    data = [f"{stack.site.name}_{name}-data" for name in ("influxdb", *SERVICES)]
    stack.site.docker("volume", "rm", *data)
    restored = stack.run("./restore.sh", str(backup))
    assert restored.returncode == 0, restored.stdout + restored.stderr
    verdict: dict[str, Any] = {}

    def is_whole() -> bool:
        verdict.update(around.verdict())
        return not verdict["wrong"]

    wait_for(is_whole, "all events are back")
    assert verdict["found"] == verdict["sent"]
    assert stack.events() > before  # the earlier token is still valid


def test_a_backup_is_for_its_owner_alone_and_nothing_that_git_sees(stack: Stack) -> None:
    backup = next((stack.site.compose / "backups").iterdir())
    files = [path for path in backup.rglob("*") if path.is_file()]
    assert {"influxdb.tar.gz", "enrichment-pipeline.tar.gz", "admin-api.tar.gz", "env"} <= {path.name for path in files}
    assert stat.S_IMODE(backup.stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) & 0o077 for path in files} == {0}
    assert stack.site.git("status", "--porcelain") == ""


def test_one_container_is_a_whole_installation(stack: Stack) -> None:
    version = stack.site.settings()["HA_INGESTOR_VERSION"]
    name = f"{stack.site.name}-one"
    options = (
        "--read-only",
        "--tmpfs",
        "/tmp",
        "--cap-drop",
        "ALL",
        "--label",
        f"com.docker.compose.project={stack.site.name}",
    )
    stack.site.docker("run", "--detach", "--name", name, *options, "--env", "ADMIN_API_HOST=", f"ha-ingestor:{version}")
    wait_for(
        lambda: '"healthy"' in stack.site.docker("inspect", "--format", "{{json .State.Health.Status}}", name),
        "it is healthy",
    )
    log = subprocess.run(["docker", "logs", name], capture_output=True, text=True, check=True)
    assert (
        f"docker exec {stack.site.docker('inspect', '--format', '{{.Config.Hostname}}', name)} ha-ingestor link"
        in log.stdout + log.stderr
    )
    assert "to connect your own, set HA_URL and HA_TOKEN" in log.stdout + log.stderr
    assert "data_dir_shared" not in log.stderr
    address = stack.site.docker("inspect", "--format", "{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}", name)
    page = stack.site.docker(
        "exec",
        name,
        "python",
        "-c",
        f"import urllib.request as r; print(r.urlopen('http://{address}:8003/').read().decode())",
    )
    assert '<div id="root">' in page
