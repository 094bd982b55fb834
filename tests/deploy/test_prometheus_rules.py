"""The Prometheus alerts: those of the plan verbatim, each firing and not firing as required."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from itertools import chain
from pathlib import Path
from typing import Any

import pytest
import yaml

from scripts import generate_metrics
from tests.deploy.alert_cases import CASES

ROOT = Path(__file__).resolve().parents[2]
RULES = sorted((ROOT / "infrastructure" / "prometheus" / "rules").glob("*.yml"))
RUNBOOK = re.compile(r"\{\{ \$externalLabels\.dashboard_url \}\}/api/v1/runbooks/([a-z_]+)")
METRIC = re.compile(r"\b(?:ha_ingestor|admin_api)_\w+")
PLAN = {
    "InfluxDBQueryFailures": ("5m", "Admin API InfluxDB queries failing", "Error rate: {{ $value }}"),
    "InfluxDBSlowQueries": ("5m", "Admin API queries slow", "P95 latency: {{ $value }}s"),
    "InfluxDBConnectionDown": ("2m", "Admin API lost InfluxDB connection", None),
}


def groups() -> dict[str, list[dict[str, Any]]]:
    """Return the rules by group."""
    found = [group for path in RULES for group in yaml.safe_load(path.read_text(encoding="utf-8"))["groups"]]
    return {group["name"]: group["rules"] for group in found}


ALERTS = {rule["alert"]: rule for rules in groups().values() for rule in rules}


@pytest.fixture(scope="module")
def promtool() -> str:
    """Skip the test with a message without Debian's Prometheus; with CI=true fail."""
    if found := shutil.which("promtool"):
        return found
    reason = "promtool is missing: sudo apt-get install prometheus (scripts/install-test-parts.sh does)"
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)


# plan: 7.4
def test_the_alerts_of_the_plan_are_its_own_to_the_letter() -> None:
    told = {
        rule["alert"]: (rule["for"], rule["annotations"]["summary"], rule["annotations"].get("description"))
        for rule in groups()["admin_api_influxdb"]
    }
    assert told == PLAN


def test_every_metric_of_an_alert_is_one_that_is_shown() -> None:
    used = {name for rule in ALERTS.values() for name in METRIC.findall(rule["expr"])}
    shown = {
        name
        for metric in chain.from_iterable(generate_metrics.metrics().values())
        for name in (metric.name, *(f"{metric.name}{suffix}" for suffix in ("_bucket", "_count", "_sum")))
    }
    assert used <= shown


def test_every_alert_has_a_case() -> None:
    assert set(CASES) == set(ALERTS)


@pytest.mark.parametrize("alert", ALERTS)
def test_every_alert_has_a_severity_and_a_runbook_that_exists(alert: str) -> None:
    rule = ALERTS[alert]
    assert rule["labels"]["severity"] in ("critical", "warning", "info")
    page = RUNBOOK.fullmatch(rule["annotations"]["runbook_url"])
    assert page
    assert (ROOT / "docs" / "runbooks" / f"{page[1]}.md").is_file()


def test_an_alert_is_raised_when_it_must_be_and_is_silent_when_it_must_be(promtool: str, tmp_path: Path) -> None:
    tests = []
    for name, case in CASES.items():
        for series, is_raised in ((case.firing, True), (case.silent, False)):
            tests.append(
                {
                    "interval": "1m",
                    "name": f"{name} {'raised' if is_raised else 'silent'}",
                    "input_series": [{"series": key, "values": values} for key, values in series.items()],
                    # Another test checks labels and texts: here the alert is queried by its own series.
                    "promql_expr_test": [
                        {
                            "expr": f'count(ALERTS{{alertname="{name}", alertstate="firing"}})',
                            "eval_time": case.at,
                            "exp_samples": [{"labels": "{}", "value": 1}] if is_raised else [],
                        }
                    ],
                }
            )
    file = tmp_path / "cases.yml"
    text = yaml.safe_dump({"rule_files": [str(path) for path in RULES], "evaluation_interval": "30s", "tests": tests})
    file.write_text(text, encoding="utf-8")
    run = subprocess.run([promtool, "test", "rules", str(file)], capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stdout + run.stderr
