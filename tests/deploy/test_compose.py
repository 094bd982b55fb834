"""The containers of infrastructure/compose: pinned, confined, and configured with existing settings."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import yaml
from ha_ingestor.settings.reference import SERVICES, current_settings
from ha_ingestor_core.errors import InvalidSettingsError
from ha_ingestor_core.settings.loading import load_settings, settings_groups
from ha_ingestor_core.settings.secret_files import SUFFIX, secret_fields

from tests.deploy.containers import (
    CONTAINERS,
    FILE,
    FILLED_IN,
    IMAGE_DEFAULTS,
    INIT,
    MINIMAL,
    PROJECT,
    ROOT,
    environment_of,
    init_module,
    interpolated,
    kept_files,
)

ONE_SHOTS = {"influxdb-init"}
MONITORING = {"prometheus", "alertmanager", "grafana"}
LASTING = sorted(CONTAINERS.keys() - ONE_SHOTS)
TOKENS = init_module().tokens("home_assistant_events", "home_assistant_events_rollups")

OF_INFLUXDB = {"INFLUXD_REPORTING_DISABLED", "INFLUXD_HARDENING_ENABLED", "INFLUXD_PPROF_DISABLED"}
# Settings that are set by the image, or have no meaning or no other value in these containers.
GIVEN_BY_THE_FORM = {
    "INFLUXDB_CA_FILE",  # InfluxDB is queried over plain http, in an internal network
    "INFLUXDB_VERIFY_TLS",
    "DASHBOARD_DIR",  # the dashboard is part of the wheel
    "EVENT_RETENTION_DAYS",  # of the embedded store
    "STORE_WRITE_INTERVAL_S",  # of the embedded store
    "HA_INGESTOR_COMMIT",
    "ADMIN_API_TOKENS",  # about loopback, which is that of the container
    "ADMIN_API_LOOPBACK_READ",
    "ADMIN_API_TOKEN",  # commands find the token of the command line in /data
}
# Names that are always set if the store is InfluxDB.
OF_THE_STORE = {"INFLUXDB_URL", "INFLUXDB_ORG", "INFLUXDB_BUCKET", "INFLUXDB_TOKEN", "INFLUXDB_WRITE_TOKEN"}


def image_defaults() -> dict[str, str]:
    """Return the settings that the image sets for every container."""
    lines = IMAGE_DEFAULTS.read_text(encoding="utf-8").splitlines()
    return dict(line.split("=", 1) for line in lines if not line.startswith("#"))


def read_from_files() -> set[str]:
    """Return the variables with the names of secret files."""
    groups = [group for settings in SERVICES.values() for group in settings_groups(settings).values()]
    return {f"{field.validation_alias}{SUFFIX}" for group in groups for _, field in secret_fields(group)}


# --- containers


def test_every_image_is_pinned_or_built_here() -> None:
    built = {each["image"] for each in CONTAINERS.values() if "build" in each}
    assert {interpolated(image, {}) for image in built} == {"ha-ingestor:local", "ha-ingestor-dashboard:local"}
    foreign = {each["image"] for each in CONTAINERS.values()} - built
    assert [image for image in foreign if not re.fullmatch(r"([a-z]+/)?[a-z-]+:v?\d+\.\d+\.\d+", image)] == []


def test_an_image_that_is_built_here_is_never_pulled() -> None:
    assert {each["pull_policy"] for each in CONTAINERS.values() if each["image"].startswith("ha-ingestor")} == {"never"}


def test_an_image_is_tagged_and_knows_its_commit_as_the_deployment_says() -> None:
    deployed = {"HA_INGESTOR_VERSION": "v1.2.3", "HA_INGESTOR_COMMIT": "abc"}
    images = {interpolated(each["image"], deployed) for each in CONTAINERS.values() if each.get("pull_policy")}
    assert images == {"ha-ingestor:v1.2.3", "ha-ingestor-dashboard:v1.2.3"}
    built = CONTAINERS["influxdb-init"]["build"]
    assert interpolated(built["args"]["HA_INGESTOR_COMMIT"], deployed) == "abc"


def test_the_monitoring_is_a_profile_and_nothing_else_is() -> None:
    assert {name for name, each in CONTAINERS.items() if "profiles" in each} == MONITORING
    assert all(CONTAINERS[name]["profiles"] == ["monitoring"] for name in MONITORING)


def test_every_role_has_its_container() -> None:
    roles = {name: each["command"] for name, each in CONTAINERS.items() if "ha-ingestor:" in each["image"]}
    assert roles.pop("influxdb-init") == []
    assert roles == {name: ["run", name] for name in SERVICES}


@pytest.mark.parametrize("name", LASTING)
def test_every_lasting_container_is_checked_and_restarted(name: str) -> None:
    container = CONTAINERS[name]
    assert container["restart"] == "unless-stopped"
    if "pull_policy" in container:  # the image has its own check (test_images)
        assert "healthcheck" not in container
        return
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
        "prometheus": {"influxdb-init": {"condition": "service_completed_successfully"}},
        "alertmanager": {},
        "grafana": {"influxdb-init": {"condition": "service_completed_successfully"}},
    }


# --- permissions


@pytest.mark.parametrize("name", sorted(CONTAINERS))
def test_every_container_is_confined(name: str) -> None:
    container = CONTAINERS[name]
    assert container["read_only"] is True
    assert container["cap_drop"] == ["ALL"]
    assert container["security_opt"] == ["no-new-privileges:true"]
    assert re.fullmatch(r"[1-9]\d*:\d+", container["user"])
    assert "/tmp" in container["tmpfs"]
    assert not {"privileged", "network_mode", "cap_add", "pid"} & container.keys()


@pytest.mark.parametrize("name", sorted(CONTAINERS))
def test_the_memory_the_processes_and_the_log_of_every_container_are_limited(name: str) -> None:
    container = CONTAINERS[name]
    assert re.fullmatch(r"\d+[mg]", interpolated(container["mem_limit"], {}))
    assert container["pids_limit"] > 0
    assert container["logging"] == {"driver": "local", "options": {"max-size": "10m", "max-file": "3"}}


def test_only_pages_are_published_and_these_on_this_machine_unless_set_otherwise() -> None:
    published = {
        name: [interpolated(port, {}) for port in c["ports"]] for name, c in CONTAINERS.items() if "ports" in c
    }
    assert published == {
        "health-dashboard": ["127.0.0.1:3000:3000"],
        "prometheus": ["127.0.0.1:9090:9090"],
        "alertmanager": ["127.0.0.1:9093:9093"],
        "grafana": ["127.0.0.1:3001:3000"],
    }


@pytest.mark.parametrize("name", ["prometheus", "alertmanager"])
def test_what_asks_for_no_password_is_published_on_this_machine_alone(name: str) -> None:
    assert CONTAINERS[name]["ports"][0].startswith("127.0.0.1:")


def test_only_who_needs_it_has_a_way_out() -> None:
    ways_out = {name for name, network in PROJECT["networks"].items() if not network.get("internal")}
    assert {name: set(each["networks"]) & ways_out for name, each in CONTAINERS.items()} == {
        "influxdb": set(),
        "influxdb-init": set(),
        "websocket-ingestion": {"home"},
        "enrichment-pipeline": {"weather"},
        "admin-api": {"front"},  # also for notifications
        "health-dashboard": {"front"},
        "prometheus": {"monitoring"},
        "alertmanager": {"monitoring"},
        "grafana": {"monitoring"},
    }


def test_what_is_scraped_and_shown_can_be_reached() -> None:
    for name in ("prometheus", "grafana"):
        assert "inside" in CONTAINERS[name]["networks"]
    for name in SERVICES:
        assert "inside" in CONTAINERS[name]["networks"]


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
    mounted = {volume.split(":")[0] for each in CONTAINERS.values() for volume in each.get("volumes", [])}
    volumes = {volume for volume in mounted if not volume.startswith(".")}
    networks = {network for each in CONTAINERS.values() for network in each["networks"]}
    assert volumes == PROJECT["volumes"].keys()
    assert networks == PROJECT["networks"].keys()


def test_every_file_of_the_repository_that_is_mounted_is_there() -> None:
    sources = {v.split(":")[0] for each in CONTAINERS.values() for v in each.get("volumes", []) if v.startswith("../")}
    kept = kept_files()
    folder = FILE.parent.relative_to(ROOT)
    for source in sources:
        path = os.path.normpath(folder / source)
        assert any(file == path or file.startswith(f"{path}/") for file in kept), source


def test_data_is_kept_by_one_container_alone() -> None:
    data = [v for each in CONTAINERS.values() for v in each.get("volumes", []) if v.split(":")[0].endswith("-data")]
    assert sorted(data) == [
        "admin-api-data:/data",
        "alertmanager-data:/alertmanager",
        "enrichment-pipeline-data:/data",
        "grafana-data:/var/lib/grafana",
        "influxdb-data:/var/lib/influxdb2",
        "prometheus-data:/prometheus",
        "websocket-ingestion-data:/data",
    ]


# --- tokens and secrets


@pytest.mark.parametrize("name", [*sorted(SERVICES), "grafana"])
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
        str(value)
        for each in CONTAINERS.values()
        for variable, value in each.get("environment", {}).items()
        if re.search(r"(TOKEN|PASSWORD|SECRET|KEY)$", variable) and value is not None
    }
    needed = {name for secret in secrets for name in re.findall(r"^\$\{([A-Z_]+):\?[^}]+\}$", secret)}
    assert (len(needed), needed) == (len(secrets), FILLED_IN.keys() - {"HA_URL", "HA_TOKEN"})


def test_the_administrators_secrets_are_told_to_the_initialisation_alone() -> None:
    told = [name for name in CONTAINERS if any("INFLUXDB_ADMIN" in variable for variable in environment_of(name))]
    assert told == ["influxdb-init"]


def test_home_assistants_tokens_are_told_to_the_capture_alone() -> None:
    assert [name for name in CONTAINERS if "HA_TOKEN" in environment_of(name)] == ["websocket-ingestion"]
    assert [name for name, each in CONTAINERS.items() if "env_file" in each] == ["websocket-ingestion"]


# --- settings


def settings_of(name: str) -> set[str]:
    """Return the variables that a service reads."""
    groups = settings_groups(SERVICES[name]).values()
    return {str(field.validation_alias) for group in groups for field in group.model_fields.values()}


@pytest.mark.parametrize("name", sorted(SERVICES))
def test_every_setting_of_a_service_reaches_it_unless_it_is_given_here(name: str) -> None:
    given = GIVEN_BY_THE_FORM | {f"{service.upper().replace('-', '_')}_PORT" for service in SERVICES}
    environment = CONTAINERS[name]["environment"]
    named = environment.keys() | image_defaults().keys() | {variable.removesuffix(SUFFIX) for variable in environment}
    assert settings_of(name) - named - given - OF_THE_STORE == set()


@pytest.mark.parametrize("name", sorted(SERVICES))
def test_every_variable_of_a_service_is_one_of_its_settings(name: str) -> None:
    environment = CONTAINERS[name]["environment"]
    assert environment.keys() - settings_of(name) - OF_THE_STORE - read_from_files() == set()


@pytest.mark.parametrize("name", sorted(SERVICES))
def test_a_secret_of_the_users_can_be_given_as_a_file(name: str) -> None:
    groups = settings_groups(SERVICES[name]).values()
    secrets = {str(field.validation_alias) for group in groups for _, field in secret_fields(group)}
    users = secrets - OF_THE_STORE - {"INTERNAL_TOKEN", "METRICS_TOKEN", "ADMIN_API_TOKEN"}
    environment = CONTAINERS[name]["environment"]
    assert {variable for variable in users if f"{variable}{SUFFIX}" not in environment} == set()
    assert f"./files/{name}:/files:ro" in CONTAINERS[name]["volumes"]


def test_every_variable_of_influxdb_is_known_to_it() -> None:
    assert environment_of("influxdb").keys() == OF_INFLUXDB


def test_every_variable_of_the_initialisation_is_known_to_it() -> None:
    read = set(re.findall(r'"([A-Z_]+)"', INIT.read_text(encoding="utf-8")))
    assert environment_of("influxdb-init").keys() - read == set()


@pytest.mark.parametrize("name", sorted(SERVICES))
def test_the_settings_of_a_service_are_fine(name: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "secret").write_text("a-secret\n", encoding="utf-8")
    for variable, value in (image_defaults() | environment_of(name)).items():
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
    prefix = name.upper().replace("-", "_")
    assert (image_defaults() | environment_of(name))[f"{prefix}_HOST"] == "0.0.0.0"
    assert f"{prefix}_PORT" not in environment_of(name)


def test_every_address_is_that_of_a_container_on_a_network_in_common() -> None:
    ports = {name: str(value) for name, value in current_settings()}
    usual = {each: ports[f"{each.upper().replace('-', '_')}_PORT"] for each in SERVICES} | {"influxdb": "8086"}
    for name in CONTAINERS:
        for variable, value in environment_of(name).items():
            if variable.endswith("_URL") and variable not in {"HA_URL", "DASHBOARD_URL"}:  # not relevant in containers
                address = urlsplit(value)
                assert str(address.port) == usual[str(address.hostname)]
                assert set(CONTAINERS[name]["networks"]) & set(CONTAINERS[str(address.hostname)]["networks"])


# --- documentation


def test_the_manual_names_what_is_there() -> None:
    text = (ROOT / "docs" / "compose.md").read_text(encoding="utf-8")
    assert set(re.findall(r"ha-ingestor_([a-z-]+)", text)) <= PROJECT["volumes"].keys()
    assert set(re.findall(r"influxdb:\d[\w.-]*", text)) == {CONTAINERS["influxdb"]["image"]}
    assert set(re.findall(r"^\| `([a-z-]+)` \|", text, re.MULTILINE)) == CONTAINERS.keys()


def test_the_files_that_the_manual_names_are_settings_of_their_service() -> None:
    text = (ROOT / "docs" / "compose.md").read_text(encoding="utf-8")
    named = re.findall(r"^cp \S+ files/([a-z-]+)/ +# in \.env: ([A-Z_]+)=/files/", text, re.MULTILINE)
    assert named
    assert [pair for pair in named if pair[1] not in CONTAINERS[pair[0]]["environment"]] == []


def test_the_manual_tells_the_rights_of_every_token() -> None:
    text = (ROOT / "docs" / "compose.md").read_text(encoding="utf-8")
    for token in TOKENS:
        told = re.search(rf"^\| `{token.service}/{token.name}` \|(.*)\|(.*)\|$", text, re.MULTILINE)
        assert told
        for cell, buckets in zip(told.groups(), (token.reads, token.writes), strict=True):
            short = ["rollups" if bucket.endswith("_rollups") else "events" for bucket in buckets]
            assert cell.split("(")[0].strip() == ", ".join(short)


# --- the single container


def test_the_one_container_is_as_confined_as_the_others() -> None:
    (container,) = yaml.safe_load(MINIMAL.read_text(encoding="utf-8"))["services"].values()
    service = CONTAINERS["admin-api"]
    same = ("image", "pull_policy", "read_only", "tmpfs", "user", "cap_drop", "security_opt", "logging", "restart")
    assert {key: container[key] for key in same} == {key: service[key] for key in same}
    assert re.fullmatch(r"\d+[mg]", container["mem_limit"])
    assert [interpolated(port, {}) for port in container["ports"]] == ["127.0.0.1:8003:8003"]


# --- compose itself


def has_compose() -> bool:
    """Return whether Docker's compose plugin is installed."""
    docker = shutil.which("docker")
    return docker is not None and subprocess.run([docker, "compose", "version"], capture_output=True).returncode == 0


