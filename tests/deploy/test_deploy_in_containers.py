"""scripts/deploy.sh and rollback.sh with a real container engine and stub images."""

from __future__ import annotations

import itertools
import json
import os
import signal
import stat
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.deploy.deploy_site import Site, temporary_site, why_no_engine

REASON = why_no_engine()
pytestmark = [pytest.mark.full, pytest.mark.skipif(REASON is not None, reason=f"no containers: {REASON}")]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A site on which the release v1 was deployed once, with further tagged releases."""
    for made in temporary_site(tmp_path_factory.mktemp("site")):
        for tag, behaviour in RELEASES.items():
            made.release(tag, **behaviour)
        deploy(made, "v1")
        yield made


RELEASES: dict[str, dict[str, object]] = {
    "v1": {},
    "v2": {},
    "crashing-admin-api": {"crashes": "admin-api"},
    "unhealthy-capture": {"unhealthy": "websocket-ingestion"},
    "wrong-statistics": {"statistics": "fail"},
    "growing-admin-api": {"grows": "admin-api"},
    "newer-format": {"format": 2},
    "newer-format-and-wrong": {"format": 2, "statistics": "fail"},
}


FIRST_STEP, EVERY_STEP = 2, 3
"""The lines of output at which a script is killed: all of them take 15 minutes."""


def deploy(site: Site, tag: str, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Check out a release and deploy it, as an operator does."""
    site.check_out(version(site, tag))
    ran = site.deploy(*arguments, **environment)
    assert ran.returncode == 0, ran.stdout
    return ran


def version(site: Site, tag: str) -> str:
    """Return the version of a release of this site."""
    return f"{tag}-{site.name}"


def test_a_deploy_leaves_one_container_of_each_service_with_the_new_release(site: Site) -> None:
    deploy(site, "v2")
    assert site.versions() == {version(site, "v2")}


# plan: 7.1-deploy, 7.1-percent
@pytest.mark.parametrize(
    ("arguments", "environment", "told"),
    [
        ((), {"USE_INFLUXDB_STATS": "false"}, ("false", "")),
        ((), {"USE_INFLUXDB_STATS": "true", "INFLUXDB_ROLLOUT_PERCENT": "10"}, ("true", "10")),
        (("--stats-source=50",), {}, ("true", "50")),
        (("--stats-source", "off"), {}, ("false", "")),
        ((), {"USE_INFLUXDB_STATS": "true"}, ("true", "")),
    ],
)
def test_where_statistics_come_from_reaches_the_admin_api_and_stays(
    arguments: tuple[str, ...], environment: dict[str, str], told: tuple[str, str], site: Site
) -> None:
    for is_chosen in (True, False):
        deploy(site, "v2", *(arguments if is_chosen else ()), **(environment if is_chosen else {}))
        given = site.environment_of("admin-api")
        assert (given["USE_INFLUXDB_STATS"], given["INFLUXDB_ROLLOUT_PERCENT"]) == told


def test_a_second_deploy_of_the_same_replaces_nothing(site: Site) -> None:
    deploy(site, "v2")
    before = {service: site.container(service) for service in site.running()}
    deploy(site, "v2")
    assert {service: site.container(service) for service in site.running()} == before


def test_compose_alone_finds_nothing_to_change_after_a_deploy(site: Site) -> None:
    deploy(site, "v2", USE_INFLUXDB_STATS="false")
    before = {service: site.container(service) for service in site.running()}
    clean = {k: v for k, v in os.environ.items() if k not in ("USE_INFLUXDB_STATS", "HA_INGESTOR_VERSION")}
    subprocess.run(["docker", "compose", "up", "--detach"], cwd=site.compose, env=clean, check=True, timeout=120)
    assert {service: site.container(service) for service in site.running()} == before


@pytest.mark.parametrize("broken", ["crashing-admin-api", "unhealthy-capture", "wrong-statistics"])
def test_a_broken_release_goes_back_by_itself(broken: str, site: Site) -> None:
    deploy(site, "v1", USE_INFLUXDB_STATS="true")
    site.check_out(version(site, broken))
    ran = site.deploy(USE_INFLUXDB_STATS="false")
    assert ran.returncode == 1, ran.stdout
    assert site.versions() == {version(site, "v1")}
    assert site.environment_of("admin-api")["USE_INFLUXDB_STATS"] == "true"
    assert site.settings()["HA_INGESTOR_VERSION"] == version(site, "v1")


def test_a_deploy_whose_terminal_is_gone_goes_back_all_the_same(site: Site) -> None:
    deploy(site, "v1")
    site.check_out(version(site, "v2"))
    terminal, end = os.openpty()
    # The first terminal opened by a session leader is its controlling terminal: it gets SIGHUP when that is closed.
    opening = f'exec >"{os.ttyname(end)}" 2>&1 <&1; exec {site.root}/scripts/deploy.sh'
    with site.start_command("bash", "-c", opening) as process:
        said = b""
        while b"Deploying" not in said:
            said += os.read(terminal, 1000)
        os.close(end)
        os.close(terminal)
    assert process.returncode == 1, (site.state / "output").read_text(encoding="utf-8")
    assert site.versions() == {version(site, "v1")}
    assert not (site.state / "next").exists()


