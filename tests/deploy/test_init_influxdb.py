"""infrastructure/compose/init_influxdb.py: one run prepares InfluxDB, the next changes nothing.

Run with a small InfluxDB of our own, and with the real one that TEST_INFLUXD names (the path of an `influxd` 2.7).
"""

from __future__ import annotations

import json
import os
import shutil
import stat
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.deploy.containers import INIT, environment_of, init_module
from tests.deploy.influxdb import FakeInfluxDB, ask, run_influxd, serve
from tests.ports import free_port

EVENTS, ROLLUPS = "home_assistant_events", "home_assistant_events_rollups"
TOKENS = {f"{token.service}/{token.name}": token for token in init_module().tokens(EVENTS, ROLLUPS)}
INFLUXD = os.environ.get("TEST_INFLUXD")

needs_influxd = pytest.mark.skipif(INFLUXD is None, reason="TEST_INFLUXD names no influxd")


@dataclass(frozen=True)
class Preparation:
    """The script, run as compose runs it, against a server."""

    url: str
    folder: Path

    def run(self, **changed: str) -> subprocess.CompletedProcess[str]:
        """Run it once, with these variables changed."""
        environment = environment_of("influxdb-init") | {"INFLUXDB_URL": self.url, "TOKENS_DIR": str(self.folder)}
        return subprocess.run(
            [sys.executable, "-I", INIT], env=environment | changed, capture_output=True, text=True, timeout=180
        )

    def succeed(self, **changed: str) -> list[str]:
        """Run it once; the lines that it says."""
        ran = self.run(**changed)
        assert ran.returncode == 0, ran.stderr
        return ran.stdout.splitlines()

    def token(self, name: str) -> str:
        """The token in a file."""
        return (self.folder / name).read_text(encoding="ascii").strip()

    def tokens(self) -> dict[str, str]:
        """Every token that was written, by the name of its file."""
        return {name: self.token(name) for name in TOKENS}

    def admin(self, path: str) -> object:
        """What the server answers its administrator."""
        status, text = ask(self.url, "GET", path, environment_of("influxdb-init")["INFLUXDB_ADMIN_TOKEN"])
        assert status == 200, text
        return json.loads(text)

    def retention_s(self) -> dict[str, int]:
        """Seconds that each bucket keeps its points."""
        answer = self.admin("/api/v2/buckets?org=ha-ingestor")
        assert isinstance(answer, dict)
        return {
            bucket["name"]: sum(rule["everySeconds"] for rule in bucket["retentionRules"])
            for bucket in answer["buckets"]
            if not bucket["name"].startswith("_")
        }

    def descriptions(self) -> list[str]:
        """What the tokens of the services are called in InfluxDB."""
        answer = self.admin("/api/v2/authorizations")
        assert isinstance(answer, dict)
        called = [each.get("description") or "" for each in answer["authorizations"]]
        return sorted(each.removeprefix("ha-ingestor: ") for each in called if each.startswith("ha-ingestor: "))


@pytest.fixture
def fake() -> FakeInfluxDB:
    return FakeInfluxDB()


@pytest.fixture(params=["fake", pytest.param("real", marks=needs_influxd)])
def preparation(request: pytest.FixtureRequest, fake: FakeInfluxDB, tmp_path: Path) -> Iterator[Preparation]:
    """Of our own InfluxDB, and of the real one."""
    tokens = tmp_path / "tokens"
    if request.param == "fake":
        with serve(fake) as url:
            yield Preparation(url, tokens)
    else:
        with run_influxd(str(INFLUXD), tmp_path) as url:
            yield Preparation(url, tokens)


@pytest.fixture
def faked(fake: FakeInfluxDB, tmp_path: Path) -> Iterator[Preparation]:
    """Of our own InfluxDB alone."""
    with serve(fake) as url:
        yield Preparation(url, tmp_path / "tokens")


