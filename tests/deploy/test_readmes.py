"""Every package and folder has a README, and what it names exists."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FOLDERS = [
    "libs/core",
    "libs/store",
    *(f"services/{name}" for name in ("admin-api", "all-in-one", "enrichment-pipeline", "websocket-ingestion")),
    "services/health-dashboard",
    "benchmarks",
    "infrastructure",
    "tests",
]
READMES = {folder: ROOT / folder / "README.md" for folder in FOLDERS}
ADMIN_API = READMES["services/admin-api"]
ARCHITECTURE = ROOT / "docs" / "architecture.md"
GLOSSARY = ROOT / "docs" / "glossary.md"
RUNBOOK = ROOT / "docs" / "runbooks" / "admin-api-influxdb-troubleshooting.md"


def headings(page: Path) -> set[str]:
    """Return the headings of a page below its title."""
    return set(re.findall(r"^##+ (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE))


def named(page: Path, pattern: str) -> set[str]:
    """Return what a page names in backticks in this form."""
    return set(re.findall(rf"`({pattern})`", page.read_text(encoding="utf-8")))


# plan: 8.5
@pytest.mark.parametrize("folder", FOLDERS)
def test_every_part_has_a_readme_whose_files_exist(folder: str) -> None:
    files = {path.name for path in (ROOT / folder).rglob("*.*") if "node_modules" not in path.parts}
    assert named(READMES[folder], r"[a-zA-Z_.-]+\.(?:py|tsx|yaml|example|txt)") <= files


def test_every_module_that_the_architecture_names_exists() -> None:
    files = {path.name for part in ("libs", "services", "benchmarks") for path in (ROOT / part).rglob("*.py")}
    assert named(ARCHITECTURE, r"[a-z_]+\.py") <= files


def test_every_module_that_the_glossary_names_exists() -> None:
    text = GLOSSARY.read_text(encoding="utf-8")
    modules = set(re.findall(r"`([a-z]+(?:_[a-z]+)+/[a-z_/]+(?:\.py)?)`", text))
    missing = [module for module in modules if not any(ROOT.glob(f"*/*/src/{module}"))]
    assert modules
    assert missing == []


@pytest.mark.parametrize("folder", FOLDERS)
def test_every_variable_of_a_readme_is_a_setting(folder: str) -> None:
    settings = (ROOT / "docs" / "reference" / "settings.md").read_text(encoding="utf-8")
    tests_own = {"TEST_INFLUXD"}
    unknown = {name for name in named(READMES[folder], r"[A-Z][A-Z0-9]*_[A-Z0-9_]*[A-Z0-9]") if name not in settings}
    assert unknown - tests_own == set()


def test_the_index_of_decisions_names_each() -> None:
    index = (ROOT / "docs" / "adr" / "README.md").read_text(encoding="utf-8")
    pages = {path.name for path in (ROOT / "docs" / "adr").glob("0*.md")}
    assert set(re.findall(r"\((0[0-9]{3}-[^)]+\.md)\)", index)) == pages


# plan: 8.2
def test_the_readme_of_the_admin_api_has_what_the_plan_asks_for() -> None:
    assert headings(ADMIN_API) >= {
        "Dependency on InfluxDB",
        "Environment variables",
        "Endpoints",
        "Fallback",
    }
    assert named(ADMIN_API, "USE_INFLUXDB_STATS|INFLUXDB_ROLLOUT_PERCENT") == {
        "USE_INFLUXDB_STATS",
        "INFLUXDB_ROLLOUT_PERCENT",
    }


# plan: 8.1
def test_the_architecture_has_what_the_plan_asks_for() -> None:
    wanted = {"The data flow, before and after", "Query patterns", "The Admin API", "Performance"}
    assert headings(ARCHITECTURE) >= wanted
    text = ARCHITECTURE.read_text(encoding="utf-8")
    for flow in ("Enrichment Pipeline → [HTTP] → Admin API", "InfluxDB → [Query] → Admin API"):
        assert flow in text


# plan: 8.3
def test_the_runbook_has_what_the_plan_asks_for() -> None:
    assert headings(RUNBOOK) >= {"Check the connection", "Common problems", "The switch", "Roll back"}
    text = RUNBOOK.read_text(encoding="utf-8")
    for command in (
        "kubectl set env deployment/admin-api USE_INFLUXDB_STATS=false",
        "kubectl rollout undo deployment/admin-api",
        "export INFLUXDB_ROLLOUT_PERCENT=0",
        "git checkout <previous-tag>",
    ):
        assert command in text
