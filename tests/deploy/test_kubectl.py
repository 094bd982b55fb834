"""The kubectl commands of the plan that need no cluster, run by a real kubectl on the rendered manifests."""

from __future__ import annotations

import copy
import subprocess
from pathlib import Path

import pytest
import yaml
from admin_api.settings import Settings
from ha_ingestor_core.settings.loading import load_settings

from tests.deploy.kubernetes import Resource, environment_of, kubectl, workloads


def set_env(workload: Resource, *changes: str) -> Resource:
    """Return the result of `kubectl set env deployment/admin-api …`."""
    ran = subprocess.run(
        [kubectl(), "set", "env", "--local", "--filename", "-", "--output", "yaml", *changes],
        input=yaml.safe_dump(workload),
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert ran.returncode == 0, ran.stderr
    changed: Resource = yaml.safe_load(ran.stdout)
    return changed


@pytest.fixture
def admin_api() -> Resource:
    return copy.deepcopy(workloads("influxdb")["admin-api"])


def settings_of(workload: Resource, monkeypatch: pytest.MonkeyPatch, folder: Path) -> Settings:
    """Return the settings of the pods, each variable as resolved by Kubernetes."""
    monkeypatch.chdir(folder)
    for variable, value in environment_of("influxdb", workload).items():
        monkeypatch.setenv(variable, value)
    return load_settings(Settings)


# plan: rollback-kubectl
def test_set_env_turns_the_statistics_from_influxdb_off(
    admin_api: Resource, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    changed = set_env(admin_api, "USE_INFLUXDB_STATS=false")
    assert changed["metadata"]["name"] == "admin-api"
    assert settings_of(changed, monkeypatch, tmp_path).stats.use_influxdb_stats is False


def test_set_env_lowers_the_share_of_clients(
    admin_api: Resource, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    changed = set_env(admin_api, "INFLUXDB_ROLLOUT_PERCENT=0")
    assert settings_of(changed, monkeypatch, tmp_path).stats.influxdb_rollout_percent == 0


def test_set_env_wins_over_the_configmap(admin_api: Resource, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    changed = set_env(admin_api, "ADMIN_API_DRAIN_SECONDS=7")
    assert environment_of("influxdb", changed)["ADMIN_API_DRAIN_SECONDS"] == "7"


def test_set_env_takes_back_what_it_set(admin_api: Resource) -> None:
    changed = set_env(admin_api, "USE_INFLUXDB_STATS=false")
    assert environment_of("influxdb", changed)["USE_INFLUXDB_STATS"] == "false"
    back = set_env(changed, "USE_INFLUXDB_STATS-")
    assert environment_of("influxdb", back) == environment_of("influxdb", admin_api)