@pytest.fixture
def real(tmp_path: Path) -> Iterator[Preparation]:
    """Of the real InfluxDB alone."""
    with run_influxd(str(INFLUXD), tmp_path) as url:
        yield Preparation(url, tmp_path / "tokens")


def test_it_makes_the_buckets_and_the_tokens(preparation: Preparation) -> None:
    preparation.succeed()
    assert preparation.retention_s() == {EVENTS: 0, ROLLUPS: 0}
    assert preparation.descriptions() == sorted(TOKENS)
    assert len(set(preparation.tokens().values())) == len(TOKENS)


def test_the_tokens_are_for_their_owner_alone_but_for_grafanas(preparation: Preparation) -> None:
    preparation.succeed()
    files = [path for path in preparation.folder.rglob("*") if path.is_file()]
    assert {str(path.relative_to(preparation.folder)) for path in files} == TOKENS.keys()
    modes = {path.parent.name: stat.S_IMODE(path.stat().st_mode) for path in files}
    assert modes.pop("grafana") == 0o444  # another user's, whose container alone mounts its folder
    assert set(modes.values()) == {0o400}


def test_prometheus_finds_the_token_of_the_metrics_in_a_file(faked: Preparation) -> None:
    assert "wrote METRICS_TOKEN for Prometheus" in faked.succeed(METRICS_TOKEN="5" * 64)
    assert faked.succeed(METRICS_TOKEN="5" * 64) == ["InfluxDB is prepared: nothing to change"]
    assert faked.succeed(METRICS_TOKEN="6" * 64) == ["wrote METRICS_TOKEN for Prometheus"]
    file = faked.folder / "prometheus" / "metrics-token"
    assert (file.read_text(encoding="ascii"), stat.S_IMODE(file.stat().st_mode)) == ("6" * 64 + "\n", 0o444)


def test_no_secret_is_shown(preparation: Preparation) -> None:
    said = "\n".join(preparation.succeed() + preparation.succeed())
    told = environment_of("influxdb-init")
    secrets = [*preparation.tokens().values(), told["INFLUXDB_ADMIN_TOKEN"], told["INFLUXDB_ADMIN_PASSWORD"]]
    assert [secret for secret in secrets if secret in said] == []


def test_a_second_run_changes_nothing(preparation: Preparation, fake: FakeInfluxDB) -> None:
    preparation.succeed()
    before = preparation.tokens(), preparation.admin("/api/v2/authorizations"), preparation.admin("/api/v2/buckets")
    fake.changes.clear()
    assert preparation.succeed() == ["InfluxDB is prepared: nothing to change"]
    assert fake.changes == []
    assert before == (
        preparation.tokens(),
        preparation.admin("/api/v2/authorizations"),
        preparation.admin("/api/v2/buckets"),
    )


def test_another_retention_is_taken_on(preparation: Preparation) -> None:
    preparation.succeed()
    assert preparation.succeed(INFLUXDB_RETENTION_DAYS="30") == [f"changed the bucket {EVENTS}: retention 30 days"]
    assert preparation.retention_s() == {EVENTS: 30 * 24 * 60 * 60, ROLLUPS: 0}
    assert preparation.succeed(INFLUXDB_RETENTION_DAYS="0") == [f"changed the bucket {EVENTS}: unlimited retention"]
    assert preparation.retention_s() == {EVENTS: 0, ROLLUPS: 0}


@pytest.mark.parametrize("damage", ["gone", "empty", "foreign"])
def test_a_token_that_is_no_good_is_replaced_and_its_right_taken_back(damage: str, preparation: Preparation) -> None:
    preparation.succeed()
    before = preparation.tokens()
    file = preparation.folder / "admin-api" / "token"
    file.unlink()
    if damage != "gone":
        file.write_text("" if damage == "empty" else "of-another-server\n", encoding="ascii")
    assert preparation.succeed() == ["created the token admin-api/token, replacing an earlier one"]
    after = preparation.tokens()
    assert {name for name in TOKENS if before[name] != after[name]} == {"admin-api/token"}
    assert preparation.descriptions() == sorted(TOKENS)
    assert ask(preparation.url, "GET", "/api/v2/buckets", before["admin-api/token"])[0] == 401
    assert ask(preparation.url, "GET", "/api/v2/buckets", after["admin-api/token"])[0] == 200


