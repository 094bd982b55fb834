"""Prepare InfluxDB 2 for HA Ingestor: organisation, buckets, and tokens with the minimum rights.

Runs at every `docker compose up`, with only the standard library, and creates only what is missing. The tokens are
written to files (TOKENS_DIR/<service>/<name>), as is METRICS_TOKEN, which Prometheus reads from a file.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

_USER = "admin"
_WAIT_LIMIT_S = 120.0
_TIMEOUT_S = 30.0
_DAY_S = 24 * 60 * 60
_OURS, _FOREIGN = 0o400, 0o444
"""Permissions of the files: Prometheus and Grafana run as other users, and only they mount their volumes."""


@dataclass(frozen=True, slots=True)
class Token:
    """A token of a service and the buckets that it can read and write, the finest permissions of InfluxDB."""

    service: str
    name: str
    reads: tuple[str, ...]
    writes: tuple[str, ...]

    @property
    def description(self) -> str:
        """The description of the token in InfluxDB."""
        return f"ha-ingestor: {self.service}/{self.name}"


def tokens(events: str, rollups: str) -> tuple[Token, ...]:
    """Return the tokens of the services.

    The pipeline writes events and rollups; the capture writes service_metrics and reads the progress of rollups. The
    Admin API queries with a token that cannot write, and writes service_metrics with one that cannot read.
    """
    both = (events, rollups)
    return (
        Token("enrichment-pipeline", "token", reads=both, writes=both),
        Token("websocket-ingestion", "token", reads=both, writes=both),
        Token("admin-api", "token", reads=both, writes=()),
        Token("admin-api", "write-token", reads=(), writes=both),
        Token("grafana", "token", reads=both, writes=()),
    )


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings from the environment."""

    url: str
    admin_token: str
    admin_password: str
    org: str
    bucket: str
    retention_s: int
    tokens_dir: Path
    metrics_token: str

    @classmethod
    def load(cls, environment: Mapping[str, str]) -> Settings:
        """Read the environment; raises ProblemError with all missing and invalid variables."""
        needed = ("INFLUXDB_URL", "INFLUXDB_ADMIN_TOKEN", "INFLUXDB_ADMIN_PASSWORD", "INFLUXDB_ORG", "INFLUXDB_BUCKET")
        problems = [f"{name} is not set" for name in needed if not environment.get(name)]
        days = environment.get("INFLUXDB_RETENTION_DAYS") or "0"
        if not (days.isascii() and days.isdigit()):
            problems.append("INFLUXDB_RETENTION_DAYS must be a whole number of days (0: indefinitely)")
        if problems:
            raise ProblemError("; ".join(problems))
        url, token, password, org, bucket = (environment[name] for name in needed)
        tokens_dir = Path(environment.get("TOKENS_DIR") or "/tokens")
        metrics_token = environment.get("METRICS_TOKEN", "")
        return cls(url, token, password, org, bucket, int(days) * _DAY_S, tokens_dir, metrics_token)


class ProblemError(Exception):
    """An error that prevents the preparation of InfluxDB, with advice."""


