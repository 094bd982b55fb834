#!/usr/bin/env python3
"""A stub of the `ha-ingestor` command, with the behaviour that the deploy scripts use.

`/opt/release.json` sets the behaviour of a release: its `format`, the service that `crashes`, is `unhealthy` or writes
a file that `grows`, and whether its `statistics` fail.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import time
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.parse import urlsplit

RELEASE: dict[str, Any] = json.loads(Path("/opt/release.json").read_text(encoding="utf-8"))
DATA = Path(os.environ.get("DATA_DIR") or "/data")
FORMAT = DATA / "format"
PORTS = {"websocket-ingestion": 8001, "enrichment-pipeline": 8002, "admin-api": 8003}


def answer(path: str) -> tuple[int, Any]:
    """Return the status and the body for a path of the Admin API."""
    now = datetime.now(UTC).isoformat()
    if path == "/api/v1/version":
        return 200, {"commit": os.environ.get("HA_INGESTOR_COMMIT"), "source": os.environ.get("USE_INFLUXDB_STATS")}
    if path == "/api/v1/health/services":
        return 200, {"services": {name: {"status": "healthy"} for name in PORTS}}
    if path == "/api/v1/stats":
        return (500, {}) if RELEASE.get("statistics") == "fail" else (200, {"metrics": {}})
    if path == "/api/v1/events":
        return 200, {"events": [{"time": now}] * 20}
    return 200, {"time": now}


class Handler(BaseHTTPRequestHandler):
    """Answers every request immediately."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        """Answer a query."""
        self._send(*answer(urlsplit(self.path).path))

    def do_PUT(self) -> None:
        """Save a choice to DATA_DIR, authenticated by the secret of the command line."""
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.headers["Authorization"] != f"Bearer {secret()}":
            return self._send(401, {})
        (DATA / "stats-source.json").write_bytes(body)
        return self._send(200, json.loads(body))

    def log_message(self, *_: object) -> None:
        """Log nothing."""

    def _send(self, status: int, body: Any) -> None:
        text = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)


def secret() -> str:
    """Return the secret saved for commands by the last start."""
    return (DATA / "command-line-token").read_text(encoding="ascii").split()[0]


def check_data(service: str) -> None:
    """Exit if the data are of a newer release."""
    found = json.loads(FORMAT.read_text(encoding="utf-8"))[service] if FORMAT.exists() else 1
    if found > RELEASE["format"]:
        sys.exit(f"data_dir_newer: The data have format {found}, and this release reads {RELEASE['format']} at most.")


def grow() -> None:
    """Write a file large enough to change while it is being read."""
    with (DATA / "growing").open("wb", buffering=0) as file:
        file.write(os.urandom(20_000_000))
        while True:
            file.write(b".")
            time.sleep(0.001)


def run(service: str) -> None:
    """Serve until SIGTERM, then for the drain time."""
    check_data(service)
    if RELEASE.get("crashes") == service:
        sys.exit(f"{service} cannot start")
    FORMAT.write_text(json.dumps({service: RELEASE["format"]}), encoding="utf-8")
    with (DATA / "starts").open("a", encoding="utf-8") as starts:
        starts.write(f"{os.environ.get('HA_INGESTOR_COMMIT')}\n")
    if service == "admin-api":
        (DATA / "command-line-token").write_text(f"secret-{os.getpid()}\nhttp://127.0.0.1:8003\n", encoding="ascii")
    port = 1 if RELEASE.get("unhealthy") == service else PORTS[service]
    server = ThreadingHTTPServer(("0.0.0.0", port if port > 1 else 8009), Handler)
    Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    if RELEASE.get("grows") == service:
        Thread(target=grow, daemon=True).start()
    signal.sigwait({signal.SIGTERM, signal.SIGINT})
    time.sleep(float(os.environ.get("ADMIN_API_DRAIN_SECONDS") or 0))
    server.shutdown()


signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM, signal.SIGINT})
match sys.argv[1:]:
    case ["run", name]:
        run(name)
    case ["check-data", name]:
        check_data(name)
    case ["check-config"]:
        if not (os.environ.get("INFLUXDB_ROLLOUT_PERCENT") or "0").isdigit():
            sys.exit("INFLUXDB_ROLLOUT_PERCENT must be a number from 0 to 100")
    case other:
        sys.exit(f"unknown: {other}")