def test_a_checkout_with_changes_goes_back_to_what_was_built_before(site: Site) -> None:
    deploy(site, "v2")
    release = site.root / "stand_in" / "release.json"
    committed = release.read_text(encoding="utf-8")
    try:
        for behaviour, code in (({}, 0), ({"statistics": "fail"}, 1)):
            release.write_text(json.dumps({"format": 1, "tag": f"changed {behaviour}", **behaviour}), encoding="utf-8")
            ran = site.deploy()
            assert ran.returncode == code, ran.stdout
    finally:
        release.write_text(committed, encoding="utf-8")
    shown = json.loads(site.read("health-dashboard", "/usr/share/nginx/html/release.json"))
    assert shown["tag"] == "changed {}"


def test_data_that_change_while_they_are_backed_up_do_not_end_a_deploy(site: Site) -> None:
    deploy(site, "growing-admin-api")
    deploy(site, "v1")
    assert site.versions() == {version(site, "v1")}


def test_a_wrong_setting_is_refused_before_anything_is_changed(site: Site) -> None:
    deploy(site, "v1")
    before = {service: site.container(service) for service in site.running()}
    site.check_out(version(site, "v2"))
    ran = site.deploy(INFLUXDB_ROLLOUT_PERCENT="ten")
    assert ran.returncode == 2, ran.stdout
    assert "INFLUXDB_ROLLOUT_PERCENT" in ran.stdout
    assert {service: site.container(service) for service in site.running()} == before


def test_rollback_goes_back_one_deploy_at_a_time(site: Site) -> None:
    deploy(site, "v2", "--stats-source=10")
    deploy(site, "v1", "--stats-source=50")
    deploy(site, "v2", "--stats-source=off")
    for tag, percent in (("v1", "50"), ("v2", "10")):
        ran = site.rollback(USE_INFLUXDB_STATS="false")
        assert ran.returncode == 0, ran.stdout
        assert site.versions() == {version(site, tag)}
        assert site.environment_of("admin-api")["INFLUXDB_ROLLOUT_PERCENT"] == percent
        assert site.settings()["INFLUXDB_ROLLOUT_PERCENT"] == percent


def test_the_flag_is_lowered_without_a_restart(site: Site) -> None:
    deploy(site, "v1")
    before = site.container("admin-api")
    ran = site.rollback("--flag")
    assert ran.returncode == 0, ran.stdout
    assert json.loads(site.read("admin-api", "/data/stats-source.json")) == {"use_influxdb_stats": False}
    assert site.container("admin-api") == before


def test_a_deploy_killed_at_any_step_is_completed_by_the_next_one_or_undone_by_rollback(site: Site) -> None:
    deploy(site, "v1")
    for step in itertools.count(FIRST_STEP, EVERY_STEP):
        site.check_out(version(site, "v2"))
        is_odd = step % 2 == 1
        if not killed_at(site, "deploy.sh", step, with_children=is_odd):
            break
        if is_odd:
            deploy(site, "v2")
            assert site.versions() == {version(site, "v2")}
            deploy(site, "v1")
        else:
            ran = site.rollback()
            assert ran.returncode == 0, ran.stdout
        assert site.versions() == {version(site, "v1")}
    assert step > 8


def test_a_rollback_killed_at_any_step_is_completed_by_the_next_one(site: Site) -> None:
    for step in itertools.count(FIRST_STEP, EVERY_STEP):
        deploy(site, "v1")
        deploy(site, "v2")
        is_killed = killed_at(site, "rollback.sh", step, with_children=step % 2 == 0)
        if is_killed:
            ran = site.rollback()
            assert ran.returncode == 0, ran.stdout
        assert site.versions() == {version(site, "v1")}
        if not is_killed:
            break
    assert step > 5


def killed_at(site: Site, script: str, step: int, *, with_children: bool) -> bool:
    """Kill a script after a number of output lines, alone or with its children; False if it exited before."""
    with site.start(script) as process:
        assert process.stdout
        for number, _ in enumerate(process.stdout, 1):
            if number == step:
                (os.killpg if with_children else os.kill)(process.pid, signal.SIGKILL)
                break
        else:
            assert process.wait() == 0
    return process.returncode == -signal.SIGKILL


def test_two_deploys_at_once_run_one_after_the_other(site: Site) -> None:
    deploy(site, "v1")
    site.check_out(version(site, "v2"))
    with site.start("deploy.sh", DEPLOY_LOCK_WAIT_S="100") as first:
        assert first.stdout
        first.stdout.readline()
        second = site.deploy(DEPLOY_LOCK_WAIT_S="0")
        assert second.returncode == 2, second.stdout
        assert "Another deploy" in second.stdout
        first.stdout.read()
    assert first.returncode == 0
    assert site.versions() == {version(site, "v2")}


