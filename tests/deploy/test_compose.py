"""The containers of infrastructure/compose: pinned, confined, and told what the services in them understand."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from urllib.parse import urlsplit

import pytest
import yaml
from ha_ingestor.settings_reference import SERVICES, current_settings
from ha_ingestor_core.errors import InvalidSettingsError
from ha_ingestor_core.secret_files import SUFFIX, secret_fields
from ha_ingestor_core.settings import load_settings, settings_groups

from tests.deploy.containers import (
    CONTAINERS,
    FILE,
    FILLED_IN,
    INIT,
    PROJECT,
    ROOT,
    environment_of,
    init_module,
    interpolated,
)

ONE_SHOTS = {"influxdb-init"}
LASTING = sorted(CONTAINERS.keys() - ONE_SHOTS)
TOKENS = init_module().tokens("home_assistant_events", "home_assistant_events_rollups")

OF_INFLUXDB = {"INFLUXD_REPORTING_DISABLED", "INFLUXD_HARDENING_ENABLED", "INFLUXD_PPROF_DISABLED"}
# Fixed names that the settings have as soon as the store speaks to InfluxDB.
OF_THE_STORE = {"INFLUXDB_URL", "INFLUXDB_ORG", "INFLUXDB_BUCKET", "INFLUXDB_TOKEN", "INFLUXDB_WRITE_TOKEN"}


def read_from_files() -> set[str]:
    """The variables that name the files of secrets."""
    groups = [group for settings in SERVICES.values() for group in settings_groups(settings).values()]
    return {f"{field.validation_alias}{SUFFIX}" for group in groups for _, field in secret_fields(group)}


# --- what runs


def test_every_image_is_pinned_or_built_here() -> None:
    built = {each["image"] for each in CONTAINERS.values() if "build" in each}
    foreign = {each["image"] for each in CONTAINERS.values()} - built
    assert [image for image in foreign if not re.fullmatch(r"[a-z-]+:\d+\.\d+\.\d+", image)] == []


def test_an_image_that_is_built_here_is_never_pulled() -> None:
    assert {each["pull_policy"] for each in CONTAINERS.values() if each["image"].endswith(":local")} == {"never"}


def test_every_role_has_its_container() -> None:
    roles = {name: each["command"] for name, each in CONTAINERS.items() if each.get("command")}
    assert roles == {name: ["run", name] for name in SERVICES}


@pytest.mark.parametrize("name", LASTING)
def test_every_lasting_container_is_checked_and_restarted(name: str) -> None:
    container = CONTAINERS[name]
    assert container["restart"] == "unless-stopped"
    assert container["healthcheck"]["test"][0] == "CMD"
    assert {"interval", "timeout", "retries", "start_period"} <= container["healthcheck"].keys()


def test_what_runs_once_is_not_started_again() -> None:
    assert {CONTAINERS[name]["restart"] for name in ONE_SHOTS} == {"no"}


def test_nothing_starts_before_what_it_needs() -> None:
    assert {name: each.get("depends_on", {}) for name, each in CONTAINERS.items()} == {
        "influxdb": {},
        "influxdb-init": {"influxdb": {"condition": "service_healthy"}},
        "enrichment-pipeline": {"influxdb-init": {"condition": "service_completed_successfully"}},
        "websocket-ingestion": {
            "influxdb-init": {"condition": "service_completed_successfully"},
            "enrichment-pipeline": {"condition": "service_started"},
        },
        "admin-api": {"influxdb-init": {"condition": "service_completed_successfully"}},
        "health-dashboard": {"admin-api": {"condition": "service_healthy"}},
    }


# --- what it may


@pytest.mark.parametrize("name", sorted(CONTAINERS))
def test_every_container_is_confined(name: str) -> None:
    container = CONTAINERS[name]
    assert container["read_only"] is True
    assert container["cap_drop"] == ["ALL"]
    assert container["security_opt"] == ["no-new-privileges:true"]
    assert re.fullmatch(r"[1-9]\d*:[1-9]\d*", container["user"])
    assert "/tmp" in container["tmpfs"]
    assert not {"privileged", "network_mode", "cap_add", "pid", "env_file"} & container.keys()


def test_nothing_but_the_dashboard_is_published_and_that_on_this_machine_unless_told_otherwise() -> None:
    published = {name: each["ports"] for name, each in CONTAINERS.items() if "ports" in each}
    assert list(published) == ["health-dashboard"]
    assert [interpolated(port, {}) for port in published["health-dashboard"]] == ["127.0.0.1:3000:3000"]


def test_influxdb_is_in_a_network_that_leads_nowhere() -> None:
    assert CONTAINERS["influxdb"]["networks"] == ["inside"]
    assert PROJECT["networks"]["inside"] == {"internal": True}


def test_the_dashboard_reaches_the_admin_api_and_nothing_else_of_the_system() -> None:
    networks = set(CONTAINERS["health-dashboard"]["networks"])
    assert [name for name, each in CONTAINERS.items() if networks & set(each["networks"])] == [
        "admin-api",
        "health-dashboard",
    ]


def test_every_volume_and_network_is_declared_and_used() -> None:
    volumes = {volume.split(":")[0] for each in CONTAINERS.values() for volume in each.get("volumes", [])}
    networks = {network for each in CONTAINERS.values() for network in each["networks"]}
    assert volumes == PROJECT["volumes"].keys()
    assert networks == PROJECT["networks"].keys()


def test_data_is_kept_by_one_container_alone() -> None:
    data = [v for each in CONTAINERS.values() for v in each.get("volumes", []) if v.split(":")[0].endswith("-data")]
    assert sorted(data) == [
        "admin-api-data:/data",
        "enrichment-pipeline-data:/data",
        "influxdb-data:/var/lib/influxdb2",
        "websocket-ingestion-data:/data",
    ]


# --- tokens and secrets


@pytest.mark.parametrize("name", sorted(SERVICES))
def test_a_services_tokens_are_mounted_by_itself_and_by_what_makes_them(name: str) -> None:
    volume = f"{name}-tokens"
    mounts = {each: [v for v in CONTAINERS[each].get("volumes", []) if v.startswith(volume)] for each in CONTAINERS}
    assert {each: found for each, found in mounts.items() if found} == {
        "influxdb-init": [f"{volume}:/tokens/{name}"],
        name: [f"{volume}:/tokens/{name}:ro"],
    }


@pytest.mark.parametrize("name", sorted(SERVICES))
def test_a_service_reads_just_the_tokens_that_are_made_for_it(name: str) -> None:
    environment = environment_of(name)
    files = {value for variable, value in environment.items() if variable.startswith("INFLUXDB_") and "/" in value}
    made = {f"/tokens/{token.service}/{token.name}" for token in TOKENS if token.service == name}
    assert files - {environment["INFLUXDB_URL"]} == made


def test_no_secret_is_written_down_or_has_a_default() -> None:
    secrets = {
        (variable, str(value))
        for each in CONTAINERS.values()
        for variable, value in each.get("environment", {}).items()
        if re.search(r"(TOKEN|PASSWORD|SECRET|KEY)$", variable)
    }
    later = ("METRICS_TOKEN", "${METRICS_TOKEN:-}")  # a .env of before has none, and needs none
    assert later in secrets
    secrets.discard(later)
    assert {variable for variable, _ in secrets} == FILLED_IN.keys() - {"HA_URL"}
    assert [variable for variable, value in secrets if not value.startswith(f"${{{variable}:?")] == []


def test_the_administrators_secrets_are_told_to_the_initialisation_alone() -> None:
    told = [name for name in CONTAINERS if any("ADMIN_TOKEN" in v or "PASSWORD" in v for v in environment_of(name))]
    assert told == ["influxdb-init"]


def test_home_assistants_token_is_told_to_the_capture_alone() -> None:
    assert [name for name in CONTAINERS if "HA_TOKEN" in environment_of(name)] == ["websocket-ingestion"]


# --- settings


@pytest.mark.parametrize("name", sorted(SERVICES))
def test_every_variable_of_a_service_is_known_to_it(name: str) -> None:
    known = {variable for variable, _ in current_settings()} | OF_THE_STORE | read_from_files()
    assert environment_of(name).keys() - known == set()


def test_every_variable_of_influxdb_is_known_to_it() -> None:
    assert environment_of("influxdb").keys() == OF_INFLUXDB


def test_every_variable_of_the_initialisation_is_known_to_it() -> None:
    read = set(re.findall(r'"([A-Z_]+)"', INIT.read_text(encoding="utf-8")))
    assert environment_of("influxdb-init").keys() - read == set()


@pytest.mark.parametrize("name", sorted(SERVICES))
def test_the_settings_of_a_service_are_fine(name: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "secret").write_text("a-secret\n", encoding="utf-8")
    for variable, value in environment_of(name).items():
        monkeypatch.setenv(variable, str(tmp_path / "secret") if variable.endswith(SUFFIX) else value)
    try:
        load_settings(SERVICES[name])
    except InvalidSettingsError as err:
        wrong = {problem.variable for problem in err.detail["problems"]}
    else:
        wrong = set()
    assert wrong - OF_THE_STORE == set()


@pytest.mark.parametrize("name", sorted(SERVICES))
def test_a_service_listens_to_the_others_on_its_usual_port(name: str) -> None:
    environment = environment_of(name)
    prefix = name.upper().replace("-", "_")
    assert environment[f"{prefix}_HOST"] == "0.0.0.0"
    assert f"{prefix}_PORT" not in environment
    assert f":{dict(current_settings())[f'{prefix}_PORT']}/" in CONTAINERS[name]["healthcheck"]["test"][-1]


def test_every_address_is_that_of_a_container_on_a_network_in_common() -> None:
    ports = {name: str(value) for name, value in current_settings()}
    usual = {each: ports[f"{each.upper().replace('-', '_')}_PORT"] for each in SERVICES} | {"influxdb": "8086"}
    for name in CONTAINERS:
        for variable, value in environment_of(name).items():
            if variable.endswith("_URL") and variable != "HA_URL":
                address = urlsplit(value)
                assert str(address.port) == usual[str(address.hostname)]
                assert set(CONTAINERS[name]["networks"]) & set(CONTAINERS[str(address.hostname)]["networks"])


# --- the manual


def test_the_manual_names_what_is_there() -> None:
    text = (ROOT / "docs" / "compose.md").read_text(encoding="utf-8")
    assert set(re.findall(r"ha-ingestor_([a-z-]+)", text)) <= PROJECT["volumes"].keys()
    assert set(re.findall(r"influxdb:\d[\w.-]*", text)) == {CONTAINERS["influxdb"]["image"]}
    assert set(re.findall(r"^\| `([a-z-]+)` \|", text, re.MULTILINE)) == CONTAINERS.keys()


def test_the_manuals_override_is_of_services_and_settings_that_there_are() -> None:
    text = (ROOT / "docs" / "compose.md").read_text(encoding="utf-8")
    override = yaml.safe_load(text.partition("```yaml\n")[2].partition("```")[0])["services"]
    known = {variable for variable, _ in current_settings()}
    assert override.keys() <= SERVICES.keys()
    assert {name for service in override.values() for name in service["environment"]} <= known


def test_the_manual_tells_the_rights_of_every_token() -> None:
    text = (ROOT / "docs" / "compose.md").read_text(encoding="utf-8")
    for token in TOKENS:
        told = re.search(rf"^\| `{token.service}/{token.name}` \|(.*)\|(.*)\|$", text, re.MULTILINE)
        assert told
        for cell, buckets in zip(told.groups(), (token.reads, token.writes), strict=True):
            short = ["rollups" if bucket.endswith("_rollups") else "events" for bucket in buckets]
            assert cell.split("(")[0].strip() == ", ".join(short)


# --- the health checks, run


@pytest.fixture
def answering() -> Iterator[tuple[int, dict[str, int]]]:
    """(port, what to answer by path) of a server."""
    answers: dict[str, int] = {}

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(answers.get(self.path, HTTPStatus.NOT_FOUND))
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, daemon=True).start()
    yield server.server_port, answers
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize("name", sorted(SERVICES))
@pytest.mark.parametrize(("status", "exit_code"), [(HTTPStatus.OK, 0), (HTTPStatus.SERVICE_UNAVAILABLE, 1)])
def test_a_services_health_check_tells_health(
    name: str, status: int, exit_code: int, answering: tuple[int, dict[str, int]]
) -> None:
    port, answers = answering
    program, flag, code = CONTAINERS[name]["healthcheck"]["test"][1:]
    assert (program, flag) == ("python", "-c")
    answers |= {"/health": status} if name != "admin-api" else {"/api/v1/health/live": status}
    code, replaced = re.subn(r"127\.0\.0\.1:\d+", f"127.0.0.1:{port}", code)
    assert replaced == 1
    proxied = {"http_proxy": "http://127.0.0.1:9"}  # as a machine's own Docker settings may say to every container
    ran = subprocess.run([sys.executable, "-c", code], env=proxied, capture_output=True, timeout=30)
    assert ran.returncode == exit_code, ran.stderr.decode()


# --- compose itself


def has_compose() -> bool:
    """Whether Docker's compose plugin is here."""
    docker = shutil.which("docker")
    return docker is not None and subprocess.run([docker, "compose", "version"], capture_output=True).returncode == 0


needs_compose = pytest.mark.skipif(not has_compose(), reason="the plugin `docker compose` is not installed")


def compose_config(*environment: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """`docker compose config`, with an .env of these lines."""
    env_file = folder / "env"
    env_file.write_text("".join(f"{line}\n" for line in environment), encoding="utf-8")
    command = ["docker", "compose", "--env-file", str(env_file), "--file", str(FILE), "config", "--format", "json"]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, cwd=folder)


@needs_compose
def test_compose_takes_the_file(tmp_path: Path) -> None:
    ran = compose_config(*(f"{name}={value}" for name, value in FILLED_IN.items()), folder=tmp_path)
    assert (ran.returncode, ran.stderr) == (0, "")


@needs_compose
@pytest.mark.parametrize("missing", sorted(FILLED_IN))
def test_compose_says_which_variable_is_missing(missing: str, tmp_path: Path) -> None:
    ran = compose_config(*(f"{n}={v}" for n, v in FILLED_IN.items() if n != missing), folder=tmp_path)
    assert ran.returncode != 0
    assert f"required variable {missing} is missing" in ran.stderr