def test_another_administrators_influxdb_is_left_alone(preparation: Preparation) -> None:
    preparation.succeed()
    before = preparation.admin("/api/v2/authorizations")
    ran = preparation.run(INFLUXDB_ADMIN_TOKEN="4" * 64)
    assert ran.returncode == 1
    assert "set up with another INFLUXDB_ADMIN_TOKEN" in ran.stderr
    assert preparation.admin("/api/v2/authorizations") == before


def test_another_organisations_influxdb_is_left_alone(preparation: Preparation) -> None:
    preparation.succeed()
    ran = preparation.run(INFLUXDB_ORG="elsewhere")
    assert ran.returncode == 1
    assert "it has no organisation elsewhere" in ran.stderr


# --- what our own server can do at will


def test_a_server_that_hides_its_tokens_is_prepared_once(faked: Preparation, fake: FakeInfluxDB) -> None:
    fake.shows_tokens = False
    faked.succeed()
    assert faked.succeed() == ["InfluxDB is prepared: nothing to change"]


@pytest.mark.parametrize(
    "refused",
    ["POST /api/v2/setup", "POST /api/v2/buckets", "GET /api/v2/authorizations", "POST /api/v2/authorizations"],
)
def test_an_interrupted_run_is_mended_by_the_next(refused: str, faked: Preparation, fake: FakeInfluxDB) -> None:
    fake.refuses = refused
    ran = faked.run()
    assert ran.returncode == 1
    assert ran.stderr == f"InfluxDB is not prepared: InfluxDB refused {refused}: 500 out of order\n"
    fake.refuses = None
    faked.succeed()
    assert faked.retention_s() == {EVENTS: 0, ROLLUPS: 0}
    assert faked.descriptions() == sorted(TOKENS)


def test_a_token_whose_file_could_not_be_written_is_not_left_over(faked: Preparation) -> None:
    faked.folder.mkdir()
    (faked.folder / "admin-api").write_text("in the way", encoding="ascii")
    ran = faked.run()
    assert ran.returncode == 1
    assert "the token cannot be written" in ran.stderr
    (faked.folder / "admin-api").unlink()
    faked.succeed()
    assert faked.descriptions() == sorted(TOKENS)
    assert faked.succeed() == ["InfluxDB is prepared: nothing to change"]


def test_two_tokens_for_one_duty_become_one(faked: Preparation, fake: FakeInfluxDB) -> None:
    faked.succeed()
    twin = next(iter(fake.authorizations.values())) | {"id": "f" * 16, "token": "twin"}
    fake.authorizations["f" * 16] = twin
    faked.succeed()
    assert faked.descriptions() == sorted(TOKENS)
    assert faked.succeed() == ["InfluxDB is prepared: nothing to change"]


@pytest.mark.parametrize("change", [{"status": "inactive"}, {"permissions": []}])
def test_a_token_with_other_rights_is_replaced(
    change: dict[str, object], faked: Preparation, fake: FakeInfluxDB
) -> None:
    faked.succeed()
    next(iter(fake.authorizations.values())).update(change)
    assert faked.succeed() == ["created the token enrichment-pipeline/token, replacing an earlier one"]


def test_tokens_of_others_are_left_alone(faked: Preparation, fake: FakeInfluxDB) -> None:
    foreign = {"id": "f" * 16, "description": "grafana", "token": "theirs", "status": "active", "permissions": []}
    fake.authorizations["f" * 16] = foreign
    faked.succeed()
    shutil.rmtree(faked.folder)
    faked.succeed()
    assert fake.authorizations["f" * 16] == foreign


