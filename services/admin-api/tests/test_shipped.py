"""Locating the files of a release."""

from __future__ import annotations

from pathlib import Path

import pytest
from admin_api import shipped
from admin_api.alerts.rules import rules_of_the_release
from admin_api.settings import AdminApiSettings

ROOT = Path(__file__).parents[3]


def test_in_a_checkout_they_are_at_their_place(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DASHBOARD_DIR", raising=False)
    assert rules_of_the_release() == ROOT / "infrastructure" / "alert-rules.yaml"
    assert AdminApiSettings().dashboard_dir == ROOT / "services" / "health-dashboard" / "dist"  # type: ignore[call-arg]


def test_an_installed_package_looks_into_itself_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    package = ROOT / ".venv" / "lib" / "python3.11" / "site-packages" / "admin_api"
    assert shipped.checkout(package) is None
    monkeypatch.setattr(shipped, "_PACKAGE", package)
    monkeypatch.setattr(shipped, "checkout", lambda: None)
    assert shipped.shipped("docs/runbooks", "alerts/runbooks") == package / "alerts" / "runbooks"
