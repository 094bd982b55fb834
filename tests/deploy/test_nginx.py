"""The dashboard's nginx, run if it is installed: headers, unchanged answers, and the stream without delay."""

from __future__ import annotations

import http.client
import os
import re
import shutil
import socket
import socketserver
import struct
import subprocess
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Event, Thread

import pytest
from admin_api.http.middleware import SECURITY_HEADERS
from admin_api.http.static_files import PAGES

from tests.deploy.containers import CONTAINERS, ROOT
from tests.ports import free_port

DOCKER = ROOT / "infrastructure" / "docker"
CONFIG = (DOCKER / "nginx.conf").read_text(encoding="utf-8")
ADDRESS = "admin-api-address.conf"
PAGE = '<!doctype html><base href="./" />' + "<title>HA Ingestor</title>" + "<p>" * 1000
NGINX = shutil.which("nginx", path="/usr/sbin:/usr/local/sbin:/usr/bin:/usr/local/bin")

needs_nginx = pytest.mark.skipif(NGINX is None, reason="nginx is not installed")


def test_the_policy_is_the_admin_apis_own() -> None:
    added = {name: value.strip('"') for name, value in re.findall(r"add_header (\S+) (.+) always;", CONFIG)}
    assert {k.lower(): v for k, v in added.items()} == {k.decode(): v.decode() for k, v in SECURITY_HEADERS}


def test_no_inline_script_or_style_is_allowed() -> None:
    assert "default-src 'none'" in CONFIG
    assert "unsafe" not in CONFIG


def test_it_writes_to_tmp_alone() -> None:
    assert re.findall(r"^\s*(?:pid|\w+_temp_path) (?!/tmp/)", CONFIG, re.MULTILINE) == []
    assert len(re.findall(r"_temp_path /tmp/", CONFIG)) == 5


def test_it_listens_where_compose_publishes_and_checks() -> None:
    dashboard = CONTAINERS["health-dashboard"]
    assert re.findall(r"listen (\d+);", CONFIG) == ["3000"]
    assert dashboard["ports"][0].endswith(":3000")
    assert '"http://127.0.0.1:3000/healthz"]' in (DOCKER / "dashboard.Dockerfile").read_text(encoding="utf-8")
    assert "location = /healthz " in CONFIG


