"""Debian's Prometheus and Alertmanager with the configuration of the compose files."""

from __future__ import annotations

import asyncio
import os
import shutil
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from http import HTTPStatus
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.e2e.ingestor import Api
from tests.ports import free_port

CONFIGURATION = Path(__file__).resolve().parents[2] / "infrastructure" / "prometheus"
PROMETHEUS = "prometheus"
ALERTMANAGER = "prometheus-alertmanager"
_EXPANDS_ENVIRONMENT = "--enable-feature=expand-external-labels"


def require(*commands: str) -> None:
    """Skip the test with a message if a command is missing; with CI=true fail."""
    missing = [command for command in commands if not shutil.which(command)]
    if not missing:
        return
    reason = f"missing: {', '.join(missing)} (scripts/install-test-parts.sh installs them)"
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)


class Server(Api):
    """A process of Prometheus or Alertmanager."""

    async def is_ready(self) -> bool:
        """Return whether it answers requests."""
        async with self._session.get(f"{self.url}/-/ready") as answer:
            return answer.status == HTTPStatus.OK


class Prometheus(Server):
    """A running Prometheus."""

    async def query(self, expression: str) -> list[dict[str, Any]]:
        """Return the series of an instant query."""
        answer = await self.get("/api/v1/query", query=expression)
        found: list[dict[str, Any]] = answer["data"]["result"]
        return found

    async def value(self, expression: str) -> float | None:
        """Return the single value of an expression; None if there is none yet."""
        found = await self.query(expression)
        return float(found[0]["value"][1]) if found else None

    async def samples(self, selector: str, period: str = "10m") -> list[tuple[float, float]]:
        """Return (time, value) of every sample of one series, oldest first."""
        found = await self.query(f"{selector}[{period}]")
        return [(float(time), float(value)) for time, value in found[0]["values"]] if found else []


@asynccontextmanager
async def running_prometheus(
    folder: Path,
    *,
    targets: Sequence[str],
    token: str,
    alertmanager: str | None = None,
    dashboard_url: str = "http://127.0.0.1:3000",
) -> AsyncIterator[Prometheus]:
    """Prometheus with our configuration and rules, other addresses, and scrapes and evaluations every second."""
    port = free_port()
    secret = folder / "metrics-token"
    secret.write_text(token, encoding="utf-8")
    settings = yaml.safe_load((CONFIGURATION / "prometheus.yml").read_text(encoding="utf-8"))
    settings["global"] |= {"scrape_interval": "1s", "scrape_timeout": "1s", "evaluation_interval": "1s"}
    settings["rule_files"] = [str(CONFIGURATION / each) for each in settings["rule_files"]]
    settings["alerting"]["alertmanagers"][0]["static_configs"] = [{"targets": [alertmanager] if alertmanager else []}]
    (job,) = settings["scrape_configs"]
    job["authorization"]["credentials_file"] = str(secret)
    job["static_configs"] = [{"targets": list(targets)}]
    config = folder / "prometheus.yml"
    config.write_text(yaml.safe_dump(settings), encoding="utf-8")
    arguments = (
        f"--config.file={config}",
        f"--storage.tsdb.path={folder / 'prometheus'}",
        f"--web.listen-address=127.0.0.1:{port}",
        _EXPANDS_ENVIRONMENT,
    )
    prometheus = Prometheus(f"http://127.0.0.1:{port}")
    try:
        async with _running(PROMETHEUS, *arguments, folder=folder, DASHBOARD_URL=dashboard_url):
            await prometheus.eventually(prometheus.is_ready, bool)
            yield prometheus
    finally:
        await prometheus.close()


@asynccontextmanager
async def running_alertmanager(folder: Path, *, receiver: str, token: str) -> AsyncIterator[Api]:
    """Alertmanager with our configuration, the address of another receiver, and a group wait of one second."""
    port = free_port()
    secret = folder / "receiver-token"
    secret.write_text(token, encoding="utf-8")
    settings = yaml.safe_load((CONFIGURATION / "alertmanager.yml").read_text(encoding="utf-8"))
    settings["route"] |= {"group_wait": "1s", "group_interval": "1s"}
    (webhook,) = settings["receivers"][0]["webhook_configs"]
    webhook["url"] = receiver
    webhook["http_config"]["authorization"]["credentials_file"] = str(secret)
    config = folder / "alertmanager.yml"
    config.write_text(yaml.safe_dump(settings), encoding="utf-8")
    arguments = (
        f"--config.file={config}",
        f"--storage.path={folder / 'alertmanager'}",
        f"--web.listen-address=127.0.0.1:{port}",
        "--cluster.listen-address=",
    )
    alertmanager = Server(f"http://127.0.0.1:{port}")
    try:
        async with _running(ALERTMANAGER, *arguments, folder=folder):
            await alertmanager.eventually(alertmanager.is_ready, bool)
            yield alertmanager
    finally:
        await alertmanager.close()


@asynccontextmanager
async def _running(command: str, *arguments: str, folder: Path, **environment: str) -> AsyncIterator[None]:
    with (folder / f"{command}.log").open("ab") as log:
        process = await asyncio.create_subprocess_exec(
            command, *arguments, env={**os.environ, **environment}, stdout=log, stderr=log
        )
    try:
        yield
    finally:
        process.terminate()
        await process.wait()
