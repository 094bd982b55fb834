"""infrastructure/compose/setup.sh: secrets are created once, for its user only; and the scripts pass shellcheck."""

from __future__ import annotations

import re
import shutil
import stat
import subprocess
from pathlib import Path

import pytest
from ha_ingestor.settings.reference import current_settings

from tests.deploy.containers import COMPOSE, CONTAINERS, FILLED_IN, MINIMAL, ROOT, TEXT, kept_files

SETUP = COMPOSE / "setup.sh"
SCRIPTS = sorted(ROOT.glob("infrastructure/**/*.sh"))
SECRETS = (
    "INTERNAL_TOKEN",
    "METRICS_TOKEN",
    "INFLUXDB_ADMIN_PASSWORD",
    "INFLUXDB_ADMIN_TOKEN",
    "GRAFANA_ADMIN_PASSWORD",
)


def run_setup(folder: Path) -> str:
    """Run a copy of the script in a folder, from another one; return its output."""
    shutil.copy(SETUP, folder)
    ran = subprocess.run([folder / SETUP.name], cwd="/", capture_output=True, text=True, timeout=30)
    assert ran.returncode == 0, ran.stderr
    return ran.stdout


def written(folder: Path) -> dict[str, str]:
    """Return the variables of the written .env."""
    return dict(re.findall(r"^([A-Z_]+)=(.*)$", (folder / ".env").read_text(encoding="utf-8"), re.MULTILINE))


def test_setup_leaves_nothing_but_home_assistant_to_fill_in(tmp_path: Path) -> None:
    run_setup(tmp_path)
    values = written(tmp_path)
    assert values.keys() == FILLED_IN.keys() | set(SECRETS)
    assert {name for name, value in values.items() if not value} == {"HA_URL", "HA_TOKEN"}


def test_secrets_are_of_256_bits_and_each_another(tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    found = set()
    for folder in (tmp_path, tmp_path / "other"):
        run_setup(folder)
        found |= {written(folder)[name] for name in SECRETS}
    assert len(found) == 2 * len(SECRETS)
    assert all(re.fullmatch(r"[0-9a-f]{64}", secret) for secret in found)


def test_the_file_is_for_its_owner_alone(tmp_path: Path) -> None:
    run_setup(tmp_path)
    assert stat.S_IMODE((tmp_path / ".env").stat().st_mode) == 0o600


def test_a_secret_is_not_shown(tmp_path: Path) -> None:
    shown = run_setup(tmp_path)
    assert not any(written(tmp_path)[name] in shown for name in SECRETS)


def test_a_second_run_changes_nothing(tmp_path: Path) -> None:
    run_setup(tmp_path)
    before = (tmp_path / ".env").read_bytes(), (tmp_path / ".env").stat().st_mtime_ns
    assert "nothing was changed" in run_setup(tmp_path)
    assert ((tmp_path / ".env").read_bytes(), (tmp_path / ".env").stat().st_mtime_ns) == before
    assert {path.name for path in tmp_path.iterdir()} == {".env", "files", SETUP.name}


def test_a_later_run_adds_the_secrets_that_are_missing_and_changes_nothing_else(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("HA_URL=http://192.0.2.1:8123\nINTERNAL_TOKEN=mine\n", encoding="utf-8")
    (tmp_path / ".env").chmod(0o600)
    assert "added METRICS_TOKEN INFLUXDB_ADMIN_PASSWORD" in run_setup(tmp_path)
    values = written(tmp_path)
    assert (values["HA_URL"], values["INTERNAL_TOKEN"]) == ("http://192.0.2.1:8123", "mine")
    assert values.keys() == {"HA_URL", *SECRETS}
    assert stat.S_IMODE((tmp_path / ".env").stat().st_mode) == 0o600


def test_the_folders_of_files_are_there_and_can_be_read_by_the_services(tmp_path: Path) -> None:
    run_setup(tmp_path)
    mounted = re.findall(r"- (\./files/[a-z-]+):", TEXT + MINIMAL.read_text(encoding="utf-8"))
    assert len(mounted) == 5
    assert {stat.S_IMODE((tmp_path / folder).stat().st_mode) for folder in mounted} == {0o755}


def test_every_variable_that_compose_asks_for_is_in_the_file(tmp_path: Path) -> None:
    run_setup(tmp_path)
    named = set(re.findall(r"^#?([A-Z_]+)=", (tmp_path / ".env").read_text(encoding="utf-8"), re.MULTILINE))
    assert set(re.findall(r"\$\{([A-Z_]+)", TEXT)) - named == set()
    passed = {name for each in CONTAINERS.values() for name in each.get("environment", {})}
    assert named - set(re.findall(r"\$\{([A-Z_]+)", TEXT)) - passed == set()


def test_the_defaults_in_the_file_are_those_of_compose_and_of_the_settings(tmp_path: Path) -> None:
    run_setup(tmp_path)
    told = dict(re.findall(r"^#([A-Z_]+)=(.*)$", (tmp_path / ".env").read_text(encoding="utf-8"), re.MULTILINE))
    defaults = dict(re.findall(r"\$\{([A-Z_]+):-([^}]*)\}", TEXT))
    settings = dict(current_settings())
    assert defaults.keys() <= told.keys()
    assert {name: defaults.get(name, settings.get(name)) for name in told} == told


@pytest.mark.parametrize("path", [".env", "homes.env", "files/admin-api/key", "backups/influxdb.tar.gz"])
def test_what_holds_secrets_is_kept_out_of_git(path: str) -> None:
    ignored = subprocess.run(["git", "check-ignore", "-q", f"infrastructure/compose/{path}"], cwd=ROOT)
    assert ignored.returncode == 0


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_shell_script_parses_and_can_be_run(script: Path) -> None:
    shell = "bash" if b"bash" in script.read_bytes().splitlines()[0] else "sh"
    assert subprocess.run([shell, "-n", script], capture_output=True, text=True).stderr == ""
    assert script.stat().st_mode & stat.S_IXUSR
    assert str(script.relative_to(ROOT)) in kept_files()


@pytest.mark.skipif(shutil.which("shellcheck") is None, reason="shellcheck is not installed")
@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_shellcheck_has_nothing_to_say(script: Path) -> None:
    ran = subprocess.run(["shellcheck", script], capture_output=True, text=True)
    assert ran.stdout == ""
