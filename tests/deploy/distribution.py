"""Builds wheel and sdist of this release for the tests of this folder."""

from __future__ import annotations

import os
import subprocess
import sys
import tarfile
from pathlib import Path
from zipfile import ZipFile

import pytest

ROOT = Path(__file__).parents[2]
DASHBOARD = ROOT / "services" / "health-dashboard" / "dist"
UV = Path(sys.executable).parent / "uv"


def build(project: Path, out: Path, *options: str) -> subprocess.CompletedProcess[str]:
    """Build a project as `make package` does, in an environment without make and Node."""
    return subprocess.run(
        [
            UV,
            "build",
            "--no-build-isolation",
            "--python",
            sys.executable,
            "--out-dir",
            str(out),
            *options,
            str(project),
        ],
        env=without_tools(),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def without_tools(**variables: str) -> dict[str, str]:
    """Return an environment whose only programs are those of the tests' virtual environment."""
    kept = {name: value for name, value in os.environ.items() if name in ("HOME", "LANG", "TMPDIR")}
    kept |= {name: value for name, value in os.environ.items() if name.startswith(("UV_", "SSL_", "HTTP", "ALL_PROXY"))}
    return {**kept, "PATH": str(UV.parent), **variables}


def need_dashboard() -> None:
    """Skip the test with a message if the dashboard is not built; with CI=true fail."""
    if (DASHBOARD / "index.html").is_file():
        return
    if os.environ.get("CI") == "true":
        pytest.fail("the dashboard has not been built: run make build")
    pytest.skip("the dashboard has not been built: run make build")


def names_in(archive: Path) -> set[str]:
    """Return the files of a wheel, or those of an sdist below its folder."""
    if archive.suffix == ".whl":
        with ZipFile(archive) as wheel:
            return set(wheel.namelist())
    with tarfile.open(archive) as sdist:
        return {member.name.partition("/")[2] for member in sdist if member.isfile()}
