"""infrastructure/docker/healthcheck.py: run against servers, with the command lines of the containers."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest
from ha_ingestor.roles import Role
from ha_ingestor.settings.reference import current_settings

from tests.deploy.containers import ROOT
from tests.ports import free_port

SCRIPT = ROOT / "infrastructure" / "docker" / "healthcheck.py"
CHECKED = {
    Role.ALL: ("ADMIN_API_PORT", "/api/v1/health/live"),
    Role.ADMIN_API: ("ADMIN_API_PORT", "/api/v1/health/live"),
    Role.WEBSOCKET_INGESTION: ("WEBSOCKET_INGESTION_PORT", "/health"),
    Role.ENRICHMENT_PIPELINE: ("ENRICHMENT_PIPELINE_PORT", "/health"),
}


@pytest.fixture
def answering() -> Iterator[tuple[int, dict[str, int]]]:
    """A server that answers by path; return its port and the answers."""
    answers: dict[str, int] = {}

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(answers.get(self.path, HTTPStatus.NOT_FOUND))
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    yield server.server_port, answers
    server.shutdown()
    server.server_close()


def check(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run the script as if the first process of the container were the command with these arguments."""
    words = ("/opt/ha-ingestor/bin/python", "/opt/ha-ingestor/bin/ha-ingestor", *arguments)
    command_line = "".join(f"{word}\0" for word in words).encode()
    code = f"import runpy; runpy.run_path({str(SCRIPT)!r})['main']({command_line!r})"
    command = [sys.executable, "-S", "-c", code]
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=30)


@pytest.mark.parametrize("role", Role)
def test_a_service_is_healthy_while_it_answers_that_it_is(role: Role, answering: tuple[int, dict[str, int]]) -> None:
    port, answers = answering
    variable, path = CHECKED[role]
    for status, healthy in ((HTTPStatus.OK, True), (HTTPStatus.SERVICE_UNAVAILABLE, False)):
        answers[path] = status
        # Docker's own settings can set a proxy for every container
        ran = check("run", role, **{variable: str(port), "http_proxy": "http://127.0.0.1:9"})
        assert (ran.returncode == 0) is healthy, ran.stderr


def test_a_service_that_does_not_answer_is_not_healthy_and_the_reason_is_named() -> None:
    ran = check("run", Role.ADMIN_API, ADMIN_API_PORT=str(free_port()))
    assert (ran.returncode, ran.stderr) == (1, "/api/v1/health/live: [Errno 111] Connection refused\n")


def test_another_command_than_run_is_healthy_while_it_runs() -> None:
    assert check("demo-home", ADMIN_API_PORT=str(free_port())).returncode == 0


def test_the_usual_ports_are_those_of_the_settings() -> None:
    text = SCRIPT.read_text(encoding="utf-8")
    usual = dict(current_settings())
    assert [name for name, _ in CHECKED.values() if f'"{name}", {usual[name]}, ' not in text] == []
