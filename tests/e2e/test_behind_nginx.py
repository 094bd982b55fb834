"""The nginx of the containers in front of an Admin API: forwarded requests are not local, and sign-in works."""

from __future__ import annotations

import http.client
import json
import os
import re
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urljoin
from urllib.request import urlopen

import pytest

from tests.deploy.containers import ROOT
from tests.deploy.test_nginx import NGINX, address, dashboard, name_server, needs_nginx
from tests.e2e.ingestor import COMMAND
from tests.ports import free_port

__all__ = ["address", "dashboard", "name_server"]


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """Return the environment of an ingestor that trusts its own machine as proxy."""
    variables = {"ADMIN_API_PORT": str(free_port()), "DATA_DIR": str(tmp_path / "data"), "HOME": str(tmp_path)}
    return {"PATH": "/usr/bin:/bin", **variables}


@pytest.fixture
def admin_api(environment: dict[str, str], tmp_path: Path) -> Iterator[int]:
    """The port of a running Admin API."""
    port = int(environment["ADMIN_API_PORT"])
    with (tmp_path / "log").open("wb") as log:
        process = subprocess.Popen([COMMAND, "run", "all"], cwd=tmp_path, env=environment, stdout=log, stderr=log)
    try:
        for _ in range(600):
            try:
                with urlopen(f"http://127.0.0.1:{port}/api/v1/session", timeout=5) as answer:
                    assert answer.status == 200  # this machine needs no token
                break
            except OSError:
                assert process.poll() is None, (tmp_path / "log").read_text()
                time.sleep(0.05)
        yield port
    finally:
        process.terminate()
        process.wait(10)


def ask(
    connection: http.client.HTTPConnection, method: str, path: str, body: object = None, **headers: str
) -> tuple[http.client.HTTPResponse, bytes]:
    """Return an answer and its body."""
    connection.request(method, path, None if body is None else json.dumps(body), headers)
    response = connection.getresponse()
    return response, response.read()


@needs_nginx
def test_what_is_forwarded_needs_a_token_and_a_session_is_one(
    dashboard: http.client.HTTPConnection, environment: dict[str, str], tmp_path: Path
) -> None:
    assert ask(dashboard, "GET", "/api/v1/stats")[0].status == 401
    assert ask(dashboard, "GET", "/metrics")[0].status == 401
    assert ask(dashboard, "GET", "/api/v1/stats", Host="evil.example")[0].status == 421
    assert ask(dashboard, "GET", "/api/v1/health/live")[0].status == 200
    made = subprocess.run(
        [COMMAND, "tokens", "create", "me"], cwd=tmp_path, env=environment, capture_output=True, text=True, check=True
    )
    origin = f"http://127.0.0.1:{dashboard.port}"
    signing_in = {"Content-Type": "application/json", "Origin": origin}
    response, _ = ask(dashboard, "POST", "/api/v1/session", {"token": made.stdout.strip()}, **signing_in)
    assert response.status == 201
    cookie = (response.headers["Set-Cookie"] or "").partition(";")[0]
    assert ask(dashboard, "GET", "/api/v1/stats", Cookie=cookie)[0].status == 200
    assert ask(dashboard, "GET", "/api/v1/stats", Cookie=cookie, Origin="http://evil.example")[0].status == 403


@pytest.fixture
def below_a_prefix(admin_api: int, tmp_path: Path) -> Iterator[str]:
    """The address of the Admin API behind the nginx of the documentation, below `/ha-ingestor/`."""
    documented = (ROOT / "docs" / "security.md").read_text(encoding="utf-8")
    location = re.search(r"location /ha-ingestor/ \{.*?\n\}", documented, re.DOTALL)
    assert location is not None
    port = free_port()
    (tmp_path / "prefix.conf").write_text(
        f"pid {tmp_path}/prefix.pid; events {{}} http {{ access_log off; client_body_temp_path {tmp_path}/body;"
        f" proxy_temp_path {tmp_path}/proxy; server {{ listen 127.0.0.1:{port};"
        f" {location[0].replace('127.0.0.1:8003', f'127.0.0.1:{admin_api}')} }} }}",
        encoding="utf-8",
    )
    user = " user root;" if os.geteuid() == 0 else ""
    command = [str(NGINX), "-e", "stderr", "-c", str(tmp_path / "prefix.conf"), "-g", f"daemon off;{user}"]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    for _ in range(100):
        try:
            urlopen(f"http://127.0.0.1:{port}/ha-ingestor/api/v1/health/live", timeout=5).close()
            break
        except OSError:
            assert process.poll() is None, process.communicate()[1]
            time.sleep(0.05)
    yield f"http://127.0.0.1:{port}/ha-ingestor/"
    process.terminate()
    process.communicate(timeout=10)


@needs_nginx
@pytest.mark.parametrize(
    "path", ["", "flow", "flow/", "entities/sensor.kitchen_temperature?period=7d", "entities/sensor.k%C3%BCche%25"]
)
def test_every_route_below_a_prefix_finds_the_api_by_its_base(below_a_prefix: str, path: str) -> None:
    with urlopen(below_a_prefix + path, timeout=10) as answer:
        base = re.search(rb'<base href="([^"]*)" />', answer.read())
    assert base is not None
    root = urljoin(below_a_prefix + path, base[1].decode())
    assert root == below_a_prefix
    with urlopen(urljoin(root, "api/v1/health/live"), timeout=10) as answer:
        assert answer.status == 200
