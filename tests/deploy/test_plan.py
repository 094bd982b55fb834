"""docs/plan.md names the existing tests, and the plan's commands find them."""

from __future__ import annotations

import os
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from scripts import generate_plan

ROOT = Path(__file__).parents[2]
SERVICE = ROOT / "services" / "admin-api"
COMMANDS = [
    "pytest tests/test_influxdb_client.py -v",
    "pytest tests/test_stats_endpoints_refactored.py -v",
    "pytest tests/integration/ -m integration -v",
    "pytest tests/performance/ -m performance -v",
    "pytest tests/ -v --cov=src --cov-report=html",
]


def test_the_page_is_what_the_tests_say() -> None:
    text = generate_plan.PAGE.read_text(encoding="utf-8")
    assert text == generate_plan.page(generate_plan.traced()), "run: .venv/bin/python scripts/generate_plan.py"


def test_a_row_that_loses_its_test_is_an_error() -> None:
    left = [test for test in generate_plan.traced() if "6.2" not in test.rows]
    with pytest.raises(ValueError, match=r"rows without a test: \['6.2'\]"):
        generate_plan.page(left)


@pytest.mark.parametrize("row", ["9.9", "sign-qa"])
def test_a_test_of_a_row_that_no_test_can_hold_is_an_error(row: str) -> None:
    wrong = generate_plan.Traced((row,), "tests/test_x.py", "test_x")
    with pytest.raises(ValueError, match=rf"not for tests: \['{row}'\]"):
        generate_plan.page([*generate_plan.traced(), wrong])


def test_a_marker_needs_a_test_behind_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(generate_plan, "ROOT", tmp_path)
    (tmp_path / "tests").mkdir()
    file = tmp_path / "tests" / "test_x.py"
    file.write_text("# plan: 2.1\n@decorated\nasync def test_x() -> None: ...\n")
    assert generate_plan.traced() == [generate_plan.Traced(("2.1",), "tests/test_x.py", "test_x")]
    file.write_text("# plan: 2.1\n")
    with pytest.raises(ValueError, match=r"tests/test_x.py: no test after the marker of 2.1"):
        generate_plan.traced()


# plan: 6.4
@pytest.mark.parametrize("command", COMMANDS)
def test_the_plans_commands_find_their_tests(command: str) -> None:
    found = subprocess.run(
        [sys.executable, "-m", *command.split(), "--collect-only", "-q", "-p", "no:cacheprovider", "--no-cov"],
        cwd=SERVICE,
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert found.returncode == 0, found.stdout + found.stderr
    assert ("test_stats_query_performance[" in found.stdout) == ("performance" in command or command == COMMANDS[-1])


# plan: 6-criteria-coverage, success-coverage
def test_less_coverage_than_the_plan_wants_fails() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    assert project["tool"]["coverage"]["report"]["fail_under"] > 80
