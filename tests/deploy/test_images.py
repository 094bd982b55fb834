"""The images of infrastructure/docker: pinned, built from tracked files, and run by an unprivileged user."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.deploy.containers import CONTAINERS, ROOT, kept_files

FOLDER = ROOT / "infrastructure" / "docker"
DOCKERFILES = sorted(FOLDER.glob("*.Dockerfile"))
SERVICES = FOLDER / "services.Dockerfile"
DASHBOARD = FOLDER / "dashboard.Dockerfile"
IGNORED = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()

HADOLINT = shutil.which("hadolint", path=f"{os.environ['PATH']}:{ROOT / '.tools' / 'hadolint' / 'bin'}")

each_dockerfile = pytest.mark.parametrize("path", DOCKERFILES, ids=lambda path: path.stem)


def instructions(path: Path, keyword: str) -> list[str]:
    """Return the arguments of every such instruction, with continued lines joined."""
    text = re.sub(r"\\\n", " ", re.sub(r"^\s*#.*\n", "", path.read_text(encoding="utf-8"), flags=re.MULTILINE))
    return re.findall(rf"^{keyword} (.+)$", text, re.MULTILINE)


@each_dockerfile
def test_every_base_image_is_a_plain_name_at_an_exact_version(path: Path) -> None:
    bases = [re.sub(r"^--platform=\S+ ", "", base).split()[0] for base in instructions(path, "FROM")]
    assert [base for base in bases if not re.fullmatch(r"[a-z]+:\d+\.\d+\.\d+(-[a-z-]+)?", base)] == []


@each_dockerfile
def test_an_image_is_run_by_the_user_that_compose_names(path: Path) -> None:
    dockerfile = str(path.relative_to(ROOT))
    images = {c["image"] for c in CONTAINERS.values() if c.get("build", {}).get("dockerfile") == dockerfile}
    users = {c["user"] for c in CONTAINERS.values() if c["image"] in images}
    assert users == set(instructions(path, "USER"))


@each_dockerfile
def test_what_an_image_copies_is_kept_by_git_and_let_through(path: Path) -> None:
    kept = kept_files()
    for arguments in instructions(path, "COPY"):
        if "--from=" in arguments:
            continue
        for source in [word for word in arguments.split()[:-1] if not word.startswith("--")]:
            assert any(file == source or file.startswith(f"{source}/") for file in kept), source
            assert any(source == line[1:] or source.startswith(f"{line[1:]}/") for line in IGNORED if line[:1] == "!")


@each_dockerfile
def test_an_image_knows_how_to_tell_its_health(path: Path) -> None:
    (check,) = instructions(path, "HEALTHCHECK")
    assert re.search(r"--interval=10s --timeout=5s --retries=3 --start-period=60s +CMD \[", check)


@each_dockerfile
def test_what_is_the_same_on_every_platform_is_built_on_the_one_that_builds(path: Path) -> None:
    platforms = {base.split()[-1]: base.startswith("--platform=$BUILDPLATFORM ") for base in instructions(path, "FROM")}
    assert [name for name, is_builders in platforms.items() if is_builders] == ["dashboard"]


def test_the_dashboard_is_built_alike_for_both_images() -> None:
    def stage(path: Path) -> str:
        return re.split(r"^(?=FROM)", path.read_text(encoding="utf-8"), flags=re.MULTILINE)[1].split("\n\n")[0]

    assert stage(SERVICES) == stage(DASHBOARD)


@pytest.mark.skipif(HADOLINT is None, reason="hadolint is not installed")
@each_dockerfile
def test_hadolint_has_nothing_to_say(path: Path) -> None:
    ran = subprocess.run([str(HADOLINT), "--failure-threshold", "style", path], capture_output=True, text=True)
    assert (ran.returncode, ran.stdout) == (0, "")


def test_everything_is_kept_from_the_images_but_what_is_named() -> None:
    lines = [line for line in IGNORED if line and not line.startswith("#")]
    assert lines[0] == "*"
    assert {"**/.env", "**/node_modules", "**/dist", "**/tests"} <= set(lines)


def test_python_packages_are_compared_with_their_hashes() -> None:
    installs = [part for run in instructions(SERVICES, "RUN") for part in run.split("&&") if "pip install" in part]
    unchecked = [part for part in installs if "--require-hashes" not in part]
    assert len(unchecked) == 1
    assert "--no-index --no-deps wheels/*.whl" in unchecked[0]


def test_every_program_that_the_images_lock_names_is_in_the_lock() -> None:
    lock = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    named = re.findall(r"/\^([a-z]+)==/", SERVICES.read_text(encoding="utf-8"))
    assert named == ["uv", "hatchling"]
    assert [name for name in named if not re.search(rf"^{name}==", lock, re.MULTILINE)] == []


def test_the_folders_of_the_volumes_are_in_the_image_so_that_they_are_the_users() -> None:
    made = next(run for run in instructions(SERVICES, "RUN") if "install -d" in run)
    mounted = {
        volume.split(":")[1]
        for c in CONTAINERS.values()
        if c["user"] == "10001:10001"
        for volume in c["volumes"]
        if not volume.startswith("./")
    }
    assert [folder for folder in mounted if f" {folder}" not in made] == []
