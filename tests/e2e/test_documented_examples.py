"""Every example of the README and the documents works with the demo home."""

from __future__ import annotations

import asyncio
import json
import os
import re
import shlex
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import pytest_asyncio

from tests.e2e.ingestor import COMMAND, Ingestor

pytestmark = [pytest.mark.integration, pytest.mark.asyncio(loop_scope="module")]

ROOT = Path(__file__).parents[2]
ON_INFLUXDB = ROOT / "docs" / "runbooks" / "admin-api-influxdb-troubleshooting.md"
"""Its examples need InfluxDB: tests/e2e/test_troubleshooting.py."""
DOCUMENTS = [ROOT / "README.md", *(page for page in sorted((ROOT / "docs").rglob("*.md")) if page != ON_INFLUXDB)]
_LINE = re.compile(r"^(?:    )?((?:curl|ha-ingestor|ADMIN_API_TOKEN=\S+ ha-ingestor) .*)$", re.MULTILINE)
_INLINE = re.compile(r"`(?:\.venv/bin/)?(ha-ingestor [^`\n]+)`")

SENSIBLE: dict[str, Callable[[Any], Any]] = {
    "/api/v1/stats": lambda answer: answer["metrics"]["total_events"] > 100,
    "/api/v1/events": lambda answer: all(event["friendly_name"] for event in answer["events"]) and answer["events"],
    "/api/v1/entities/sensor.outdoor_temperature/history": lambda answer: (
        sum(p["count"] for p in answer["points"]) > 50
    ),
    "/api/v1/health": lambda answer: answer["overall_status"] == "healthy",
}
"""The required content of an answer, by path."""

NOT_RUN = {
    r"run|demo-home": "goes on until it is stopped; this whole folder runs it",
    r"--install-completion": "changes the shell of whoever runs the tests",
    r"init": "asks for an address and a token of Home Assistant: services/all-in-one/tests/commands/test_init.py",
    r"token set": "asks for a token of Home Assistant: services/all-in-one/tests/commands/test_token.py",
    r"copy": "needs InfluxDB: tests/integration/test_commands_on_influxdb.py",
    r"restore|compact": "needs an ingestor that is stopped: services/all-in-one/tests/archive/test_backup.py",
    r"alerts (ack|silence) ID": "needs an alert: services/all-in-one/tests/commands/test_alerts.py",
    r"rejected (show|replay) ID": "needs a rejected event: services/all-in-one/tests/commands/test_rejected.py",
    r"tokens revoke": "needs the id of a token: services/all-in-one/tests/commands/test_tokens.py",
    r"(tokens create( --scope metrics)?|backup)$": "is named without its argument",
    r"backfill --from …": "is named without its arguments",
    r"<command>": "stands for every command: services/all-in-one/tests/test_cli.py",
}
"""The examples that are not requests to a running demo home, and their tests."""


def _examples(start: str) -> list[str]:
    texts = [document.read_text(encoding="utf-8") for document in DOCUMENTS]
    found = {match.strip() for text in texts for pattern in (_LINE, _INLINE) for match in pattern.findall(text)}
    without_remark = {re.sub(r"\s{2,}#.*", "", example) for example in found}
    return sorted(example for example in without_remark if re.search(rf"(^| ){start} ", example))


CURLS = [example for example in _examples("curl") if "/api/v1/tap" not in example and not example.endswith("\\")]
"""A tap does not end, and its example has two lines: tests/e2e/test_tap.py."""
COMMANDS = [
    example
    for example in _examples("ha-ingestor")
    if not any(re.match(rf"(\S+ )?ha-ingestor ({arguments})", example) for arguments in NOT_RUN)
]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def demo(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Ingestor]:
    """A demo home with the history of the last two hours in the store."""
    async with Ingestor(tmp_path_factory.mktemp("demo"), HISTORY_AT_FIRST_START="1d") as ingestor:
        await ingestor.api.eventually(lambda: ingestor.api.get("/api/v1/gaps"), lambda answer: answer["gaps"])
        await ingestor.api.eventually(lambda: ingestor.api.get("/api/v1/gaps"), lambda answer: not answer["open"])
        yield ingestor


async def run(demo: Ingestor, example: str, **environment: str) -> tuple[int, str]:
    """Return exit code and output of an example, run in the folder of the demo home."""
    script = re.sub(r"http://[a-z0-9.]+:8003", demo.api.url, example)
    folder = demo.process.folder
    process = await asyncio.create_subprocess_exec(
        *("bash", "-c", script.replace("FILE", shlex.quote(str(folder / "backup.tar")))),
        cwd=folder,
        env={"PATH": f"{COMMAND.parent}:{os.environ['PATH']}", **demo.process.environment, **environment},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    output, _ = await process.communicate()
    return process.returncode or 0, output.decode()


@pytest.fixture(scope="module")
def token(demo: Ingestor) -> str:
    """A valid token of the demo home for the examples that use one."""
    return (demo.process.folder / "data" / "command-line-token").read_text().split()[0]


async def test_the_documents_have_examples() -> None:
    assert len(CURLS) >= 6
    assert len(COMMANDS) >= 15


@pytest.mark.parametrize("example", CURLS)
async def test_every_request_of_the_documents_is_answered(demo: Ingestor, example: str, token: str) -> None:
    code, output = await run(demo, example.replace("curl ", "curl --silent --fail ", 1), TOKEN=token)
    assert code == 0, output
    (address,) = re.findall(r"https?://[^\s']+", example)
    path = urlsplit(address).path
    if path == "/metrics":
        assert "\nha_ingestor_" in output
    else:
        assert SENSIBLE[path](json.loads(output)), output[:2000]


@pytest.mark.parametrize("example", COMMANDS)
async def test_every_command_of_the_documents_works(demo: Ingestor, example: str, token: str) -> None:
    of_a_demo_home = example.replace("backup FILE", "backup FILE --demo")
    code, output = await run(demo, of_a_demo_home.replace("ADMIN_API_TOKEN=…", f"ADMIN_API_TOKEN={token}"))
    assert code == 0, output
    assert output.strip()
