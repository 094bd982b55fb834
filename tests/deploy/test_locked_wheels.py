"""Every locked run-time release has a wheel for the supported processors and Pythons."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.deploy.distribution import ROOT, UV

LOCK = ROOT / "requirements-run.lock"
PLATFORMS = ("x86_64-manylinux_2_28", "aarch64-manylinux_2_28")
"""Of Debian 10 and later, and of the 64-bit Raspberry Pi OS."""

pytestmark = pytest.mark.full  # the package index is queried over the network


def missing_wheels(lock: Path, target: Path, platform: str, python: str) -> str:
    """Return uv's error for a lock that cannot be installed from wheels with the locked hashes; empty if it can."""
    options = ["--dry-run", "--require-hashes", "--only-binary", ":all:", "--target", str(target), "-r", str(lock)]
    command = [str(UV), "pip", "install", *options, "--python-platform", platform, "--python-version", python]
    ran = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    return ran.stderr if ran.returncode else ""


@pytest.mark.parametrize("python", ["3.11", "3.12", "3.13", "3.14"])
@pytest.mark.parametrize("platform", PLATFORMS)
def test_every_locked_release_has_a_wheel(tmp_path: Path, platform: str, python: str) -> None:
    assert missing_wheels(LOCK, tmp_path, platform, python) == ""


def test_a_release_without_a_wheel_is_found(tmp_path: Path) -> None:
    lock = tmp_path / "requirements.lock"
    lock.write_text("docopt==0.6.2 --hash=sha256:49b3a825280bd66b3aa83585ef59c4a8c82f2c8a522dbe754a8bc8d08c85c491\n")
    assert "docopt==0.6.2" in missing_wheels(lock, tmp_path, PLATFORMS[0], "3.11")