def test_everything_that_is_not_set_is_named_at_once(faked: Preparation) -> None:
    ran = faked.run(INFLUXDB_ADMIN_TOKEN="", INFLUXDB_ORG="", INFLUXDB_RETENTION_DAYS="ninety")
    assert ran.returncode == 1
    assert "INFLUXDB_ADMIN_TOKEN is not set; INFLUXDB_ORG is not set; INFLUXDB_RETENTION_DAYS must be" in ran.stderr


def test_a_server_that_is_not_there_is_waited_for_and_then_named() -> None:
    module = init_module()
    url = f"http://127.0.0.1:{free_port()}"
    with pytest.raises(module.ProblemError, match=f"InfluxDB at {url} is not ready"):
        module.Server(url, "token").wait(limit_s=0)


# --- what the tokens may, asked of the real server


@needs_influxd
def test_each_token_may_read_and_write_what_it_must_and_nothing_more(real: Preparation) -> None:
    real.succeed()
    assert {name: _rights(real, name) for name in TOKENS} == {
        name: {f"read {bucket}" for bucket in token.reads} | {f"write {bucket}" for bucket in token.writes}
        for name, token in TOKENS.items()
    }


@needs_influxd
def test_no_token_of_a_service_can_administer(real: Preparation) -> None:
    real.succeed()
    org = real.admin("/api/v2/orgs?org=ha-ingestor")
    assert isinstance(org, dict)
    bucket = json.dumps({"orgID": org["orgs"][0]["id"], "name": "another", "retentionRules": []})
    for name in TOKENS:
        token = real.token(name)
        assert json.loads(ask(real.url, "GET", "/api/v2/authorizations", token)[1])["authorizations"] == []
        assert json.loads(ask(real.url, "GET", "/api/v2/users", token)[1]).get("users", []) == []
        assert ask(real.url, "POST", "/api/v2/buckets", token, bucket)[0] in (401, 403)
    assert real.retention_s().keys() == {EVENTS, ROLLUPS}


@needs_influxd
def test_a_query_cannot_write_with_the_admin_apis_token(real: Preparation) -> None:
    real.succeed()
    assert ask(real.url, "POST", _write_path(EVENTS), real.token("enrichment-pipeline/token"), "m,t=a f=1")[0] == 204
    flux = f'from(bucket: "{EVENTS}") |> range(start: -1h) |> to(bucket: "{ROLLUPS}")'
    status, text = _query(real, real.token("admin-api/token"), flux)
    assert (status, "not authorized to write" in text) == (403, True), text
    count = f'from(bucket: "{ROLLUPS}") |> range(start: 0) |> count()'
    assert _query(real, real.token("admin-api/token"), count) == (200, "\r\n")


@needs_influxd
def test_a_query_cannot_call_another_address(real: Preparation) -> None:
    real.succeed()
    flux = f"""
        import "array"
        import "experimental/http"
        answer = http.get(url: "{real.url}/health")
        array.from(rows: [{{status: answer.statusCode}}])
    """
    status, text = _query(real, real.token("admin-api/token"), flux)
    assert (status, "no such host" in text) == (400, True), text


def _rights(real: Preparation, name: str) -> set[str]:
    token = real.token(name)
    rights = set()
    for bucket in (EVENTS, ROLLUPS, "_monitoring"):
        if _query(real, token, f'from(bucket: "{bucket}") |> range(start: -1h) |> limit(n: 1)')[0] == 200:
            rights.add(f"read {bucket}")
        if ask(real.url, "POST", _write_path(bucket), token, "m f=1")[0] == 204:
            rights.add(f"write {bucket}")
    return rights


def _write_path(bucket: str) -> str:
    return f"/api/v2/write?org=ha-ingestor&bucket={bucket}"


def _query(real: Preparation, token: str, flux: str) -> tuple[int, str]:
    kind = {"Content-Type": "application/vnd.flux"}
    return ask(real.url, "POST", "/api/v2/query?org=ha-ingestor", token, flux, **kind)
