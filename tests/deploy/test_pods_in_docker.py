"""The pods of both forms in a real container engine: ready, confined, consistent, and stopped cleanly."""

from __future__ import annotations

import json
import os
import secrets
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.deploy.deploy_site import why_no_engine
from tests.deploy.kubernetes import ROOT, container_of, workloads
from tests.deploy.pods_in_docker import Pods

REASON = why_no_engine()
pytestmark = [pytest.mark.full, pytest.mark.skipif(REASON is not None, reason=f"no containers: {REASON}")]

_TOKENS = """
import pathlib, subprocess, sys
subprocess.run([sys.executable, "/opt/init_influxdb.py"], stdout=sys.stderr, check=True)
for path in pathlib.Path("/tokens").glob("*/*"):
    print(f"{path.parent.name}.{path.name}", path.read_text().strip())
"""


@pytest.fixture(scope="module")
def version() -> Iterator[str]:
    """The tag of both images, built from this checkout."""
    told = os.environ | {"DOCKER_BUILDKIT": "1"}
    tag = f"pods-test-{secrets.token_hex(3)}"
    images = {"ha-ingestor": "services", "ha-ingestor-dashboard": "dashboard"}
    for image, name in images.items():
        file = f"infrastructure/docker/{name}.Dockerfile"
        command = ["docker", "build", "--quiet", "--tag", f"{image}:{tag}", "--file", file, "."]
        built = subprocess.run(command, cwd=ROOT, env=told, capture_output=True, text=True, timeout=600)
        assert built.returncode == 0, built.stderr
    yield tag
    for image in images:
        subprocess.run(["docker", "rmi", "--force", f"{image}:{tag}"], capture_output=True, timeout=60)


@pytest.fixture(scope="module")
def pods(version: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pods]:
    """Every pod of the form with InfluxDB, ready; the Job's tokens are in the Secret."""
    made = Pods("influxdb", version, tmp_path_factory.mktemp("pods"))
    try:
        made.create()
        made.start("influxdb")
        made.wait_until_ready("influxdb")
        job = made.start("influxdb-init", command=["python", "-c", _TOKENS])
        assert made.docker("wait", job) == "0", made.docker("logs", job)
        made.secrets["influxdb-tokens"] = dict(
            line.split() for line in made.docker("logs", job).splitlines() if "." in line
        )
        for workload, replicas in REPLICAS.items():
            for replica in range(replicas):
                made.start(workload, replica)
                made.wait_until_ready(workload, replica)
        yield made
    finally:
        made.remove()


REPLICAS = {"enrichment-pipeline": 1, "websocket-ingestion": 1, "admin-api": 2, "health-dashboard": 1}


@pytest.fixture(scope="module")
def token(pods: Pods) -> str:
    """A token created by the first replica of the Admin API."""
    command = ("ha-ingestor", "--output", "json", "tokens", "create", "test", "--scope", "admin")
    return str(json.loads(pods.docker("exec", f"{pods.name}-admin-api-0", *command))["token"])


@pytest.mark.parametrize("where", ["admin-api-0:8003", "admin-api-1:8003", "health-dashboard-0:3000"])
def test_a_token_of_one_replica_is_valid_everywhere(where: str, pods: Pods, token: str) -> None:
    for _ in range(3):  # the files are read once a second
        status, body = pods.ask(f"http://{pods.name}-{where}/api/v1/stats?period=1h", token)
        if status == 200:
            break
        subprocess.run(["docker", "exec", f"{pods.name}-client", "sleep", "1"], check=True)
    assert (status, json.loads(body)["source"]) == (200, "influxdb")


@pytest.mark.parametrize("where", ["websocket-ingestion-0:8001", "enrichment-pipeline-0:8002", "admin-api-0:8003"])
def test_prometheus_reads_the_metrics_by_its_token(where: str, pods: Pods) -> None:
    credentials = pods.secrets["ha-ingestor"]["METRICS_TOKEN"]
    assert pods.ask(f"http://{pods.name}-{where}/metrics", credentials)[0] == 200


@pytest.mark.parametrize("host", ["admin-api.ha-ingestor.svc", "admin-api.ha-ingestor.svc.cluster.local"])
def test_the_admin_api_is_called_by_the_names_of_the_cluster(host: str, pods: Pods) -> None:
    assert pods.ask(f"http://{pods.name}-admin-api-0:8003/api/v1/health/live", host=host)[0] == 200


def test_a_backup_of_the_embedded_form_comes_back_into_its_volume(version: str, tmp_path: Path) -> None:
    made = Pods("embedded", version, tmp_path)
    create = ("ha-ingestor", "--output", "json", "tokens", "create", "test")
    try:
        made.create()
        first = made.start("ha-ingestor")
        made.wait_until_ready("ha-ingestor")
        token = json.loads(made.docker("exec", first, *create))["token"]
        backup = ["docker", "exec", first, "ha-ingestor", "backup", "-"]
        archive = subprocess.run(backup, check=True, capture_output=True, timeout=120).stdout
        made.docker("exec", first, "rm", "/data/admin-api-tokens.json")
        made.docker("stop", first)
        beside = made.start("ha-ingestor", 1, command=["sleep", "infinity"])  # as restore-pod.yaml
        write = ["docker", "exec", "--interactive", beside, "sh", "-c", "cat >/data/backup.tar.gz"]
        subprocess.run(write, input=archive, check=True, timeout=120)
        made.docker("exec", beside, "ha-ingestor", "restore", "--replace", "/data/backup.tar.gz")
        made.docker("rm", "--force", beside)
        last = made.start("ha-ingestor", 2)
        made.wait_until_ready("ha-ingestor", 2)
        assert made.ask(f"http://{last}:8003/api/v1/stats", token)[0] == 200
    finally:
        made.remove()


@pytest.mark.parametrize("workload", ["health-dashboard", "influxdb"])
def test_the_hook_before_the_stop_ends_a_pod_in_an_orderly_way(workload: str, pods: Pods) -> None:
    hook = container_of(workloads("influxdb")[workload])["lifecycle"]["preStop"]["exec"]["command"]
    name = f"{pods.name}-{workload}-0"
    subprocess.run(["docker", "exec", name, *hook], capture_output=True, timeout=120)
    assert pods.docker("wait", name) == "0"
    assert pods.state(name)["OOMKilled"] is False


@pytest.mark.parametrize("workload", ["admin-api", "websocket-ingestion", "enrichment-pipeline"])
def test_a_service_ends_at_sigterm_within_its_time(workload: str, pods: Pods) -> None:
    name = f"{pods.name}-{workload}-0"
    limit_s = workloads("influxdb")[workload]["spec"]["template"]["spec"]["terminationGracePeriodSeconds"]
    pods.docker("stop", "--time", str(limit_s), name)
    assert pods.state(name)["ExitCode"] == 0
