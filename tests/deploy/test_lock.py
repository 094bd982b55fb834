"""What running installs is what was tested, without linters and test tools; no lock names an address."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ALL, RUN = (ROOT / name for name in ("requirements.lock", "requirements-run.lock"))


def pins(lock: Path) -> dict[str, str]:
    """Each package with its version and hashes; a tool of development may need one on more systems."""
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
