"""Generated documents are up to date, and what documents name exists."""

from __future__ import annotations

import re
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest
from ha_ingestor.settings.reference import env_example, markdown

from scripts import generate_metrics, generate_requirements
from tests.deploy.containers import kept_files

ROOT = Path(__file__).parents[2]
READMES = [*ROOT.glob("libs/*/README.md"), *ROOT.glob("services/*/README.md"), *ROOT.glob("*/README.md")]
DOCUMENTS = [*sorted(ROOT.glob("*.md")), *sorted({*(ROOT / "docs").rglob("*.md"), *READMES})]


def test_env_example_is_what_the_settings_say() -> None:
    text = (ROOT / "infrastructure" / "env.example").read_text(encoding="utf-8")
    assert text == env_example(), "run: make docs"


# plan: 2.3
def test_env_example_has_the_plans_variables() -> None:
    text = (ROOT / "infrastructure" / "env.example").read_text(encoding="utf-8")
    names = set(re.findall(r"^([A-Z_]+)=", text, re.MULTILINE))
    assert names >= {"INFLUXDB_URL", "INFLUXDB_TOKEN", "INFLUXDB_ORG", "INFLUXDB_BUCKET"}
    assert {"USE_INFLUXDB_STATS", "INFLUXDB_ROLLOUT_PERCENT"} <= names


def test_settings_reference_is_what_the_settings_say() -> None:
    text = (ROOT / "docs" / "reference" / "settings.md").read_text(encoding="utf-8")
    assert text == markdown(), "run: make docs"


def test_metrics_reference_is_what_the_metrics_say() -> None:
    text = generate_metrics.PAGE.read_text(encoding="utf-8")
    assert text == generate_metrics.page(generate_metrics.metrics()), "run: make docs"


# plan: 2.1
def test_the_admin_apis_pins_are_those_of_the_lock() -> None:
    text = generate_requirements.PINNED.read_text(encoding="utf-8")
    assert text == generate_requirements.pinned(), "run: .venv/bin/python scripts/generate_requirements.py"
    assert "influxdb-client==" in text
    assert not re.search(r"https?://|--(extra-)?index-url", text)


# plan: 2.1
def test_the_admin_apis_requirements_are_what_its_packages_depend_on() -> None:
    packages = [ROOT / "services/admin-api/src", *ROOT.glob("libs/*/src")]
    code = "".join(path.read_text(encoding="utf-8") for package in packages for path in package.rglob("*.py"))
    imported = {name for module, (name, *_) in packages_distributions().items() if _is_imported(module, code)}
    used = {re.sub("[_.]", "-", name.lower()) for name in imported} | {"httptools"}  # imported by uvicorn
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    dependencies = {re.split("[^a-z-]", dependency)[0] for dependency in project["dependencies"]}
    lines = generate_requirements.WANTED.read_text(encoding="utf-8").splitlines()
    named = {re.split("[^a-z-]", line)[0] for line in lines if line and not line.startswith("#")}
    assert named == used & dependencies


def _is_imported(module: str, code: str) -> bool:
    return bool(re.search(rf"^\s*(?:from|import) {re.escape(module)}\b", code, re.MULTILINE))


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_link_of_a_document_leads_somewhere(document: Path) -> None:
    text = document.read_text(encoding="utf-8")
    links = [*re.findall(r"\]\(([^)#]+)[^)]*\)", text), *re.findall(r"\b(?:src|srcset)=\"([^\"]+)\"", text)]
    missing = [link for link in links if "://" not in link and not (document.parent / link).exists()]
    assert missing == []


def test_every_make_target_of_the_documents_exists() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    named = {t for d in DOCUMENTS for t in re.findall(r"`make ([a-z-]+)`", d.read_text(encoding="utf-8"))}
    assert named - targets == set()


def test_no_lock_file_names_an_address() -> None:
    for lock in (
        ROOT / "requirements.lock",
        ROOT / "services" / "admin-api" / "requirements-prod.txt",
        *ROOT.glob("services/*/package-lock.json"),
        *ROOT.glob("tests/*/package-lock.json"),
    ):
        assert not re.search(r'(--index-url|"resolved"|https?://[^"\s]*(registry|pypi))', lock.read_text("utf-8"))


def test_nothing_that_was_built_or_is_secret_is_kept() -> None:
    unwanted = re.compile(r"(^|/)(\.env|dist/|node_modules/|__pycache__/|.*\.sqlite3)")
    assert [path for path in kept_files() if unwanted.search(path)] == []


def test_config_yaml_is_a_name_for_home_assistant_apps_alone() -> None:
    found = [
        p
        for p in ROOT.glob("**/config.y*ml")
        if not {"node_modules", ".venv", ".venv-homeassistant", ".github"} & set(p.parts)
    ]
    assert [p for p in found if "home-assistant-app" not in p.parts] == []
