"""The configuration of Prometheus and Alertmanager: accepted by their tools, and with existing names."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "infrastructure" / "prometheus"
PROMETHEUS = FOLDER / "prometheus.yml"
ALERTMANAGER = FOLDER / "alertmanager.yml"
PORTS = {"websocket-ingestion": 8001, "enrichment-pipeline": 8002, "admin-api": 8003}
_MATCHER = re.compile(r'(\w+) (=|=~) "([^"]+)"')


def check(*command: str) -> str:
    """Return the output of a tool that reports no error; skip with a message without it, fail with CI=true."""
    if not shutil.which(command[0]):
        reason = f"{command[0]} is missing (scripts/install-test-parts.sh installs it)"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stdout + run.stderr
    return run.stdout


def rules() -> list[dict[str, Any]]:
    """Return every rule of Prometheus."""
    files = sorted((FOLDER / "rules").glob("*.yml"))
    return [rule for file in files for group in yaml.safe_load(file.read_text())["groups"] for rule in group["rules"]]


ALERTS = {rule["alert"] for rule in rules()}
INHIBITIONS = yaml.safe_load(ALERTMANAGER.read_text(encoding="utf-8"))["inhibit_rules"]


def alerts_of(matchers: list[str]) -> set[str]:
    """Return the alerts of a name matcher; all without one."""
    for matcher in matchers:
        label, operator, value = _MATCHER.fullmatch(matcher).groups()  # type: ignore[union-attr]
        if label == "alertname":
            return {name for name in ALERTS if (name == value if operator == "=" else re.fullmatch(value, name))}
    return ALERTS


def names_of(matcher: str) -> list[str]:
    """Return the alternatives of a name matcher."""
    pattern = _MATCHER.fullmatch(matcher)[3]  # type: ignore[index]
    parts = re.findall(r"(\w+)\(([^)]*)\)|(\w+)", pattern)
    return [f"{prefix}{each}" for prefix, group, single in parts for each in (group.split("|") if group else [single])]


def test_prometheus_accepts_its_configuration() -> None:
    # The token file only exists where Prometheus runs.
    check("promtool", "check", "config", "--syntax-only", str(PROMETHEUS))
    check("promtool", "check", "rules", *map(str, sorted((FOLDER / "rules").glob("*.yml"))))


def test_alertmanager_accepts_its_configuration() -> None:
    assert "SUCCESS" in check("amtool", "check-config", str(ALERTMANAGER))


@pytest.mark.parametrize("service", PORTS)
def test_every_service_is_scraped_where_it_listens(service: str) -> None:
    (job,) = yaml.safe_load(PROMETHEUS.read_text(encoding="utf-8"))["scrape_configs"]
    assert job["job_name"].startswith("ha-ingestor")  # the alert on targets that are down selects these
    assert f"{service}:{PORTS[service]}" in job["static_configs"][0]["targets"]
    assert job["authorization"] == {"credentials_file": "/run/secrets/metrics-token"}


def test_no_secret_is_in_a_configuration() -> None:
    for file in (PROMETHEUS, ALERTMANAGER):
        secrets = re.findall(r"^\s*(credentials|password|auth_password|bearer_token):", file.read_text(), re.MULTILINE)
        assert secrets == [], file.name


@pytest.mark.parametrize("rule", INHIBITIONS, ids=lambda rule: str(rule["source_matchers"][0]))
def test_an_inhibition_names_alerts_that_exist(rule: dict[str, Any]) -> None:
    for matchers in (rule["source_matchers"], rule["target_matchers"]):
        for matcher in matchers:
            if matcher.startswith("alertname"):
                assert set(names_of(matcher)) <= ALERTS
    assert "dashboard_url" in rule["equal"], "the alerts of another installation are no consequence"


def test_no_alert_inhibits_itself() -> None:
    for rule in INHIBITIONS:
        assert not alerts_of(rule["source_matchers"]) & alerts_of(rule["target_matchers"])


def test_a_critical_alert_reaches_a_receiver() -> None:
    labels = ["alertname=InfluxDBConnectionDown", "severity=critical", "dashboard_url=http://127.0.0.1:3000"]
    tested = check("amtool", "config", "routes", "test", f"--config.file={ALERTMANAGER}", *labels)
    assert tested.strip() == "home-assistant"
