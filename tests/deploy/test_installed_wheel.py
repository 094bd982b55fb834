"""The wheel as a user gets it: installed in an empty environment, run without Node, make or a checkout."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest

from tests.deploy.distribution import ROOT, UV, build, need_dashboard, without_tools
from tests.e2e.ingestor import Api, Process
from tests.ports import free_port

PYTHON = os.environ.get("TEST_WHEEL_PYTHON", sys.executable)

pytestmark = pytest.mark.full  # all dependencies are installed again


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the programs of an environment with the wheel and its dependencies, as pinned in the lock."""
    need_dashboard()
    folder = tmp_path_factory.mktemp("installed")
    ran = build(ROOT, folder)
    assert ran.returncode == 0, ran.stderr
    (wheel,) = folder.glob("*.whl")
    venv = folder / "venv"
    run(UV, "venv", "--quiet", "--python", PYTHON, venv)
    run(UV, "pip", "install", "--quiet", "--python", venv, "--constraints", ROOT / "requirements-run.lock", wheel)
    return venv / "bin"


def run(*command: str | Path, cwd: Path | None = None) -> str:
    """Return the output of a command, which must succeed."""
    ran = subprocess.run(
        command, cwd=cwd, env=without_tools(), capture_output=True, text=True, timeout=300, check=False
    )
    assert ran.returncode == 0, ran.stderr
    return ran.stdout


@pytest.fixture
async def ingestor(installed: Path, tmp_path: Path) -> AsyncIterator[Process]:
    """Run the command without arguments, in an empty folder."""
    port = str(free_port())
    process = Process(folder=tmp_path, PATH=str(installed), ADMIN_API_PORT=port)
    process.command = installed / "ha-ingestor"
    await process.start()
    yield process
    await process.end(signal.SIGKILL)


@pytest.fixture
async def api(ingestor: Process) -> AsyncIterator[Api]:
    api = Api(f"http://127.0.0.1:{ingestor.environment['ADMIN_API_PORT']}")
    yield api
    await api.close()


async def test_it_shows_the_page_and_an_event_of_the_demo_home(ingestor: Process, api: Api, tmp_path: Path) -> None:
    (event, *_) = await api.eventually(lambda: api.events(limit=1), bool)
    assert event["entity_id"]
    page = await text(f"{api.url}/")
    (script, *_) = re.findall(r'src="(?:\./)?(assets/[^"]+\.js)"', page)
    assert "import" in await text(f"{api.url}/{script}")
    assert (await text(f"{api.url}/api/v1/runbooks/lag")).startswith("# ")
    assert (await api.get("/api/v1/alerts/rules"))["rules"]
    assert (await api.get("/api/v1/version"))["commit"] is None
    assert (tmp_path / "data" / "demo").is_dir()
    assert await ingestor.end(signal.SIGTERM) == 0


async def text(url: str) -> str:
    async with aiohttp.ClientSession() as http, http.get(url) as answer:
        assert answer.status == 200, url
        return await answer.text()


def test_its_commands_work_without_a_checkout(installed: Path, tmp_path: Path) -> None:
    command = installed / "ha-ingestor"
    assert run(command, "--version", cwd=tmp_path).startswith("ha-ingestor 0.")
    assert "HA_URL" in run(command, "check-config", cwd=tmp_path)
    assert "No problems found" in run(command, "doctor", cwd=tmp_path)


def test_what_it_depends_on_fits_together(installed: Path) -> None:
    run(UV, "pip", "check", "--python", installed.parent)
