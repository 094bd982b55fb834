"""Ask the Admin API from inside its container: a smoke test of a release, and the statistics source at run time.

deploy.sh and rollback.sh feed this file to the `python -` of a container, so it needs nothing but the standard library
and whatever release is in the image. The secret is the one that each start leaves in DATA_DIR for commands.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.request import ProxyHandler, Request, build_opener

_TIMEOUT_S = 10.0
_PAUSE_S = 0.5
_HOST = "localhost"
"""The Host header: the Admin API does not accept the name of its container."""
_LOCAL = "http://127.0.0.1:8003"
_MANY = 20
"""With this many events within _RECENTLY_S, more are expected soon."""
_RECENTLY_S = 600.0
_SERVICES = ("websocket-ingestion", "enrichment-pipeline")
_OFF = {"use_influxdb_stats": False}
_OPENER = build_opener(ProxyHandler({}))


class NotYetError(Exception):
    """An unmet condition, as a sentence."""


def ask(url: str, method: str = "GET", body: object = None) -> Any:
    """Return the decoded response, text if it is not JSON; raises NotYetError."""
    headers = {"Host": _HOST, "Authorization": f"Bearer {_secret()}", "Content-Type": "application/json"}
    data = None if body is None else json.dumps(body).encode()
    try:
        with _OPENER.open(Request(url, data, headers, method=method), timeout=_TIMEOUT_S) as response:
            text = response.read().decode()
            is_json = "json" in response.headers.get("Content-Type", "")
            return json.loads(text) if is_json else text
    except HTTPError as err:
        raise NotYetError(f"{url} answered {err.code}: {err.read().decode(errors='replace')[:300]}") from err
    except (URLError, OSError, ValueError) as err:
        raise NotYetError(f"{url} did not answer: {err}") from err


def smoke_test(front: str, commit: str, limit_s: float) -> None:
    """Test a release through the proxy; raises NotYetError for a condition that is not met within the time limit."""
    api = f"{front}/api/v1"
    checks: list[tuple[str, Callable[[], None]]] = [
        ("live", lambda: _answers(f"{api}/health/live")),
        ("ready", lambda: _answers(f"{api}/health/ready")),
        ("version", lambda: _has_commit(f"{api}/version", commit)),
        ("services", lambda: _has_services(f"{api}/health/services")),
        ("statistics", lambda: _has_statistics(f"{api}/stats?period=1h")),
    ]
    end = time.monotonic() + limit_s
    for name, check in checks:
        _wait_for(name, check, end)
    newest = _newest_where_many_come(api)
    if newest is not None:
        _wait_for("events", lambda: _has_newer_event(api, newest), end)


def choose_stats_source(percent: int) -> None:
    """Set the statistics source of all instances at run time: the store for this percentage of the clients, 0: off."""
    body = {"use_influxdb_stats": True, "influxdb_rollout_percent": percent} if percent else _OFF
    answer = ask(f"{_LOCAL}/api/v1/config/stats-source", "PUT", body)
    _say(f"statistics source: {json.dumps(answer)}")


def main() -> None:
    """Run one of the two commands; exit 1 with a message on failure."""
    parser = argparse.ArgumentParser()
    commands = parser.add_subparsers(dest="command", required=True)
    smoke = commands.add_parser("smoke")
    smoke.add_argument("--front", required=True)
    smoke.add_argument("--commit", default="")
    smoke.add_argument("--limit-s", type=float, default=90.0)
    commands.add_parser("stats-source").add_argument("percent", type=int)
    given = parser.parse_args()
    try:
        if given.command == "smoke":
            smoke_test(given.front, given.commit, given.limit_s)
        else:
            choose_stats_source(given.percent)
    except NotYetError as err:
        sys.exit(f"Failed: {err}")


def _wait_for(name: str, check: Callable[[], None], end: float) -> None:
    while True:
        try:
            check()
        except NotYetError as err:
            if time.monotonic() > end:
                raise NotYetError(f"{name}: {err}") from err
            time.sleep(_PAUSE_S)
        else:
            _say(f"{name}: good")
            return


def _answers(url: str) -> None:
    ask(url)


def _has_commit(url: str, commit: str) -> None:
    found = ask(url)["commit"]
    if commit and found != commit:
        raise NotYetError(f"the running commit is {found}, not {commit}")


def _has_services(url: str) -> None:
    services = ask(url)["services"]
    silent = [name for name in _SERVICES if services.get(name, {}).get("status", "unreachable") == "unreachable"]
    if silent:
        raise NotYetError(f"{', '.join(silent)} did not answer")


def _has_statistics(url: str) -> None:
    if "metrics" not in ask(url):
        raise NotYetError("there are no metrics in the answer")


def _newest_where_many_come(api: str) -> str | None:
    """Return the time of the newest event, None if there were too few recent events to expect another."""
    for is_last in (False, False, False, True):
        try:
            events = ask(f"{api}/events?limit={_MANY}")["events"]
        except NotYetError as err:
            if is_last:
                _say(f"events: skipped, since the store does not answer ({err})")
                return None
            time.sleep(_PAUSE_S)
        else:
            break
    if len(events) < _MANY or _age_s(events[-1]["time"]) > _RECENTLY_S:
        _say("events: few or none in the last minutes, so none is waited for")
        return None
    return str(events[0]["time"])


def _has_newer_event(api: str, newest: str) -> None:
    events = ask(f"{api}/events?limit=1")["events"]
    if datetime.fromisoformat(events[0]["time"]) <= datetime.fromisoformat(newest):
        raise NotYetError(f"no event since {newest}")


def _age_s(time_text: str) -> float:
    return time.time() - datetime.fromisoformat(time_text).timestamp()


def _secret() -> str:
    file = Path(os.environ.get("DATA_DIR") or "/data") / "command-line-token"
    try:
        return file.read_text(encoding="ascii").split()[0]
    except (OSError, IndexError) as err:
        raise NotYetError(f"There is no secret for commands in {file} yet") from err


def _say(text: str) -> None:
    sys.stdout.write(f"          {text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
