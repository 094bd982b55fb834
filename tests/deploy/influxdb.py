"""InfluxDB 2 for the tests of its preparation: a small one of our own, and the real one where TEST_INFLUXD names it."""

from __future__ import annotations

import json
import re
import secrets
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests.deploy.containers import environment_of
from tests.ports import free_port

Answer = tuple[int, Any]


class FakeInfluxDB:
    """What InfluxDB 2 knows of setup, organisation, buckets and tokens, answered as version 2.7.12 does."""

    def __init__(self) -> None:
        self.org: str | None = None
        self.buckets: dict[str, dict[str, Any]] = {}
        self.authorizations: dict[str, dict[str, Any]] = {}
        self.changes: list[str] = []
        self.refuses: str | None = None
        """A request ("POST /api/v2/buckets") that is answered with a 500."""
        self.shows_tokens = True
        """2.9 keeps hashes alone, and lists no token."""
        self._admin: str | None = None
        self._last_id = 0

    def answer(self, method: str, path: str, query: dict[str, str], token: str, body: Any) -> Answer:
        """The answer to a request."""
        asked = f"{method} {path}"
        if asked == self.refuses:
            return 500, {"code": "internal error", "message": "out of order"}
        if method != "GET":
            self.changes.append(asked)
        if path == "/health":
            return 200, {"status": "pass"}
        if path == "/api/v2/setup":
            return (200, {"allowed": self.org is None}) if method == "GET" else self._set_up(body)
        if token != self._admin and token not in [each["token"] for each in self.authorizations.values()]:
            return 401, {"code": "unauthorized", "message": "unauthorized access"}
        return self._routes()[re.sub(r"/[0-9a-f]{16}$", "/", asked)](path.rsplit("/", 1)[1], query, body)

    def _routes(self) -> dict[str, Callable[[str, dict[str, str], Any], Answer]]:
        return {
            "GET /api/v2/orgs": self._find_org,
            "GET /api/v2/buckets": self._find_bucket,
            "POST /api/v2/buckets": lambda _, __, body: (201, self._make_bucket(body["name"], body["retentionRules"])),
            "PATCH /api/v2/buckets/": self._change_bucket,
            "GET /api/v2/authorizations": self._list_authorizations,
            "POST /api/v2/authorizations": self._authorize,
            "DELETE /api/v2/authorizations/": lambda id_, *_: (204, self.authorizations.pop(id_) and None),
        }

    def _set_up(self, body: Any) -> Answer:
        self.org, self._admin = body["org"], body["token"]
        self._make_bucket(body["bucket"], [{"type": "expire", "everySeconds": body["retentionPeriodSeconds"]}])
        return 201, {}

    def _find_org(self, _: str, query: dict[str, str], __: Any) -> Answer:
        if query["org"] != self.org:
            return 404, {"code": "not found", "message": f'organization name "{query["org"]}" not found'}
        return 200, {"orgs": [{"id": "0" * 16, "name": self.org}]}

    def _find_bucket(self, _: str, query: dict[str, str], __: Any) -> Answer:
        name = query.get("name")
        if name and name not in self.buckets:
            return 404, {"code": "not found", "message": f'bucket "{name}" not found'}
        return 200, {"buckets": [bucket for bucket in self.buckets.values() if name in (None, bucket["name"])]}

    def _make_bucket(self, name: str, rules: Any) -> dict[str, Any]:
        self.buckets[name] = {"id": self._new_id(), "name": name, "retentionRules": rules}
        return self.buckets[name]

    def _change_bucket(self, id_: str, _: dict[str, str], body: Any) -> Answer:
        bucket = next(each for each in self.buckets.values() if each["id"] == id_)
        bucket.update(body)
        return 200, bucket

    def _list_authorizations(self, *_: object) -> Answer:
        hidden = set() if self.shows_tokens else {"token"}
        listed = [{k: v for k, v in each.items() if k not in hidden} for each in self.authorizations.values()]
        return 200, {"authorizations": listed}

    def _authorize(self, _: str, __: dict[str, str], body: Any) -> Answer:
        made = body | {"id": self._new_id(), "status": "active", "token": secrets.token_urlsafe(64)}
        self.authorizations[made["id"]] = made
        return 201, made

    def _new_id(self) -> str:
        self._last_id += 1
        return f"{self._last_id:016x}"


@contextmanager
def serve(fake: FakeInfluxDB) -> Iterator[str]:
    """Its address while it is served."""

    class Handler(BaseHTTPRequestHandler):
        def _answer(self) -> None:
            address = urlsplit(self.path)
            query = {name: values[0] for name, values in parse_qs(address.query).items()}
            token = self.headers.get("Authorization", "").removeprefix("Token ")
            sent = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            status, body = fake.answer(self.command, address.path, query, token, json.loads(sent) if sent else None)
            self.send_response(status)
            self.end_headers()
            if body is not None:
                self.wfile.write(json.dumps(body).encode())

        do_GET = do_POST = do_PATCH = do_DELETE = _answer  # noqa: N815  # the names are http.server's

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


@contextmanager
def run_influxd(influxd: str, folder: Path) -> Iterator[str]:
    """The address of a real server that knows nothing yet, with the settings that compose gives it."""
    port = free_port()
    environment = {
        "INFLUXD_BOLT_PATH": str(folder / "influxd.bolt"),
        "INFLUXD_ENGINE_PATH": str(folder / "engine"),
        "INFLUXD_HTTP_BIND_ADDRESS": f"127.0.0.1:{port}",
        **environment_of("influxdb"),
        "HOME": str(folder),
    }
    with (folder / "influxd.log").open("wb") as log:
        process = subprocess.Popen([influxd], env=environment, cwd=folder, stdout=log, stderr=log)
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(timeout=30)


def ask(url: str, method: str, path: str, token: str, body: str = "", **headers: str) -> tuple[int, str]:
    """(status, text) of a request with a token."""
    connection = HTTPConnection(urlsplit(url).netloc, timeout=30)
    connection.request(method, path, body.encode(), {"Authorization": f"Token {token}", **headers})
    response = connection.getresponse()
    text = response.read().decode()
    connection.close()
    return response.status, text


def wait_until_ready(url: str) -> None:
    """Return when it answers."""
    for _ in range(300):
        try:
            if ask(url, "GET", "/health", "")[0] == 200:
                return
        except OSError:
            time.sleep(0.1)
    raise AssertionError(f"{url} did not answer")
