"""scripts/deploy.sh and rollback.sh: what they reject before any change, and how they call kubectl."""

from __future__ import annotations

import os
import re
import shutil
import stat
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from tests.deploy.containers import ROOT, kept_files

SCRIPTS = sorted([*(ROOT / "scripts").glob("*.sh"), *(ROOT / "scripts" / "deployment").glob("*.sh")])
COMMANDS = ("deploy.sh", "rollback.sh")
Run = Callable[..., subprocess.CompletedProcess[str]]

DOCKER = """\
case "$*" in
  version | 'compose version'*) echo "${COMPOSE_VERSION:-2.40.0}" ;;
  *'config --quiet') [ -z "$CONFIG_PROBLEM" ] || { echo "$CONFIG_PROBLEM" >&2; exit 1; } ;;
  *'config --services') echo "${SERVICES:-admin-api}" ;;
  info*) echo / ;;
  *) exit 7 ;;
esac
"""
KUBECTL = """\
case "$*" in
  *'get --kustomize'*)
    printf 'Deployment/admin-api %s\\nStatefulSet/websocket-ingestion 3\\n' "$(grep -cE ' apply | undo ' "$CALLS")" ;;
  *'rollout status'*)
    [ -z "$HOLD" ] || grep -q 'rollout undo' "$CALLS" || cat "$HOLD"
    [ "$ROLLOUT" != 'always fails' ] && { [ "$ROLLOUT" != fails ] || grep -q 'rollout undo' "$CALLS"; } ;;
  *exec*) cat >/dev/null; [ "$SMOKE_TEST" != fails ] ;;
esac
"""


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A folder with the scripts and the files that they read."""
    root = tmp_path / "checkout"
    for part in ("scripts/deployment", "infrastructure/compose", "infrastructure/kubernetes"):
        shutil.copytree(ROOT / part, root / part, ignore=shutil.ignore_patterns(".env", ".deploy", "files"))
    for name in COMMANDS:
        shutil.copy(ROOT / "scripts" / name, root / "scripts")
    return root


@pytest.fixture
def run(checkout: Path, tmp_path: Path) -> Run:
    """Run a script with fake docker and kubectl programs that record their calls."""
    programs = tmp_path / "bin"
    programs.mkdir()
    for name, text in (("docker", DOCKER), ("kubectl", KUBECTL)):
        program = programs / name
        program.write_text(f'#!/bin/bash\necho " $*" >>"$CALLS"\n{text}', encoding="utf-8")
        program.chmod(0o755)

    def run_script(script: str, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [checkout / "scripts" / script, *arguments],
            env={
                "PATH": f"{programs}:{os.environ['PATH']}",
                "CALLS": str(tmp_path / "calls"),
                "HA_INGESTOR_VERSION": "v1",
                "HA_INGESTOR_COMMIT": "c" * 40,
                "DEPLOY_LOCK_WAIT_S": "0",
                **environment,
            },
            capture_output=True,
            text=True,
            timeout=60,
        )

    return run_script


@pytest.fixture
def calls(tmp_path: Path) -> Callable[[str], list[str]]:
    """Return the calls so far that contain a text."""

    def matching(text: str) -> list[str]:
        lines = (tmp_path / "calls").read_text(encoding="utf-8").splitlines()
        return [line.removeprefix(" --namespace ha-ingestor").strip() for line in lines if text in line]

    return matching


# --- the scripts


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.name)
def test_a_script_parses_and_is_kept_by_git(script: Path) -> None:
    assert subprocess.run(["bash", "-n", script], capture_output=True, text=True).stderr == ""
    assert str(script.relative_to(ROOT)) in kept_files()
    assert bool(script.stat().st_mode & stat.S_IXUSR) == script.read_bytes().startswith(b"#!")


@pytest.mark.skipif(shutil.which("shellcheck") is None, reason="shellcheck is not installed")
@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.name)
def test_shellcheck_finds_nothing(script: Path) -> None:
    ran = subprocess.run(["shellcheck", script], capture_output=True, text=True, cwd=ROOT)
    assert ran.stdout == ""


@pytest.mark.parametrize("script", COMMANDS)
def test_the_help_names_every_option(script: str, run: Run) -> None:
    text = (ROOT / "scripts" / script).read_text(encoding="utf-8")
    taken = set(re.findall(r"(--[a-z-]+)(?:=\*)?(?: \||\))", text)) - {"--help"}
    assert taken
    assert taken - set(re.findall(r"--[a-z-]+", run(script, "--help").stdout)) == set()


# --- rejected before any change


@pytest.mark.parametrize(
    ("script", "argument", "reason"),
    [
        ("deploy.sh", "--nonsense", "Unknown argument: --nonsense"),
        ("deploy.sh", "--target=swarm", "--target must be compose or kubernetes."),
        ("deploy.sh", "--stats-source=half", "--stats-source must be off, 10, 50 or 100."),
        ("deploy.sh", "--stats-source", "--stats-source needs a value."),
        ("rollback.sh", "--nonsense", "Unknown argument: --nonsense"),
        ("rollback.sh", "--flag=", "--flag must be off, 10 or 50."),
        ("rollback.sh", "--flag=100", "--flag must be off, 10 or 50."),
    ],
)
def test_wrong_usage_is_refused(script: str, argument: str, reason: str, run: Run, tmp_path: Path) -> None:
    ran = run(script, argument)
    assert ran.returncode == 2
    assert reason in ran.stderr
    assert not (tmp_path / "calls").exists()


def set_up(checkout: Path) -> None:
    """Write an .env."""
    subprocess.run([checkout / "infrastructure" / "compose" / "setup.sh"], check=True, capture_output=True)


@pytest.mark.parametrize(
    ("environment", "reason"),
    [
        ({"COMPOSE_VERSION": "2.3.1"}, "docker compose 2.3.1 is too old"),
        ({"CONFIG_PROBLEM": "required variable HA_URL is missing"}, "required variable HA_URL is missing"),
        ({"SERVICES": "ha-ingestor"}, "There is no admin-api in COMPOSE_FILE"),
        ({"DEPLOY_FREE_MB": "999999999"}, "A deploy needs 999999999 MB"),
    ],
)
def test_what_a_deploy_needs_is_checked_first(
    environment: dict[str, str], reason: str, run: Run, checkout: Path, calls: Callable[[str], list[str]]
) -> None:
    set_up(checkout)
    ran = run("deploy.sh", **environment)
    assert ran.returncode == 2
    assert reason in ran.stderr
    assert [call for call in calls("") if " up " in call or " build" in call or "run" in call.split()] == []


def test_a_missing_env_is_named(run: Run) -> None:
    ran = run("deploy.sh")
    assert ran.returncode == 2
    assert "Run infrastructure/compose/setup.sh" in ran.stderr


def test_docker_that_is_not_there_is_named(run: Run, checkout: Path, tmp_path: Path) -> None:
    set_up(checkout)
    few = tmp_path / "few"
    few.mkdir()
    for name in ("bash", "dirname", "date", "sed", "git"):
        (few / name).symlink_to(shutil.which(name) or "")
    ran = run("deploy.sh", PATH=str(few))
    assert ran.returncode == 2
    assert "docker is not installed" in ran.stderr


def test_a_rollback_without_a_deploy_before_is_refused(run: Run) -> None:
    ran = run("rollback.sh")
    assert ran.returncode == 2
    assert "No earlier deploy is known" in ran.stderr


# --- .env


def write_settings(checkout: Path, *, programs: Path | None = None) -> subprocess.CompletedProcess[str]:
    """Write the settings of a deploy to .env, as at its end; `programs` come first in PATH."""
    text = """
    for part in common state compose; do . "$root/scripts/deployment/$part.sh"; done
    mkdir -p "$state_dir/deploy"
    record deploy/settings "$(for name in "${managed[@]}"; do echo "$name=$(setting "$name")"; done)"
    write_settings deploy
    """
    path = f"{programs}:{os.environ['PATH']}" if programs else os.environ["PATH"]
    environment = {"PATH": path, "root": str(checkout)}
    return subprocess.run(["bash", "-euc", text], env=environment, capture_output=True, text=True, timeout=60)


@pytest.mark.parametrize(
    "line", ["USE_INFLUXDB_STATS=false", " export USE_INFLUXDB_STATS=false", "USE_INFLUXDB_STATS = false"]
)
def test_a_setting_of_env_is_found_however_it_is_written(line: str, checkout: Path) -> None:
    env = checkout / "infrastructure" / "compose" / ".env"
    env.write_text(f"HA_URL=http://home\n{line}\n", encoding="utf-8")
    ran = write_settings(checkout)
    assert ran.returncode == 0, ran.stderr
    assert sorted(env.read_text(encoding="utf-8").splitlines()) == [
        "HA_INGESTOR_COMMIT=",
        "HA_INGESTOR_VERSION=",
        "HA_URL=http://home",
        "INFLUXDB_ROLLOUT_PERCENT=",
        "USE_INFLUXDB_STATS=false",
    ]


def test_an_env_that_cannot_be_copied_as_a_whole_is_left_alone(checkout: Path, tmp_path: Path) -> None:
    set_up(checkout)
    env = checkout / "infrastructure" / "compose" / ".env"
    before = env.read_text(encoding="utf-8")
    programs = tmp_path / "programs"
    programs.mkdir()
    (programs / "grep").write_text("#!/bin/sh\necho HA_URL=\nexit 2\n", encoding="utf-8")  # as on a full disk
    (programs / "grep").chmod(0o755)
    ran = write_settings(checkout, programs=programs)
    assert "could not be written" in ran.stderr
    assert env.read_text(encoding="utf-8") == before
    assert not env.with_name(".env.new").exists()


# --- kubernetes


def kustomization(checkout: Path) -> dict[str, object]:
    """Return the kustomization of the newest deploy."""
    found = sorted((checkout / "infrastructure" / "compose" / ".deploy" / "kubernetes").glob("*/kustomization.yaml"))
    loaded: dict[str, object] = yaml.safe_load(found[-1].read_text(encoding="utf-8"))
    return loaded


def test_kubernetes_gets_the_images_of_the_version(run: Run, checkout: Path) -> None:
    ran = run("deploy.sh", "--target", "kubernetes", "--pull", "registry.example/home")
    assert ran.returncode == 0, ran.stderr
    assert kustomization(checkout) == {
        "resources": ["../../../../kubernetes/overlays/influxdb"],
        "images": [
            {"name": name, "newName": f"registry.example/home/{name}", "newTag": "v1"}
            for name in ("ha-ingestor", "ha-ingestor-dashboard")
        ],
    }


@pytest.mark.parametrize(
    ("arguments", "environment", "variables"),
    [
        (["--stats-source=10"], {}, {"USE_INFLUXDB_STATS": "true", "INFLUXDB_ROLLOUT_PERCENT": "10"}),
        ([], {"USE_INFLUXDB_STATS": "false"}, {"USE_INFLUXDB_STATS": "false", "INFLUXDB_ROLLOUT_PERCENT": ""}),
        ([], {"INFLUXDB_ROLLOUT_PERCENT": "0"}, {"INFLUXDB_ROLLOUT_PERCENT": "0"}),
    ],
)
def test_kubernetes_gets_the_statistics_source(
    arguments: list[str], environment: dict[str, str], variables: dict[str, str], run: Run, checkout: Path
) -> None:
    assert run("deploy.sh", "--target=kubernetes", *arguments, **environment).returncode == 0
    patches = kustomization(checkout)["patches"]
    assert isinstance(patches, list)
    for each in patches:
        spec = yaml.safe_load(each["patch"])["spec"]["template"]["spec"]
        assert {pair["name"]: pair["value"] for pair in spec["containers"][0]["env"]} == variables


def test_kubernetes_applies_waits_and_tests(run: Run, calls: Callable[[str], list[str]]) -> None:
    ran = run("deploy.sh", "--target=kubernetes")
    assert ran.returncode == 0, ran.stderr
    assert len(calls("apply --kustomize")) == 1
    assert calls("rollout") == [
        "rollout status Deployment/admin-api --timeout=300s",
        "rollout status StatefulSet/websocket-ingestion --timeout=300s",
    ]
    assert calls("exec") == [
        "exec --stdin deployment/admin-api -- python - smoke --limit-s 90 --front http://127.0.0.1:8003 "
        f"--commit {'c' * 40}"
    ]


@pytest.mark.parametrize("failure", [{"ROLLOUT": "fails"}, {"SMOKE_TEST": "fails"}])
def test_kubernetes_undoes_what_a_failed_deploy_changed_alone(
    failure: dict[str, str], run: Run, calls: Callable[[str], list[str]]
) -> None:
    assert run("deploy.sh", "--target=kubernetes").returncode == 0
    ran = run("deploy.sh", "--target=kubernetes", **failure)
    assert ran.returncode == 1
    assert calls("rollout undo") == ["rollout undo Deployment/admin-api"]


def test_a_deploy_that_nobody_reads_any_more_goes_back_all_the_same(
    run: Run, checkout: Path, calls: Callable[[str], list[str]], tmp_path: Path
) -> None:
    """As with `| less` after it was left; SIGHUP of a closed terminal is in test_deploy_in_containers."""
    assert run("deploy.sh", "--target=kubernetes").returncode == 0
    hold = tmp_path / "hold"
    os.mkfifo(hold)
    # The reader of the pipe exits while kubectl waits for the other end of `hold`.
    script = checkout / "scripts" / "unread.sh"
    deploy = f"{checkout}/scripts/deploy.sh --target=kubernetes"
    script.write_text(f'#!/bin/bash\n{deploy} 2>&1 | exec 3>"{hold}"\nexit "${{PIPESTATUS[0]}}"\n', encoding="utf-8")
    script.chmod(0o755)
    ran = run("unread.sh", ROLLOUT="fails", HOLD=str(hold))
    assert ran.returncode == 1
    assert calls("rollout undo") == ["rollout undo Deployment/admin-api"]


def test_a_rollback_that_did_not_come_to_its_end_undoes_nothing_twice(
    run: Run, calls: Callable[[str], list[str]]
) -> None:
    assert run("deploy.sh", "--target=kubernetes").returncode == 0
    assert run("rollback.sh", "--target=kubernetes", ROLLOUT="always fails").returncode != 0
    ran = run("rollback.sh", "--target=kubernetes")
    assert ran.returncode == 0, ran.stderr
    assert calls("rollout undo") == ["rollout undo Deployment/admin-api"]


def test_kubernetes_is_rolled_back_to_the_release_before(run: Run, calls: Callable[[str], list[str]]) -> None:
    assert run("deploy.sh", "--target=kubernetes").returncode == 0
    ran = run("rollback.sh", "--target=kubernetes")
    assert ran.returncode == 0, ran.stderr
    assert calls("rollout undo") == ["rollout undo Deployment/admin-api"]


def test_kubernetes_is_not_rolled_back_by_nobody_knows_what(run: Run) -> None:
    ran = run("rollback.sh", "--target=kubernetes")
    assert ran.returncode == 2
    assert "kubectl rollout undo deployment/admin-api" in ran.stderr


@pytest.mark.parametrize(("flag", "percent"), [("--flag", "0"), ("--flag=10", "10")])
def test_the_flag_is_lowered_inside_a_pod(flag: str, percent: str, run: Run, calls: Callable[[str], list[str]]) -> None:
    assert run("rollback.sh", "--target=kubernetes", flag).returncode == 0
    assert calls("exec") == [f"exec --stdin deployment/admin-api -- python - stats-source {percent}"]