class AdminApi(BaseHTTPRequestHandler):
    """Records its requests; its stream sends one message and waits to be ended."""

    protocol_version = "HTTP/1.1"
    ending: Event

    def do_GET(self) -> None:
        if self.path == "/api/v1/stream":
            return self._stream()
        headers = [self.headers[name] for name in ("Host", "X-Forwarded-For")]
        body = f"{self.path} {headers}".encode()
        self.send_response(404 if "missing" in self.path else 200)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Content-Security-Policy", "the Admin API's own")
        self.end_headers()
        self.wfile.write(body)
        return None

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.do_GET()

    def _stream(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(b"event: statistics\ndata: {}\n\n")
        self.wfile.flush()
        self.ending.wait(30)
        self.close_connection = True

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def admin_api() -> Iterator[int]:
    AdminApi.ending = Event()
    server = ThreadingHTTPServer(("127.0.0.1", 0), AdminApi)
    Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    yield server.server_port
    AdminApi.ending.set()
    server.shutdown()
    server.server_close()


class NameServer(socketserver.BaseRequestHandler):
    """Answers every query for an IPv4 address with two addresses: nothing listens on the first."""

    addresses = ("127.0.0.99", "127.0.0.1")

    def handle(self) -> None:
        message, sender = self.request
        question = message[12 : message.index(b"\0", 12) + 5]
        addresses = self.addresses if question.endswith(b"\0\1\0\1") else ()
        head = message[:2] + struct.pack(">HHHHH", 0x8180, 1, len(addresses), 0, 0)
        records = (b"\xc0\x0c" + struct.pack(">HHIH", 1, 1, 1, 4) + socket.inet_aton(each) for each in addresses)
        sender.sendto(head + question + b"".join(records), self.client_address)


@pytest.fixture
def name_server() -> Iterator[int]:
    """The port of a name server with two instances, one of which is unavailable."""
    with socketserver.UDPServer(("127.0.0.1", 0), NameServer) as server:
        Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        yield int(server.server_address[1])
        server.shutdown()


@pytest.fixture
def address(admin_api: int, name_server: int) -> str:
    """Docker's file of the Admin API's address, with the name server and the port of the test."""
    text = (DOCKER / ADDRESS).read_text(encoding="utf-8").replace("admin-api:8003", f"admin-api:{admin_api}")
    return text.replace("resolver 127.0.0.11", f"resolver 127.0.0.1:{name_server}")


@pytest.fixture
def dashboard(address: str, tmp_path: Path) -> Iterator[http.client.HTTPConnection]:
    """A connection to nginx with our configuration, but other folders, ports and name server."""
    assert NGINX is not None
    (tmp_path / "html" / "assets").mkdir(parents=True)
    (tmp_path / "html" / "index.html").write_text(PAGE, encoding="utf-8")
    (tmp_path / "html" / "assets" / "index-1234.js").write_text("let a = 1;", encoding="utf-8")
    port = free_port()
    config = (
        CONFIG.replace("/tmp/", f"{tmp_path}/")
        .replace("listen 3000;", f"listen 127.0.0.1:{port};")
        .replace("/usr/share/nginx/html", str(tmp_path / "html"))
    )
    if not Path("/etc/nginx/mime.types").exists():
        pytest.skip("nginx has no /etc/nginx/mime.types here")
    (tmp_path / "nginx.conf").write_text(config, encoding="utf-8")
    (tmp_path / ADDRESS).write_text(address, encoding="utf-8")
    # root's workers would use an account that cannot read the folder of the test
    user = " user root;" if os.geteuid() == 0 else ""
    command = [NGINX, "-e", "stderr", "-c", str(tmp_path / "nginx.conf"), "-g", f"daemon off;{user}"]
    log = tmp_path / "nginx.log"  # not a pipe, which could become full and block nginx
    with log.open("wb") as errors:
        process = subprocess.Popen(command, stderr=errors)
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    for _ in range(100):
        try:
            connection.connect()
            break
        except ConnectionRefusedError:
            assert process.poll() is None, log.read_text(encoding="utf-8")
            time.sleep(0.05)
    yield connection
    connection.close()
    process.terminate()
    process.wait(timeout=10)


def ask(dashboard: http.client.HTTPConnection, path: str, **headers: str) -> tuple[http.client.HTTPResponse, str]:
    """Return an answer and its text."""
    dashboard.request("GET", path, headers=headers)
    response = dashboard.getresponse()
    return response, response.read().decode(errors="replace")


@needs_nginx
def test_the_page_comes_with_the_policy_and_is_asked_for_again(dashboard: http.client.HTTPConnection) -> None:
    response, text = ask(dashboard, "/")
    assert (response.status, text) == (200, PAGE)
    assert {k: response.headers[k.decode()] for k, _ in SECURITY_HEADERS} == {
        k: v.decode() for k, v in SECURITY_HEADERS
    }
    assert response.headers["Cache-Control"] == "no-cache"


@needs_nginx
@pytest.mark.parametrize(
    ("path", "base"),
    [
        ("/flow", "./"),
        ("/flow?period=7d&a=/b/c", "./"),
        ("/flow/", "../"),
        ("/entities/sensor.kitchen_temperature?home=cabin", "../"),
        ("/entities/a%2Fb", "../"),
        ("/entities/sensor.x/", "../../"),
    ],
)
def test_a_route_is_the_page_with_a_base_that_leads_to_the_root(
    path: str, base: str, dashboard: http.client.HTTPConnection
) -> None:
    response, text = ask(dashboard, path)
    assert (response.status, text) == (200, PAGE.replace("./", base))
    assert response.headers["Cache-Control"] == "no-cache"
    assert "base-uri 'self'" in response.headers["Content-Security-Policy"]


def test_the_routes_are_those_of_the_admin_api() -> None:
    routes = re.search(r"~\^/\(([a-z|]+)\)/\?\$ /index.html;", CONFIG)
    assert routes is not None
    assert set(routes[1].split("|")) == PAGES


@needs_nginx
def test_the_page_is_compressed(dashboard: http.client.HTTPConnection) -> None:
    response, _ = ask(dashboard, "/index.html", **{"Accept-Encoding": "gzip"})
    assert response.headers["Content-Encoding"] == "gzip"


@needs_nginx
def test_an_asset_is_kept_for_ever(dashboard: http.client.HTTPConnection) -> None:
    response, _ = ask(dashboard, "/assets/index-1234.js")
    assert "immutable" in response.headers["Cache-Control"]
    assert "javascript" in response.headers["Content-Type"]


@needs_nginx
@pytest.mark.parametrize("path", ["/missing", "/assets/missing.js", "/..%2f..%2fetc/passwd"])
def test_what_is_not_there_is_not_found_and_has_the_policy_too(
    path: str, dashboard: http.client.HTTPConnection
) -> None:
    response, _ = ask(dashboard, path)
    assert response.status in (400, 404)
    if response.status == 404:
        assert "default-src 'none'" in response.headers["Content-Security-Policy"]
    assert "immutable" not in response.headers.get("Cache-Control", "")


@needs_nginx
@pytest.mark.parametrize("path", ["/api/v1/events?entity_id=light.%2A&limit=5", "/api/v1/missing%20one", "/metrics"])
def test_a_question_and_its_answer_pass_untouched(path: str, dashboard: http.client.HTTPConnection) -> None:
    response, text = ask(dashboard, path, Host="home.example:3000", **{"X-Forwarded-For": "203.0.113.7"})
    assert text.split(" [")[0] == path
    assert "'home.example:3000'" in text
    assert response.status == (404 if "missing" in path else 200)
    assert response.headers.get_all("Content-Security-Policy") == ["the Admin API's own"]


@needs_nginx
@pytest.mark.parametrize(
    ("forwarded_for", "client"),
    [
        ("203.0.113.7", "203.0.113.7"),
        ("198.51.100.1, 203.0.113.7", "203.0.113.7"),
        ("198.51.100.1,2001:db8::7", "2001:db8::7"),
        ("203.0.113.7, unknown", "127.0.0.1"),
        ("", "127.0.0.1"),
    ],
)
def test_a_proxy_of_the_same_network_says_who_the_client_is(
    forwarded_for: str, client: str, dashboard: http.client.HTTPConnection
) -> None:
    _, text = ask(dashboard, "/api/v1/health", **{"X-Forwarded-For": forwarded_for})
    assert text.endswith(f", '{client}']")


@needs_nginx
def test_nobody_from_another_network_says_who_they_are_but_by_their_address(
    dashboard: http.client.HTTPConnection,
) -> None:
    elsewhere = http.client.HTTPConnection(dashboard.host, dashboard.port, timeout=10, source_address=("127.0.1.1", 0))
    _, text = ask(elsewhere, "/api/v1/health", **{"X-Forwarded-For": "203.0.113.7"})
    elsewhere.close()
    assert text.endswith(", '127.0.1.1']")


@needs_nginx
def test_a_question_that_an_instance_cannot_answer_is_asked_of_another(dashboard: http.client.HTTPConnection) -> None:
    # each of twenty requests starts with either address
    assert {ask(dashboard, f"/api/v1/stats?period={i + 1}h")[0].status for i in range(20)} == {200}
    posted = []
    for _ in range(20):
        dashboard.request("POST", "/api/v1/filters", body=b"{}")
        response = dashboard.getresponse()
        response.read()
        posted.append(response.status)
    assert set(posted) == {200}


def test_an_address_that_is_gone_is_forgotten_within_two_seconds() -> None:
    assert "valid=2s;" in (DOCKER / ADDRESS).read_text(encoding="utf-8")
    assert "proxy_connect_timeout 1s;" in CONFIG


@needs_nginx
def test_an_event_of_the_stream_comes_while_the_stream_is_open(dashboard: http.client.HTTPConnection) -> None:
    dashboard.request("GET", "/api/v1/stream", headers={"Accept-Encoding": "gzip"})
    response = dashboard.getresponse()
    assert response.headers["Content-Type"] == "text/event-stream"
    assert response.readline() == b"event: statistics\n"
    assert not AdminApi.ending.is_set()


@needs_nginx
def test_it_is_healthy_whatever_the_admin_api_does(dashboard: http.client.HTTPConnection) -> None:
    response, text = ask(dashboard, "/healthz")
    assert (response.status, text) == (200, "ok\n")
