"""The settings of the Admin API."""

from __future__ import annotations

from pathlib import Path

import pytest
from admin_api.settings import Settings
from ha_ingestor_core.errors import InvalidSettingsError
from ha_ingestor_core.settings.loading import load_settings


@pytest.fixture(autouse=True)
def elsewhere(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)  # no .env
    for variable in ("ADMIN_API_HOST", "ADMIN_API_PORT", "DASHBOARD_DIR", "WEBSOCKET_INGESTION_URL"):
        monkeypatch.delenv(variable, raising=False)


def test_defaults_listen_on_this_machine_only() -> None:
    settings = load_settings(Settings)
    assert (settings.admin_api.host, settings.admin_api.port) == ("127.0.0.1", 8003)


def test_dashboard_is_found_in_the_checkout() -> None:
    assert load_settings(Settings).admin_api.dashboard_dir.parts[-3:] == ("services", "health-dashboard", "dist")


def test_wrong_settings_are_reported_together(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ADMIN_API_PORT", "80000")
    monkeypatch.setenv("WEBSOCKET_INGESTION_URL", "localhost:8001")
    with pytest.raises(InvalidSettingsError) as wrong:
        load_settings(Settings)
    assert {problem.variable for problem in wrong.value.detail["problems"]} == {
        "ADMIN_API_PORT",
        "WEBSOCKET_INGESTION_URL",
    }