class Server:
    """The required part of InfluxDB's HTTP API."""

    def __init__(self, url: str, token: str) -> None:
        address = urlsplit(url)
        if address.scheme not in ("http", "https") or not address.hostname:
            raise ProblemError("INFLUXDB_URL must start with http:// or https://")
        self._url = url
        self._host = address.hostname
        self._port = address.port
        self._kind = HTTPSConnection if address.scheme == "https" else HTTPConnection
        self._token = token

    def wait(self, limit_s: float = _WAIT_LIMIT_S) -> None:
        """Wait until it answers; raises ProblemError after the time limit."""
        end = time.monotonic() + limit_s
        while True:
            try:
                status, answer = self._exchange("GET", "/health", None, None)
            except (OSError, HTTPException) as err:
                problem: object = err
            else:
                if status == HTTPStatus.OK:
                    return
                problem = answer.get("message") or status
            if time.monotonic() > end:
                raise ProblemError(f"InfluxDB at {self._url} is not ready: {problem}")
            time.sleep(0.5)

    def ask(self, method: str, path: str, body: object = None, /, **query: str) -> tuple[int, dict[str, Any]]:
        """(status, answer) of a request with the operator's token; raises ProblemError when none comes."""
        try:
            return self._exchange(method, f"{path}?{urlencode(query)}" if query else path, body, self._token)
        except (OSError, HTTPException) as err:
            raise ProblemError(f"InfluxDB at {self._url} stopped answering ({err}); try again") from err

    def must(self, method: str, path: str, body: object = None, /, **query: str) -> dict[str, Any]:
        """Return the answer of a request that must succeed; raises ProblemError."""
        status, answer = self.ask(method, path, body, **query)
        if status >= HTTPStatus.BAD_REQUEST:
            raise ProblemError(f"InfluxDB refused {method} {path}: {status} {answer.get('message', '')}")
        return answer

    def knows(self, token: str) -> bool:
        """Return whether a token is valid on this server; its permissions are not checked."""
        try:
            status, _ = self._exchange("GET", "/api/v2/buckets?limit=1", None, token)
        except (OSError, HTTPException) as err:
            raise ProblemError(f"InfluxDB at {self._url} stopped answering ({err}); try again") from err
        return status != HTTPStatus.UNAUTHORIZED

    def _exchange(self, method: str, path: str, body: object, token: str | None) -> tuple[int, dict[str, Any]]:
        connection = self._kind(self._host, self._port, timeout=_TIMEOUT_S)
        try:
            headers = {"Content-Type": "application/json", "Accept": "application/json"}
            if token is not None:
                headers["Authorization"] = f"Token {token}"
            connection.request(method, path, None if body is None else json.dumps(body), headers)
            response = connection.getresponse()
            return response.status, _as_object(response.read())
        finally:
            connection.close()


def prepare(server: Server, settings: Settings) -> list[str]:
    """Create what is missing; return a sentence for each change."""
    changes = _set_up(server, settings)
    org_id = _org_id(server, settings.org)
    events, rollups = settings.bucket, f"{settings.bucket}_rollups"
    bucket_ids = {}
    for name, retention_s in ((events, settings.retention_s), (rollups, 0)):
        bucket_ids[name], changed = _bucket(server, settings.org, org_id, name, retention_s)
        changes += changed
    for token in tokens(events, rollups):
        path = settings.tokens_dir / token.service / token.name
        changes += _token(server, org_id, token, _permissions(token, org_id, bucket_ids), path)
    return changes + _metrics_token(settings.metrics_token, settings.tokens_dir / "prometheus" / "metrics-token")


def main() -> None:
    """Prepare the InfluxDB of the environment; exit with 1 and a message on failure."""
    try:
        settings = Settings.load(os.environ)
        server = Server(settings.url, settings.admin_token)
        server.wait()
        changes = prepare(server, settings)
    except ProblemError as err:
        sys.exit(f"InfluxDB is not prepared: {err}")
    sys.stdout.writelines(f"{line}\n" for line in changes or ["InfluxDB is prepared: nothing to change"])


def _set_up(server: Server, settings: Settings) -> list[str]:
    if not server.must("GET", "/api/v2/setup").get("allowed"):
        return []
    first = {
        "username": _USER,
        "password": settings.admin_password,
        "token": settings.admin_token,
        "org": settings.org,
        "bucket": settings.bucket,
        "retentionPeriodSeconds": settings.retention_s,
    }
    server.must("POST", "/api/v2/setup", first)
    return [f"set up InfluxDB: organisation {settings.org}, bucket {settings.bucket}"]


def _org_id(server: Server, org: str) -> str:
    status, answer = server.ask("GET", "/api/v2/orgs", org=org)
    if status == HTTPStatus.UNAUTHORIZED:
        raise ProblemError(
            "it was set up with another INFLUXDB_ADMIN_TOKEN: put back the .env it was set up with, "
            "or remove its volume, and all its data, to begin anew"
        )
    if status != HTTPStatus.OK or not answer["orgs"]:
        raise ProblemError(f"it has no organisation {org}: {status} {answer.get('message', '')}")
    return str(answer["orgs"][0]["id"])


