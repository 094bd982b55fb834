"""The GitHub workflows: pinned actions, minimal permissions, and checked by actionlint."""

from __future__ import annotations

import re
import shutil
import subprocess
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.deploy.containers import ROOT, kept_files

GITHUB = ROOT / ".github"
WORKFLOWS = sorted((GITHUB / "workflows").glob("*.yml"))
MAY_WRITE = {
    ("release", "package"): {"id-token", "attestations"},
    ("release", "images"): {"packages", "id-token", "attestations"},
    ("release", "publish"): {"contents"},
    ("python-lock", "lock"): {"contents", "pull-requests"},
}
"""Every job with write permissions, and the permissions."""

each_workflow = pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)


def jobs(path: Path) -> dict[str, Any]:
    """Return the jobs of a workflow, by name."""
    found: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))["jobs"]
    return found


@each_workflow
def test_every_action_is_pinned_by_commit_with_its_release_beside(path: Path) -> None:
    uses = re.findall(r"uses: (.+)", path.read_text(encoding="utf-8"))
    others = [use for use in uses if not re.fullmatch(r"[\w-]+/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", use)]
    assert others == (["./.github/workflows/ci.yml"] if path.stem == "release" else [])


def test_an_action_has_one_version_in_all_workflows() -> None:
    pins = {use for path in WORKFLOWS for use in re.findall(r"uses: (\S+@\S+)", path.read_text(encoding="utf-8"))}
    assert len({pin.partition("@")[0] for pin in pins}) == len(pins)


@each_workflow
def test_a_workflow_may_read_alone_and_a_job_writes_only_what_it_makes(path: Path) -> None:
    assert yaml.safe_load(path.read_text(encoding="utf-8"))["permissions"] == {"contents": "read"}
    for name, job in jobs(path).items():
        writes = {right for right, level in job.get("permissions", {}).items() if level == "write"}
        assert writes == MAY_WRITE.get((path.stem, name), set()), name


@each_workflow
def test_every_job_ends_by_itself(path: Path) -> None:
    assert [name for name, job in jobs(path).items() if "timeout-minutes" not in job and "uses" not in job] == []


@each_workflow
def test_every_make_target_and_file_of_a_workflow_exists(path: Path) -> None:
    runs = [step["run"] for job in jobs(path).values() for step in job.get("steps", []) if "run" in step]
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    named = {t for run in runs for line in re.findall(r"^make (.+)", run, re.MULTILINE) for t in line.split()}
    assert {target for target in named if "=" not in target} <= targets
    files = {file for run in runs for file in re.findall(r"\b(?:scripts|tests)/[\w./]+", run)}
    assert [file for file in files if not (ROOT / file).exists()] == []


def test_every_python_that_the_metadata_names_is_tried() -> None:
    classifiers = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["classifiers"]
    named = {match[1] for line in classifiers if (match := re.search(r"Python :: (3\.\d+)$", line))}
    assert set(jobs(GITHUB / "workflows" / "ci.yml")["python"]["strategy"]["matrix"]["python"]) == named


def test_every_image_of_compose_is_released() -> None:
    text = (ROOT / "infrastructure" / "compose" / "docker-compose.yml").read_text(encoding="utf-8")
    assert set(re.findall(r"image: (ha-ingestor[a-z-]*):", text)) == {each["image"] for each in _images()}
    dockerfiles = {ROOT / each["dockerfile"] for each in _images()}
    assert dockerfiles == set((ROOT / "infrastructure" / "docker").glob("*.Dockerfile"))


def _images() -> list[dict[str, str]]:
    found: list[dict[str, str]] = jobs(GITHUB / "workflows" / "release.yml")["images"]["strategy"]["matrix"]["include"]
    return found


def test_dependabot_looks_at_every_lock_of_npm_and_every_folder_of_images() -> None:
    updates = yaml.safe_load((GITHUB / "dependabot.yml").read_text(encoding="utf-8"))["updates"]
    folders = {
        folder for update in updates for folder in update.get("directories", [update.get("directory")]) if folder != "/"
    }
    locks = re.compile(r"package-lock\.json$|^infrastructure/.*(\.Dockerfile|docker-compose\.yml)$")
    kept = [file for file in kept_files() if locks.search(file)]
    assert folders == {f"/{Path(file).parent}" for file in kept}


def test_every_issue_template_has_what_github_wants() -> None:
    for path in set((GITHUB / "ISSUE_TEMPLATE").glob("*.yml")) - {GITHUB / "ISSUE_TEMPLATE" / "config.yml"}:
        template = yaml.safe_load(path.read_text(encoding="utf-8"))
        assert {"name", "description", "body"} <= template.keys()
        ids = [field["id"] for field in template["body"] if field["type"] != "markdown"]
        assert len(set(ids)) == len(ids) > 0


@pytest.mark.full
def test_actionlint_finds_nothing() -> None:
    if shutil.which("actionlint") is None:
        pytest.skip("actionlint is missing: go install github.com/rhysd/actionlint/cmd/actionlint@v1.7.12")
    ran = subprocess.run(["actionlint"], cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)
    assert ran.stdout + ran.stderr == ""
