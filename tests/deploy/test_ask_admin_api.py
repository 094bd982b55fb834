"""The smoke test of a deploy and the change of the statistics source, with a fake Admin API."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from tests.deploy.containers import ROOT

SCRIPT = ROOT / "scripts" / "deployment" / "ask_admin_api.py"
COMMIT = "c" * 40
SECRET = "hai_secret"


def events(*, every: timedelta, count: int = 20) -> dict[str, Any]:
    """Return events until now, newest first."""
    now = datetime.now(UTC)
    return {"events": [{"time": (now - number * every).isoformat()} for number in range(count)]}


class Api:
    """Answers by path: a status and a body, or a sequence of them, of which the last one is repeated."""

    def __init__(self) -> None:
        self.answers: dict[str, list[tuple[int, Any]]] = {
            "/api/v1/health/live": [(200, {})],
            "/api/v1/health/ready": [(503, {}), (200, {})],
            "/api/v1/version": [(200, {"commit": "old"}), (200, {"commit": COMMIT})],
            "/api/v1/health/services": [
                (
                    200,
                    {
                        "services": {
                            name: {"status": "degraded"} for name in ("websocket-ingestion", "enrichment-pipeline")
                        }
                    },
                )
            ],
            "/api/v1/stats?period=1h": [(200, {"metrics": {}})],
            "/api/v1/events?limit=20": [(200, events(every=timedelta(seconds=1)))],
            "/api/v1/events?limit=1": [(200, events(every=timedelta(), count=1))],
        }
        self.url = ""

    def answer(self, path: str) -> tuple[int, Any]:
        """Return the next answer of a path."""
        left = self.answers[path]
        return left.pop(0) if len(left) > 1 else left[0]


@pytest.fixture
def api() -> Iterator[Api]:
    made = Api()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            is_known = self.headers["Authorization"] == f"Bearer {SECRET}" and self.headers["Host"] == "localhost"
            status, body = made.answer(self.path) if is_known else (401, {})
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.end_headers()
            self.wfile.write(json.dumps(body).encode())

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    made.url = f"http://127.0.0.1:{server.server_port}"
    Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    yield made
    server.shutdown()
    server.server_close()


def smoke_test(api: Api, folder: Path, *, limit_s: float = 20) -> subprocess.CompletedProcess[str]:
    """Run the smoke test as in a container: from standard input."""
    (folder / "command-line-token").write_text(f"{SECRET}\nhttp://127.0.0.1:8003\n", encoding="ascii")
    return subprocess.run(
        [sys.executable, "-", "smoke", "--front", api.url, "--commit", COMMIT, "--limit-s", str(limit_s)],
        input=SCRIPT.read_text(encoding="utf-8"),
        env={"DATA_DIR": str(folder), "http_proxy": "http://127.0.0.1:9"},
        capture_output=True,
        text=True,
        timeout=60,
    )


def test_a_release_that_answers_passes_once_it_does(api: Api, tmp_path: Path) -> None:
    ran = smoke_test(api, tmp_path)
    assert ran.returncode == 0, ran.stderr
    assert [line.split(":")[0].strip() for line in ran.stdout.splitlines()] == [
        "live",
        "ready",
        "version",
        "services",
        "statistics",
        "events",
    ]


@pytest.mark.parametrize(
    ("path", "answer", "told"),
    [
        ("/api/v1/health/ready", (503, {}), "ready: "),
        ("/api/v1/version", (200, {"commit": "old"}), "version: the running commit is old, not ccc"),
        (
            "/api/v1/health/services",
            (200, {"services": {"websocket-ingestion": {"status": "unreachable"}}}),
            "services: websocket-ingestion, enrichment-pipeline did not answer",
        ),
        ("/api/v1/stats?period=1h", (500, {}), "answered 500"),
        ("/api/v1/stats?period=1h", (200, {}), "statistics: there are no metrics in the answer"),
        ("/api/v1/events?limit=1", (200, events(every=timedelta(), count=1)), "events: no event since"),
    ],
)
def test_a_release_that_does_not_is_told_from_one_that_does(
    path: str, answer: tuple[int, Any], told: str, api: Api, tmp_path: Path
) -> None:
    if "limit=1" in path:
        api.answers["/api/v1/events?limit=20"] = [(200, events(every=timedelta(seconds=1)))]
        newest = api.answers["/api/v1/events?limit=20"][0][1]["events"][0]
        answer = (200, {"events": [newest]})
    api.answers[path] = [answer]
    ran = smoke_test(api, tmp_path, limit_s=1)
    assert ran.returncode == 1
    assert told in ran.stderr


@pytest.mark.parametrize(
    "newest",
    [
        (200, events(every=timedelta(hours=1))),
        (200, events(every=timedelta(), count=3)),
        (200, {"events": []}),
        (503, {}),
    ],
    ids=["rare", "few", "none", "store away"],
)
def test_no_event_is_waited_for_where_few_came_lately(newest: tuple[int, Any], api: Api, tmp_path: Path) -> None:
    api.answers["/api/v1/events?limit=20"] = [newest]
    api.answers["/api/v1/events?limit=1"] = [(500, {})]
    assert smoke_test(api, tmp_path).returncode == 0


def test_a_missing_secret_is_named(tmp_path: Path) -> None:
    ran = subprocess.run(
        [sys.executable, SCRIPT, "stats-source", "0"],
        env={"DATA_DIR": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert ran.returncode == 1
    assert f"no secret for commands in {tmp_path}" in ran.stderr
