"""A checkout with tagged releases, deployed by the scripts to a real container engine."""

from __future__ import annotations

import json
import os
import secrets
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.deploy.containers import ROOT

STAND_IN = Path(__file__).parent / "stand_in"
LIMIT_S = 900.0


def why_no_engine() -> str | None:
    """Return what is missing for containers: an engine or compose; None if nothing is."""
    if shutil.which("docker") is None:
        return "docker is not installed"
    for command, reason in (("version", "no Docker engine answers"), ("compose version", "no plugin docker compose")):
        if subprocess.run(["docker", *command.split()], capture_output=True).returncode:
            return reason
    return None


class Site:
    """A git repository with the scripts, the compose file and stub images, and its running containers."""

    def __init__(self, folder: Path) -> None:
        self.name = f"deploy-test-{secrets.token_hex(3)}"
        self.root = folder / "checkout"
        self.compose = self.root / "infrastructure" / "compose"
        self.state = self.compose / ".deploy"
        self._environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("GIT_")},
            "DEPLOY_LOCK_WAIT_S": "30",
            "DEPLOY_FREE_MB": "500",
        }

    def create(self, **variables: str) -> None:
        """Copy the files of a deploy, and fill in .env."""
        for part in ("scripts/deployment", "infrastructure/compose", "infrastructure/docker"):
            left_out = shutil.ignore_patterns(".env", ".deploy", "files", "docker-compose.override.yml", "__pycache__")
            shutil.copytree(ROOT / part, self.root / part, ignore=left_out)
        for script in ("deploy.sh", "rollback.sh"):
            shutil.copy(ROOT / "scripts" / script, self.root / "scripts")
        for dockerfile in STAND_IN.glob("*.Dockerfile"):
            shutil.copy(dockerfile, self.root / "infrastructure" / "docker")
        (self.root / "stand_in").mkdir()
        shutil.copy(STAND_IN / "ha_ingestor.py", self.root / "stand_in")
        (self.root / ".gitignore").write_text(".env\n.deploy/\nfiles/\n", encoding="utf-8")
        self.git("init", "--quiet", "--initial-branch=main")
        self._environment |= {"DEPLOY_WAIT_S": "60", "DEPLOY_SETTLE_S": "0", "DEPLOY_SMOKE_S": "10"}
        self._fill_in({"ADMIN_API_DRAIN_SECONDS": "0", **variables})

    def clone(self, **variables: str) -> None:
        """Clone the checkout of this test with the real images, and fill in .env."""
        subprocess.run(["git", "clone", "--quiet", "--local", ROOT, self.root], check=True)
        self._fill_in(variables)

    def release(self, tag: str, **behaviour: Any) -> str:
        """Commit and tag a release of the stub images with this behaviour; return its version."""
        behaviour = {"format": 1, **behaviour, "tag": tag}
        (self.root / "stand_in" / "release.json").write_text(json.dumps(behaviour), encoding="utf-8")
        return self.commit(tag)

    def commit(self, tag: str) -> str:
        """Commit and tag all changes; return the version."""
        self.git("add", "--all")
        self.git(
            "-c", "user.name=test", "-c", "user.email=test@example.com", "commit", "--quiet", "--allow-empty", "-m", tag
        )
        version = f"{tag}-{self.name}"
        self.git("tag", version)
        return version

    def check_out(self, version: str) -> None:
        """Check out a release."""
        self.git("checkout", "--quiet", version)

    def git(self, *arguments: str) -> str:
        """Return the output of git in the checkout."""
        ran = subprocess.run(["git", *arguments], cwd=self.root, capture_output=True, text=True, check=True)
        return ran.stdout.strip()

    def deploy(self, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        """Run scripts/deploy.sh to its end; the output includes standard error."""
        return self._run("deploy.sh", *arguments, **environment)

    def rollback(self, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        """Run scripts/rollback.sh to its end; the output includes standard error."""
        return self._run("rollback.sh", *arguments, **environment)

    def start(self, script: str, **environment: str) -> subprocess.Popen[str]:
        """Start a script in its own process group; its output can be read line by line."""
        return self.start_command(self.root / "scripts" / script, **environment)

    def start_command(self, *command: str | Path, **environment: str) -> subprocess.Popen[str]:
        """Start a command in the same way as a script."""
        return subprocess.Popen(
            command,
            env={**self._environment, **environment},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )

    def running(self) -> dict[str, list[str]]:
        """Return the images of the running containers, by service."""
        found: dict[str, list[str]] = {}
        for line in self.docker(
            "ps", "--format", '{{.Label "com.docker.compose.service"}} {{.Image}}', "--filter", f"label={self._label}"
        ).splitlines():
            service, image = line.split()
            found.setdefault(service, []).append(image)
        return found

    def versions(self) -> set[str]:
        """Return the versions of our running images; fails if a service runs twice or not at all."""
        running = self.running()
        ours = ("enrichment-pipeline", "websocket-ingestion", "admin-api", "health-dashboard")
        assert {service: len(running.get(service, [])) for service in ours} == dict.fromkeys(ours, 1)
        return {running[service][0].partition(":")[2] for service in ours}

    def container(self, service: str) -> str:
        """Return the id of the running container of a service."""
        filters = ("--filter", f"label={self._label}", "--filter", f"label=com.docker.compose.service={service}")
        return self.docker("ps", "--quiet", *filters).splitlines()[0]

    def read(self, service: str, path: str) -> str:
        """Return a file of a running container."""
        return self.docker("exec", self.container(service), "cat", path)

    def environment_of(self, service: str) -> dict[str, str]:
        """Return the environment with which a container was started."""
        shown = self.docker("inspect", "--format", "{{json .Config.Env}}", self.container(service))
        return {name: value for name, _, value in (pair.partition("=") for pair in json.loads(shown))}

    def settings(self) -> dict[str, str]:
        """Return the variables of .env."""
        lines = (self.compose / ".env").read_text(encoding="utf-8").splitlines()
        return dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))

    def docker(self, *arguments: str) -> str:
        """Return the output of docker."""
        ran = subprocess.run(["docker", *arguments], capture_output=True, text=True, timeout=LIMIT_S)
        assert ran.returncode == 0, ran.stderr
        return ran.stdout.strip()

    def remove(self) -> None:
        """Stop and delete its containers and images."""
        for kind, list_, remove in (
            ("container", ("ps", "--all", "--quiet"), ("rm", "--force", "--volumes")),
            ("volume", ("volume", "ls", "--quiet"), ("volume", "rm")),
            ("network", ("network", "ls", "--quiet"), ("network", "rm")),
        ):
            found = self.docker(*list_, "--filter", f"label={self._label}").split()
            if found:
                assert self.docker(*remove, *found), kind
        images = self.docker("images", "--format", "{{.Repository}}:{{.Tag}}").splitlines()
        versions = {self._version_in(path) for path in self.state.glob("*/settings")}
        ours = [image for image in images if self.name in image or image.partition(":")[2] in versions]
        if ours:
            self.docker("rmi", "--force", *ours)

    def _fill_in(self, variables: dict[str, str]) -> None:
        subprocess.run([self.compose / "setup.sh"], check=True, capture_output=True)
        given = {
            "HA_URL": "http://192.0.2.1:8123",
            "HA_TOKEN": "token",
            "COMPOSE_PROJECT_NAME": self.name,
            "DASHBOARD_PORT": str(20_000 + secrets.randbelow(20_000)),
            **variables,
        }
        with (self.compose / ".env").open("a", encoding="utf-8") as file:
            file.writelines(f"{name}={value}\n" for name, value in given.items())

    def _version_in(self, settings: Path) -> str:
        lines = settings.read_text(encoding="utf-8").splitlines()
        return dict(line.split("=", 1) for line in lines)["HA_INGESTOR_VERSION"]

    @property
    def _label(self) -> str:
        return f"com.docker.compose.project={self.name}"

    def _run(self, script: str, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [self.root / "scripts" / script, *arguments],
            env={**self._environment, **environment},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=LIMIT_S,
        )


def temporary_site(folder: Path) -> Iterator[Site]:
    """A site with stub images, removed afterwards."""
    site = Site(folder)
    try:
        site.create()
        yield site
    finally:
        site.remove()