def test_settings_and_backups_are_for_their_owner_alone(site: Site) -> None:
    deploy(site, "v1")
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) & 0o077 for path in site.state.rglob("*")}
    assert {name for name, mode in modes.items() if mode} == set()
    assert not (site.compose / ".env").stat().st_mode & 0o077


# --- recovery by hand: git checkout <tag> && ./scripts/deploy.sh


def data_of(site: Site, service: str) -> dict[str, str]:
    """Return every file of a service's data with its content."""
    listed = site.docker("exec", site.container(service), "sh", "-c", "cd /data && sha256sum $(find . -type f)")
    return dict(reversed(line.split(maxsplit=1)) for line in listed.splitlines())  # type: ignore[misc]


# plan: rollback-tag
def test_the_release_before_is_deployed_by_its_tag(site: Site) -> None:
    deploy(site, "v2")
    deploy(site, "v1")
    assert site.versions() == {version(site, "v1")}


def test_a_release_that_cannot_read_newer_data_is_refused_and_the_data_stay(site: Site) -> None:
    deploy(site, "v1")
    deploy(site, "newer-format")
    before = {service: data_of(site, service) for service in ("websocket-ingestion", "enrichment-pipeline")}
    site.check_out(version(site, "v1"))
    ran = site.deploy()
    assert ran.returncode == 2, ran.stdout
    assert "--restore-backup" in ran.stdout
    assert site.versions() == {version(site, "newer-format")}
    assert {service: data_of(site, service) for service in before} == before


def test_the_backup_of_before_the_newer_release_is_restored_where_that_is_chosen(site: Site) -> None:
    site.check_out(version(site, "v1"))
    ran = site.deploy("--restore-backup", "newest")
    assert ran.returncode == 0, ran.stdout
    assert site.versions() == {version(site, "v1")}
    for service in ("websocket-ingestion", "enrichment-pipeline", "admin-api"):
        assert json.loads(site.read(service, "/data/format")) == {service: 1}


def test_a_restore_that_ends_in_the_middle_is_done_again_by_the_next_run(site: Site) -> None:
    deploy(site, "v1")
    starts = site.read("websocket-ingestion", "/data/starts").splitlines()
    deploy(site, "newer-format")
    archive = site.state / (site.state / "current").read_text(encoding="utf-8").strip() / "websocket-ingestion.tar.gz"
    whole = archive.read_bytes()
    archive.write_bytes(whole[:-20])
    ran = site.rollback("--restore-backup")
    assert ran.returncode == 3, ran.stdout
    archive.write_bytes(whole)
    ran = site.rollback("--restore-backup")
    assert ran.returncode == 0, ran.stdout
    assert site.read("websocket-ingestion", "/data/starts").splitlines()[:-1] == starts


def test_a_broken_release_that_raised_the_format_goes_back_with_the_data_of_before(site: Site) -> None:
    deploy(site, "v1")
    site.check_out(version(site, "newer-format-and-wrong"))
    ran = site.deploy()
    assert ran.returncode == 1, ran.stdout
    assert site.versions() == {version(site, "v1")}
    assert json.loads(site.read("websocket-ingestion", "/data/format")) == {"websocket-ingestion": 1}


# --- the first deploy


def test_what_ran_before_the_first_deploy_is_kept_for_the_rollback(tmp_path: Path) -> None:
    for site in temporary_site(tmp_path):
        clean = {**os.environ, "HA_INGESTOR_VERSION": site.release("v1")}
        up = ["docker", "compose", "up", "--detach", "--build", "--wait"]
        subprocess.run(
            up, cwd=site.compose, env=clean, check=False
        )  # --wait treats influxdb-init, which exits, as a failure
        site.release("v2")
        deploy(site, "v2")
        assert site.versions() == {version(site, "v2")}
        ran = site.rollback()
        assert ran.returncode == 0, ran.stdout
        assert json.loads(site.read("health-dashboard", "/usr/share/nginx/html/release.json"))["tag"] == "v1"


def test_the_services_of_a_profile_belong_to_a_deploy(tmp_path: Path) -> None:
    extra = """\
services:
  extra:
    profiles: [extra]
    image: ha-ingestor:$HA_INGESTOR_VERSION
    pull_policy: never
    entrypoint: [sleep, "99999"]
    healthcheck: {test: [CMD, "true"], interval: 1s}
"""
    for site in temporary_site(tmp_path):
        (site.compose / "extra.yml").write_text(extra, encoding="utf-8")
        with (site.compose / ".env").open("a", encoding="utf-8") as env:
            env.write("COMPOSE_FILE=docker-compose.yml:extra.yml\nCOMPOSE_PROFILES=extra\n")
        released = site.release("v1")
        deploy(site, "v1")
        assert site.running()["extra"] == [f"ha-ingestor:{released}"]


def test_the_first_deploy_that_fails_has_nothing_to_go_back_to(tmp_path: Path) -> None:
    for site in temporary_site(tmp_path):
        site.release("broken", crashes="enrichment-pipeline")
        ran = site.deploy()
        assert ran.returncode == 3, ran.stdout
        assert "no previous release" in ran.stdout
