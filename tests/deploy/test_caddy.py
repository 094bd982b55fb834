"""The Caddy example in front of the dashboard: https, client addresses, server-sent events without delay."""

from __future__ import annotations

import http.client
import json
import os
import shutil
import ssl
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from tests.deploy.containers import COMPOSE, CONTAINERS, FILLED_IN, PROJECT
from tests.deploy.test_compose import compose_config, needs_compose
from tests.deploy.test_nginx import AdminApi, address, admin_api, dashboard, name_server, needs_nginx
from tests.ports import free_port

__all__ = ["address", "admin_api", "dashboard", "name_server"]

CADDYFILE = COMPOSE / "Caddyfile"
TLS = COMPOSE / "docker-compose.tls.yml"
CADDY = shutil.which("caddy")

UNVERIFIED = ssl.create_default_context()
"""Caddy creates its certificate authority at the first start."""
UNVERIFIED.check_hostname, UNVERIFIED.verify_mode = False, ssl.CERT_NONE

needs_caddy = pytest.mark.skipif(CADDY is None, reason="caddy is not installed")


class _Loader(yaml.SafeLoader):
    """Resolves compose's own tags."""


_Loader.add_constructor("!reset", lambda loader, node: [])
OVERLAY = yaml.load(TLS.read_text(encoding="utf-8"), _Loader)  # a subclass of SafeLoader


@pytest.fixture
def caddy(dashboard: http.client.HTTPConnection, tmp_path: Path) -> Iterator[http.client.HTTPSConnection]:
    """A connection to Caddy with our configuration, in front of nginx with ours, on other ports."""
    assert CADDY is not None
    port, home = free_port(), tmp_path / "caddy"
    text = (
        CADDYFILE.read_text(encoding="utf-8")
        .replace("health-dashboard:3000", f"127.0.0.1:{dashboard.port}")
        .replace("admin off", f"admin off\n\thttps_port {port}\n\thttp_port {free_port()}")
        .replace("127.0.0.1:2020", f"127.0.0.1:{free_port()}")
    )
    home.mkdir()
    (home / "Caddyfile").write_text(text, encoding="utf-8")
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(home),
        "DASHBOARD_HOST": "localhost",
        "DASHBOARD_TLS": "internal",
    }
    command = [CADDY, "run", "--config", str(home / "Caddyfile"), "--adapter", "caddyfile"]
    with (home / "log").open("w") as log:
        process = subprocess.Popen(command, env=environment, stdout=log, stderr=log)
    connection = http.client.HTTPSConnection("localhost", port, timeout=20, context=UNVERIFIED)
    for _ in range(400):
        try:
            connection.connect()
            break
        except OSError:
            assert process.poll() is None, (home / "log").read_text()
            time.sleep(0.05)
    yield connection
    connection.close()
    process.terminate()
    process.wait(15)


@needs_caddy
@needs_nginx
def test_the_admin_api_sees_the_clients_address_and_the_name_it_was_called_by(
    caddy: http.client.HTTPSConnection,
) -> None:
    elsewhere = http.client.HTTPSConnection(
        "localhost", caddy.port, context=UNVERIFIED, source_address=("127.0.5.5", 0)
    )
    elsewhere.request("GET", "/api/v1/stats", headers={"X-Forwarded-For": "203.0.113.7"})
    text = elsewhere.getresponse().read().decode()
    elsewhere.close()
    assert text.endswith(", '127.0.5.5']")
    assert f"'localhost:{caddy.port}'" in text


@needs_caddy
@needs_nginx
def test_an_event_of_the_stream_comes_while_the_stream_is_open(caddy: http.client.HTTPSConnection) -> None:
    caddy.request("GET", "/api/v1/stream", headers={"Accept-Encoding": "gzip"})
    response = caddy.getresponse()
    assert response.headers["Content-Type"] == "text/event-stream"
    assert response.readline() == b"event: statistics\n"
    assert not AdminApi.ending.is_set()


@needs_caddy
@needs_nginx
def test_the_page_comes_by_https_with_the_policy(caddy: http.client.HTTPSConnection) -> None:
    caddy.request("GET", "/flow")
    response = caddy.getresponse()
    assert response.status == 200
    assert b"HA Ingestor" in response.read()
    assert "max-age" in (response.headers["Strict-Transport-Security"] or "")
    assert "default-src 'none'" in (response.headers["Content-Security-Policy"] or "")


@needs_caddy
def test_caddy_finds_its_configuration_tidy() -> None:
    text = CADDYFILE.read_text(encoding="utf-8")
    ran = subprocess.run([str(CADDY), "fmt", "-"], input=text, capture_output=True, text=True, timeout=30)
    assert ran.stdout == text


def test_caddy_is_as_confined_as_its_image_allows_and_alone_is_published() -> None:
    container = OVERLAY["services"]["caddy"]
    service = CONTAINERS["health-dashboard"]
    same = ("restart", "read_only", "tmpfs", "cap_drop", "security_opt", "logging", "pids_limit")
    assert {key: container[key] for key in same} == {key: service[key] for key in same}
    assert container["cap_add"] == ["NET_BIND_SERVICE"]
    assert OVERLAY["services"]["health-dashboard"]["ports"] == []
    assert container["networks"] == ["edge"]
    assert "edge" not in PROJECT["networks"]


@needs_compose
def test_compose_takes_both_files(tmp_path: Path) -> None:
    given = {"DASHBOARD_HOST": "ha.example.org", "DASHBOARD_TLS": "internal"}
    ran = compose_config(
        *(f"{name}={value}" for name, value in (FILLED_IN | given).items()), files=(TLS,), folder=tmp_path
    )
    assert (ran.returncode, ran.stderr) == (0, "")
    services = json.loads(ran.stdout)["services"]
    published = {name for name, each in services.items() if each.get("ports")}
    assert published == {"caddy"}
    assert services["admin-api"]["environment"]["ADMIN_API_ALLOWED_HOSTS"] == "ha.example.org"
