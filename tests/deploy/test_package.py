"""The distribution: its content, its dependencies, and that building it needs neither make nor Node."""

from __future__ import annotations

import re
import tarfile
import tomllib
from collections.abc import Iterator
from email.message import Message
from email.parser import Parser
from pathlib import Path
from zipfile import ZipFile

import pytest

from tests.deploy.containers import kept_files
from tests.deploy.distribution import DASHBOARD, ROOT, build, names_in, need_dashboard

PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
PROJECT = PYPROJECT["project"]
WHEEL = PYPROJECT["tool"]["hatch"]["build"]["targets"]["wheel"]
SOURCES = [str(source).partition("/src/")[0] for source in WHEEL["packages"]]


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the sdist, and of the wheel built from the sdist."""
    need_dashboard()
    out = tmp_path_factory.mktemp("dist")
    ran = build(ROOT, out)
    assert ran.returncode == 0, ran.stderr
    return out


@pytest.fixture(scope="module")
def wheel(built: Path) -> Path:
    (found,) = built.glob("*.whl")
    return found


@pytest.fixture(scope="module")
def sdist(built: Path) -> Path:
    (found,) = built.glob("*.tar.gz")
    return found


@pytest.fixture(scope="module")
def metadata(wheel: Path) -> Message:
    with ZipFile(wheel) as opened:
        return Parser().parsestr(opened.read(f"ha_ingestor-{PROJECT['version']}.dist-info/METADATA").decode())


def modules() -> Iterator[str]:
    """Return every file of the six packages, by its name in a wheel."""
    for file in kept_files():
        source, _, name = file.partition("/src/")
        if source in SOURCES:
            yield name


def test_the_wheel_holds_every_module_and_no_test(wheel: Path) -> None:
    packages = {name.partition("/")[0] for name in modules()}
    inside = names_in(wheel)
    assert set(modules()) <= inside
    assert {name.partition("/")[0] for name in inside} == {*packages, f"ha_ingestor-{PROJECT['version']}.dist-info"}
    assert [name for name in inside if "/tests/" in name] == []


@pytest.mark.parametrize(
    ("source", "inside"),
    [
        (DASHBOARD, "admin_api/dashboard"),
        (ROOT / "docs" / "runbooks", "admin_api/alerts/runbooks"),
        (ROOT / "infrastructure" / "alert-rules.yaml", "admin_api/alerts/alert-rules.yaml"),
    ],
    ids=["dashboard", "runbooks", "alert rules"],
)
def test_the_wheel_holds_what_is_no_python(wheel: Path, source: Path, inside: str) -> None:
    files = [source] if source.is_file() else [path for path in source.rglob("*") if path.is_file()]
    with ZipFile(wheel) as opened:
        for file in files:
            name = inside if file == source else f"{inside}/{file.relative_to(source)}"
            assert opened.read(name) == file.read_bytes(), name


def test_the_sdist_holds_what_git_keeps_of_it_and_the_built_dashboard(sdist: Path) -> None:
    inside = names_in(sdist)
    built = {f"services/health-dashboard/dist/{path.relative_to(DASHBOARD)}" for path in DASHBOARD.rglob("*.*")}
    assert built <= inside
    assert inside - built - set(kept_files()) == {"PKG-INFO"}


def test_without_the_dashboard_no_wheel_is_built(sdist: Path, tmp_path: Path) -> None:
    with tarfile.open(sdist) as opened:
        opened.extractall(tmp_path, filter="data")
    (project,) = tmp_path.iterdir()
    (project / "services/health-dashboard/dist/index.html").unlink()
    ran = build(project, tmp_path / "out", "--wheel")
    assert ran.returncode != 0
    assert "services/health-dashboard/dist has not been built: run make build" in ran.stderr


def test_the_command_is_the_only_program_that_is_installed(wheel: Path) -> None:
    with ZipFile(wheel) as opened:
        points = opened.read(f"ha_ingestor-{PROJECT['version']}.dist-info/entry_points.txt").decode()
    assert points.split("\n") == ["[console_scripts]", "ha-ingestor = ha_ingestor.cli:main", ""]


def test_it_is_for_python_3_11_to_3_14(metadata: Message) -> None:
    prefix = "Programming Language :: Python :: 3."
    versions = {line for line in metadata.get_all("Classifier", []) if line.startswith(prefix)}
    assert versions == {f"{prefix}{minor}" for minor in (11, 12, 13, 14)}
    assert metadata["Requires-Python"] == "<3.15,>=3.11"


def test_every_dependency_has_bounds_that_hold_for_the_lock() -> None:
    lock = (ROOT / "requirements-run.lock").read_text(encoding="utf-8")
    pins = dict(re.findall(r"^([a-z0-9-]+)==([0-9.]+)", lock, re.MULTILINE))
    for dependency in PROJECT["dependencies"]:
        name, least = re.findall(r"^([a-z-]+)(?:\[[a-z]+\])?>=([0-9.]+)", dependency)[0]
        assert pins[name].startswith(f"{least}."), f"{dependency}: the lock pins {pins[name]}"
        assert re.search(r",<\d", dependency) or name == "structlog", dependency  # its versions are years


def test_the_version_is_the_newest_of_the_changelog() -> None:
    headings = re.findall(r"^## (.+)$", (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert re.fullmatch(rf"{re.escape(PROJECT['version'])} \((unreleased|\d{{4}}-\d\d-\d\d)\)", headings[0])
