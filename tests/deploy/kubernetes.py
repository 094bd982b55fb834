"""The content of infrastructure/kubernetes for the tests of this folder, built by a real kustomize."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any, NoReturn

import pytest
import yaml

ROOT = Path(__file__).parents[2]
KUBERNETES = ROOT / "infrastructure" / "kubernetes"
OVERLAYS = KUBERNETES / "overlays"
FORMS = ("influxdb", "embedded")
"""The complete overlays of HA Ingestor."""

Resource = dict[str, Any]
SECRETS: dict[str, dict[str, str]] = {
    "home-assistant": {"HA_URL": "http://192.0.2.1:8123", "HA_TOKEN": "a-long-lived-access-token"},
    "ha-ingestor": {"INTERNAL_TOKEN": "1" * 64, "METRICS_TOKEN": "2" * 64},
    "influxdb-admin": {"INFLUXDB_ADMIN_TOKEN": "3" * 64, "INFLUXDB_ADMIN_PASSWORD": "4" * 64},
    "influxdb-tokens": {
        f"{service}.{name}": "5" * 64
        for service, name in (
            *(("websocket-ingestion", "token"), ("enrichment-pipeline", "token")),
            *(("admin-api", "token"), ("admin-api", "write-token")),
        )
    },
}
"""The Secrets of the documentation, with values."""
_TOOLS = f"{ROOT / '.tools'}{os.pathsep}{os.environ.get('PATH', '')}"
_HOW = "scripts/install-test-parts.sh does, where there is apt-get or go"


def kustomize() -> list[str]:
    """Return the command that builds a folder; skips without kustomize, and fails with CI=true."""
    if found := shutil.which("kustomize", path=_TOOLS):
        return [found, "build"]
    if (found := shutil.which("kubectl", path=_TOOLS)) and _kustomize_version(found) >= 5:
        return [found, "kustomize"]
    return missing("kustomize 5, alone or in kubectl 1.27 or later")


def kubectl() -> str:
    """Return kubectl of any version; skips without one, and fails with CI=true."""
    return shutil.which("kubectl", path=_TOOLS) or missing("kubectl")


def missing(what: str) -> NoReturn:
    """Skip the test, or fail it with CI=true, because a program is not installed."""
    reason = f"{what} is missing: install it ({_HOW})"
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)


def rendered(folder: Path) -> str:
    """Return the output of kustomize for a folder, which must have no warnings."""
    ran = subprocess.run([*kustomize(), str(folder)], capture_output=True, text=True, timeout=60)
    assert (ran.returncode, ran.stderr) == (0, "")
    return ran.stdout


@cache
def resources(overlay: str) -> tuple[Resource, ...]:
    """Return the resources of an overlay, built once."""
    return tuple(yaml.safe_load_all(rendered(OVERLAYS / overlay)))


def of_kind(overlay: str, *kinds: str) -> dict[str, Resource]:
    """Return the resources of these kinds by name."""
    return {each["metadata"]["name"]: each for each in resources(overlay) if each["kind"] in kinds}


def workloads(overlay: str) -> dict[str, Resource]:
    """Return the resources that run pods, by name."""
    return of_kind(overlay, "Deployment", "StatefulSet", "Job")


def pod_of(workload: Resource) -> Resource:
    """Return the pod specification."""
    pod: Resource = workload["spec"]["template"]["spec"]
    return pod


def labels_of(workload: Resource) -> dict[str, str]:
    """Return the labels of the pods."""
    labels: dict[str, str] = workload["spec"]["template"]["metadata"]["labels"]
    return labels


def container_of(workload: Resource) -> Resource:
    """Return the only container."""
    (container,) = pod_of(workload)["containers"]
    return dict(container)


def secret_keys(workload: Resource) -> Iterator[tuple[str, str, str]]:
    """Yield (variable, Secret, key) of every secret in the environment; the key is empty if all keys are used."""
    container = container_of(workload)
    for each in container.get("env", []):
        if reference := each.get("valueFrom", {}).get("secretKeyRef"):
            yield each["name"], reference["name"], reference["key"]
    for each in container.get("envFrom", []):
        if reference := each.get("secretRef"):
            yield "", reference["name"], ""


def environment_of(
    overlay: str, workload: Resource, secrets: Mapping[str, Mapping[str, str]] = SECRETS
) -> dict[str, str]:
    """Return the environment of the container, without missing optional secrets."""
    container, maps = container_of(workload), of_kind(overlay, "ConfigMap")
    environment: dict[str, str] = {}
    for each in container.get("envFrom", []):
        if reference := each.get("configMapRef"):
            environment |= maps[reference["name"]]["data"]
        else:
            environment |= secrets[each["secretRef"]["name"]]
    for each in container.get("env", []):
        source = each.get("valueFrom", {})
        if reference := source.get("configMapKeyRef"):
            environment[each["name"]] = maps[reference["name"]]["data"][reference["key"]]
        elif reference := source.get("secretKeyRef"):
            known = secrets[reference["name"]]
            if not reference.get("optional") or reference["key"] in known:
                environment[each["name"]] = known[reference["key"]]
        else:
            environment[each["name"]] = each["value"]
    return environment


def matches(selector: Resource, labels: dict[str, str]) -> bool:
    """Return whether a label selector selects these labels."""
    of_labels = selector.get("matchLabels", {}).items() <= labels.items()
    expressions = selector.get("matchExpressions", [])
    assert {each["operator"] for each in expressions} <= {"In"}
    return bool(of_labels and all(labels.get(each["key"]) in each["values"] for each in expressions))


def _kustomize_version(kubectl: str) -> int:
    """Return the major version of the kustomize in a kubectl; 0 if unknown."""
    ran = subprocess.run([kubectl, "version", "--client", "--output", "json"], capture_output=True, timeout=60)
    version = json.loads(ran.stdout or "{}").get("kustomizeVersion", "v0.0.0")
    return int(version.removeprefix("v").partition(".")[0])