def _bucket(server: Server, org: str, org_id: str, name: str, retention_s: int) -> tuple[str, list[str]]:
    kept = f"retention {retention_s // _DAY_S} days" if retention_s else "unlimited retention"
    rules = [{"type": "expire", "everySeconds": retention_s}]
    status, answer = server.ask("GET", "/api/v2/buckets", org=org, name=name)
    found = answer.get("buckets", []) if status == HTTPStatus.OK else []
    if not found:
        made = server.must("POST", "/api/v2/buckets", {"orgID": org_id, "name": name, "retentionRules": rules})
        return str(made["id"]), [f"created the bucket {name}, {kept}"]
    bucket_id = str(found[0]["id"])
    if sum(rule["everySeconds"] for rule in found[0]["retentionRules"]) == retention_s:
        return bucket_id, []
    server.must("PATCH", f"/api/v2/buckets/{bucket_id}", {"retentionRules": rules})
    return bucket_id, [f"changed the bucket {name}: {kept}"]


def _permissions(token: Token, org_id: str, bucket_ids: Mapping[str, str]) -> list[dict[str, Any]]:
    return [
        {"action": action, "resource": {"type": "buckets", "id": bucket_ids[name], "orgID": org_id}}
        for action, names in (("read", token.reads), ("write", token.writes))
        for name in names
    ]


def _token(server: Server, org_id: str, token: Token, permissions: list[dict[str, Any]], path: Path) -> list[str]:
    known = server.must("GET", "/api/v2/authorizations", orgID=org_id)["authorizations"]
    ours = [each for each in known if each.get("description") == token.description]
    if len(ours) == 1 and _allows(ours[0], permissions) and _is_known(server, path):
        return []
    wanted = {"orgID": org_id, "description": token.description, "permissions": permissions}
    made = server.must("POST", "/api/v2/authorizations", wanted)
    mode = _FOREIGN if token.service == "grafana" else _OURS
    _write(path, str(made["token"]), mode)  # before the old ones are deleted: an interruption leaves a valid token
    for each in ours:
        server.must("DELETE", f"/api/v2/authorizations/{each['id']}")
    return [f"created the token {token.service}/{token.name}" + (", replacing an earlier one" if ours else "")]


def _metrics_token(token: str, path: Path) -> list[str]:
    if not token or _content(path) == token:
        return []
    _write(path, token, _FOREIGN)
    return ["wrote METRICS_TOKEN for Prometheus"]


def _allows(authorization: Mapping[str, Any], permissions: list[dict[str, Any]]) -> bool:
    def rights(of: list[dict[str, Any]]) -> set[tuple[Any, ...]]:
        return {(each["action"], each["resource"]["type"], each["resource"].get("id")) for each in of}

    return authorization.get("status") == "active" and rights(authorization["permissions"]) == rights(permissions)


def _is_known(server: Server, path: Path) -> bool:
    token = _content(path)
    return bool(token) and server.knows(token)


def _content(path: Path) -> str:
    try:
        return path.read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError):
        return ""


def _write(path: Path, token: str, mode: int) -> None:
    unfinished = path.with_name(f".{path.name}.unfinished")
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        unfinished.unlink(missing_ok=True)
        with os.fdopen(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "w") as file:
            file.write(f"{token}\n")
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(path)
    except OSError as err:
        raise ProblemError(f"the token cannot be written: {err}") from err


def _as_object(body: bytes) -> dict[str, Any]:
    """Return the JSON object of an answer, empty if it is not JSON (DELETE, or an error of a proxy)."""
    try:
        answer = json.loads(body)
    except ValueError:
        return {}
    return answer if isinstance(answer, dict) else {}


if __name__ == "__main__":
    main()
