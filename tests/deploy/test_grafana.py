"""Grafana's dashboards are those that the scripts build, ask for what exists, and lie where compose mounts them."""

from __future__ import annotations

import re
from itertools import chain, combinations
from typing import Any

import pytest
import yaml

from scripts import generate_grafana, generate_metrics
from tests.grafana import DASHBOARDS, FOLDER, panels, queries

SOURCES = {"admin-api": "prometheus", "flow": "prometheus", "home": "influxdb"}
METRIC = re.compile(r"\b(?:ha_ingestor|admin_api)_\w+")
PLAN = {
    "Query rate",
    "Query response times",
    "Errors",
    "Connection status",
    "Fallback activations",
    "Cache hit rate",
}
FLOW = {"Received", "End-to-end latency", "Queue", "Gaps", "Rejected"}


def provisioned(kind: str) -> dict[str, Any]:
    """The provisioning of a kind."""
    (path,) = (FOLDER / "provisioning" / kind).glob("*.yml")
    read: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return read


def test_the_dashboards_are_those_that_the_scripts_build() -> None:
    """After a change of scripts/grafana: `.venv/bin/python scripts/generate_grafana.py`."""
    written = {path.name: path.read_text(encoding="utf-8") for path in (FOLDER / "dashboards").glob("*.json")}
    assert written == generate_grafana.files()


# plan: 7.3
def test_the_dashboard_of_the_admin_api_shows_what_the_plan_lists() -> None:
    assert {panel["title"] for panel in panels("admin-api")} >= PLAN
    (times,) = (panel for panel in panels("admin-api") if panel["title"] == "Query response times")
    assert [target["legendFormat"] for target in times["targets"]] == ["p50", "p95", "p99"]


def test_the_dashboard_of_the_flow_shows_ingestion_lag_queue_gaps_and_rejected_events() -> None:
    assert {panel["title"] for panel in panels("flow")} >= FLOW


def test_an_entity_is_chosen_by_its_name() -> None:
    listed = {each["name"]: each for each in DASHBOARDS["home"]["templating"]["list"]}
    assert "friendly_name" in listed["name"]["query"]
    assert listed["name"]["hide"] == 0
    assert listed["entity"]["hide"] == 2


@pytest.mark.parametrize("name", DASHBOARDS)
def test_every_panel_says_what_it_shows_and_has_its_place(name: str) -> None:
    found = DASHBOARDS[name]["panels"]
    assert len({panel["id"] for panel in found}) == len(found)
    assert [panel["title"] for panel in panels(name) if not panel["description"]] == []
    for one, other in combinations((panel["gridPos"] for panel in found), 2):
        is_beside = one["x"] + one["w"] <= other["x"] or other["x"] + other["w"] <= one["x"]
        is_above = one["y"] + one["h"] <= other["y"] or other["y"] + other["h"] <= one["y"]
        assert is_beside or is_above, (one, other)
    assert all(panel["gridPos"]["x"] + panel["gridPos"]["w"] <= 24 for panel in found)


@pytest.mark.parametrize(("name", "kind"), SOURCES.items())
def test_a_dashboard_asks_the_data_source_that_is_chosen_above_it(name: str, kind: str) -> None:
    assert DASHBOARDS[name]["templating"]["list"][0]["query"] == kind
    used = [each["datasource"] for panel in panels(name) for each in (panel, *panel["targets"])]
    assert all(each == {"type": kind, "uid": "${datasource}"} for each in used)
    assert kind in {source["type"] for source in provisioned("datasources")["datasources"]}


def test_every_metric_of_a_dashboard_is_one_that_is_shown() -> None:
    prometheus = [name for name, kind in SOURCES.items() if kind == "prometheus"]
    used = {metric for name in prometheus for asked in queries(name) for metric in METRIC.findall(asked.text)}
    shown = {
        f"{metric.name}{suffix}"
        for metric in chain.from_iterable(generate_metrics.metrics().values())
        for suffix in ("", "_bucket", "_count", "_sum")
    }
    assert used <= shown


def test_what_is_provisioned_is_what_compose_mounts() -> None:
    compose = yaml.safe_load((FOLDER.parent / "compose" / "docker-compose.yml").read_text(encoding="utf-8"))
    services = compose["services"]
    mounts = [volume.split(":")[:2] for volume in services["grafana"]["volumes"]]
    (provider,) = provisioned("dashboards")["providers"]
    assert ["../grafana/dashboards", provider["options"]["path"]] in mounts
    assert ["../grafana/provisioning", "/etc/grafana/provisioning"] in mounts
    for source in provisioned("datasources")["datasources"]:
        host = source["url"].removeprefix("http://").split(":")[0]
        assert set(services[host]["networks"]) & set(services["grafana"]["networks"]), host
    (token,) = re.findall(r"\$__file\{(/tokens/\w+)/token\}", str(provisioned("datasources")))
    assert any(target == token for _, target in mounts)
    buckets = {source["jsonData"].get("dbName") for source in provisioned("datasources")["datasources"]} - {None}
    assert buckets == {services["admin-api"]["environment"]["INFLUXDB_BUCKET"]}