needs_compose = pytest.mark.skipif(not has_compose(), reason="the plugin `docker compose` is not installed")


def compose_config(*environment: str, folder: Path, files: Sequence[Path] = ()) -> subprocess.CompletedProcess[str]:
    """Run `docker compose config` with the file and these overlays, and an .env of these lines."""
    env_file = folder / "env"
    env_file.write_text("".join(f"{line}\n" for line in environment), encoding="utf-8")
    named = [argument for file in (FILE, *files) for argument in ("--file", str(file))]
    command = ["docker", "compose", "--env-file", str(env_file), *named, "config", "--format", "json"]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, cwd=folder)


@needs_compose
def test_compose_takes_the_file(tmp_path: Path) -> None:
    ran = compose_config(*(f"{name}={value}" for name, value in FILLED_IN.items()), folder=tmp_path)
    assert (ran.returncode, ran.stderr) == (0, "")


@needs_compose
def test_compose_takes_the_form_of_one_container_without_an_env_file() -> None:
    command = ["docker", "compose", "--env-file", os.devnull, "--file", str(MINIMAL), "config", "--quiet"]
    ran = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert (ran.returncode, ran.stderr) == (0, "")


@needs_compose
@pytest.mark.parametrize("missing", sorted(FILLED_IN.keys() - {"HA_TOKEN"}))
def test_compose_says_which_variable_is_missing(missing: str, tmp_path: Path) -> None:
    ran = compose_config(*(f"{n}={v}" for n, v in FILLED_IN.items() if n != missing), folder=tmp_path)
    assert ran.returncode != 0
    assert f"required variable {missing} is missing" in ran.stderr
