"""The run-time lock equals the tested versions, without linters and test tools; no lock has an address."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ALL, RUN = (ROOT / name for name in ("requirements.lock", "requirements-run.lock"))


def pins(lock: Path) -> dict[str, str]:
    """Return each package with version and hashes; a development tool may be needed on more platforms."""
    text = "\n".join(
        line for line in lock.read_text(encoding="utf-8").splitlines() if not line.lstrip().startswith("#")
    )
    text = re.sub(r" ; [^\\\n]+", " ", text)
    return {entry.split("==")[0]: entry.strip() for entry in re.split(r"\n(?=\w)", text) if "==" in entry}


def test_running_installs_what_is_tested() -> None:
    tested, run = pins(ALL), pins(RUN)
    assert run.items() <= tested.items()
    assert {"aiohttp", "fastapi", "typer", "hatchling"} <= run.keys()


def test_running_installs_no_tools_of_development() -> None:
    assert not {"mypy", "ruff", "pytest", "hypothesis", "playwright", "schemathesis", "uv"} & pins(RUN).keys()


@pytest.mark.parametrize("lock", [ALL, RUN], ids=lambda path: path.name)
def test_no_lock_names_an_address(lock: Path) -> None:
    assert "://" not in lock.read_text(encoding="utf-8")
