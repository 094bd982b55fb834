"""The Job influxdb-init of infrastructure/kubernetes: it writes tokens to the Secret, and keeps valid ones."""

from __future__ import annotations

import base64
import json
import ssl
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from tests.certificates import make_certificates
from tests.deploy.containers import FILLED_IN, INIT, init_module
from tests.deploy.influxdb import FakeInfluxDB, serve
from tests.deploy.kubernetes import OVERLAYS

SCRIPT = OVERLAYS / "influxdb" / "publish_tokens.py"
SECRET = "/api/v1/namespaces/ha-ingestor/secrets/influxdb-tokens"
KEYS = sorted(f"{token.service}.{token.name}" for token in init_module().tokens("events", "rollups"))


@dataclass
class FakeKubernetes:
    """The Secret, changed by merge patches of one account."""

    data: dict[str, str] = field(default_factory=dict)
    status: int = 200

    def patch(self, path: str, account: str, kind: str, body: bytes) -> int:
        """Apply a request, which changed the Secret if the status is 200; return the status."""
        if (path, account, kind) != (SECRET, "Bearer the-account", "application/merge-patch+json"):
            return 403
        if self.status == 200:
            assert self.data is not None
            self.data |= json.loads(body)["data"]
        return self.status


@dataclass(frozen=True)
class Cluster:
    """The surroundings of the Job: the Secret, InfluxDB and the folders."""

    kubernetes: FakeKubernetes
    influxdb: FakeInfluxDB
    folder: Path
    environment: dict[str, str]

    def run(self) -> subprocess.CompletedProcess[str]:
        """Run the Job in a new pod: the Secret is mounted, without a token at first."""
        pod = self.folder / f"pod-{len(list(self.folder.glob('pod-*')))}"
        for name in ("secret", "tokens"):
            (pod / name).mkdir(parents=True)
        for key, value in self.kubernetes.data.items():
            (pod / "secret" / key).write_bytes(base64.b64decode(value))
        told = self.environment | {"SECRET_DIR": str(pod / "secret"), "TOKENS_DIR": str(pod / "tokens")}
        return subprocess.run(
            [sys.executable, "-c", self.program], env=told, capture_output=True, text=True, timeout=60
        )

    @property
    def program(self) -> str:
        """The script, with the folder in which Kubernetes mounts the account."""
        text = SCRIPT.read_text(encoding="utf-8")
        assert text.count("/var/run/secrets/kubernetes.io/serviceaccount") == 1
        return text.replace("/var/run/secrets/kubernetes.io/serviceaccount", str(self.folder / "account"))

    def tokens(self) -> dict[str, str]:
        """Return the tokens in the Secret."""
        return {key: base64.b64decode(value).decode() for key, value in self.kubernetes.data.items()}


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_certificates(tmp_path_factory.mktemp("certificates"))


@pytest.fixture
def cluster(certificates: Path, tmp_path: Path) -> Iterator[Cluster]:
    kubernetes, influxdb = FakeKubernetes(), FakeInfluxDB()

    class Handler(BaseHTTPRequestHandler):
        def do_PATCH(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            status = kubernetes.patch(self.path, self.headers["Authorization"], self.headers["Content-Type"], body)
            self.send_response(status)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificates / "server.pem", certificates / "server.key")
    server.socket = context.wrap_socket(server.socket, server_side=True)
    Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    account = tmp_path / "account"
    account.mkdir()
    (account / "namespace").write_text("ha-ingestor")
    (account / "token").write_text("the-account\n")
    (account / "ca.crt").write_bytes((certificates / "ca.pem").read_bytes())
    with serve(influxdb) as url:
        environment = {
            **{name: FILLED_IN[name] for name in ("INFLUXDB_ADMIN_TOKEN", "INFLUXDB_ADMIN_PASSWORD")},
            "INFLUXDB_URL": url,
            "INFLUXDB_ORG": "ha-ingestor",
            "INFLUXDB_BUCKET": "home_assistant_events",
            "SECRET_NAME": "influxdb-tokens",
            "KUBERNETES_SERVICE_HOST": "127.0.0.1",
            "KUBERNETES_SERVICE_PORT": str(server.server_port),
            "PYTHONPATH": str(INIT.parent),
        }
        yield Cluster(kubernetes, influxdb, tmp_path, environment)
    server.shutdown()
    server.server_close()


def known(influxdb: FakeInfluxDB) -> set[str]:
    """Return the tokens that InfluxDB accepts."""
    return {each["token"] for each in influxdb.authorizations.values()}


def test_every_token_is_in_the_secret_and_known_to_influxdb(cluster: Cluster) -> None:
    ran = cluster.run()
    assert ran.returncode == 0, ran.stderr
    assert sorted(cluster.tokens()) == KEYS
    assert set(cluster.tokens().values()) <= known(cluster.influxdb)
    assert not any(token in ran.stdout + ran.stderr for token in cluster.tokens().values())


def test_another_run_keeps_the_tokens(cluster: Cluster) -> None:
    cluster.run()
    before, changes = cluster.tokens(), list(cluster.influxdb.changes)
    ran = cluster.run()
    assert ran.returncode == 0, ran.stderr
    assert (cluster.tokens(), cluster.influxdb.changes) == (before, changes)


def test_a_token_that_was_removed_from_the_secret_is_replaced_alone(cluster: Cluster) -> None:
    cluster.run()
    before = cluster.tokens()
    del cluster.kubernetes.data["admin-api.token"]
    cluster.run()
    changed = {key for key, token in cluster.tokens().items() if before[key] != token}
    assert changed == {"admin-api.token"}
    assert before["admin-api.token"] not in known(cluster.influxdb)


@pytest.mark.parametrize("status", [403, 404, 500])
def test_a_secret_that_cannot_be_written_fails_the_job_and_the_next_run_mends_it(cluster: Cluster, status: int) -> None:
    cluster.kubernetes.status = status
    ran = cluster.run()
    assert ran.returncode == 1
    assert f"Kubernetes refused {SECRET}: {status}" in ran.stderr
    assert "Traceback" not in ran.stderr
    cluster.kubernetes.status = 200
    assert cluster.run().returncode == 0
    assert set(cluster.tokens().values()) <= known(cluster.influxdb)


def test_a_server_with_a_strange_certificate_is_told_no_token(cluster: Cluster, tmp_path: Path) -> None:
    other = make_certificates(tmp_path / "other")
    (cluster.folder / "account" / "ca.crt").write_bytes((other / "ca.pem").read_bytes())
    ran = cluster.run()
    assert ran.returncode == 1
    assert "The tokens are not published: Kubernetes does not answer" in ran.stderr
    assert cluster.kubernetes.data == {}
