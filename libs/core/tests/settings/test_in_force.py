"""The settings in force as they may be shown."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest
from ha_ingestor_core.settings.home_assistant import HomeAssistantSettings
from ha_ingestor_core.settings.in_force import SettingInForce, SettingSource, settings_in_force
from ha_ingestor_core.settings.loading import load_settings
from ha_ingestor_core.settings.service import LogSettings


@dataclass(frozen=True)
class Settings:
    """Two groups."""

    home_assistant: HomeAssistantSettings
    log: LogSettings


@pytest.fixture(autouse=True)
def nothing_set(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    for variable in ("HA_URL", "HA_TOKEN", "HA_HOME", "LOG_LEVEL", "LOG_FORMAT"):
        monkeypatch.delenv(variable, raising=False)


def shown() -> dict[str, SettingInForce]:
    return {setting.variable: setting for setting in settings_in_force([load_settings(Settings)])}


def test_a_secret_is_masked_and_said_to_be_one(monkeypatch: pytest.MonkeyPatch) -> None:
    assert (shown()["HA_TOKEN"].value, shown()["HA_TOKEN"].is_secret) == (None, True)
    monkeypatch.setenv("HA_URL", "http://user:hunter2@ha:8123")
    monkeypatch.setenv("HA_TOKEN", "very-secret")
    assert (shown()["HA_TOKEN"].value, shown()["HA_TOKEN"].is_secret) == ("********", True)
    assert shown()["HA_URL"].value == "http://…@ha:8123"


def test_each_says_where_it_comes_from(monkeypatch: pytest.MonkeyPatch) -> None:
    Path(".env").write_text("HA_HOME=cabin\nLOG_LEVEL=DEBUG\nLOG_FORMAT=\n", encoding="utf-8")
    monkeypatch.setenv("LOG_LEVEL", "ERROR")
    sources = {variable: (setting.value, setting.source) for variable, setting in shown().items()}
    assert sources["HA_HOME"] == ("cabin", SettingSource.ENV_FILE)
    assert sources["LOG_LEVEL"] == ("ERROR", SettingSource.ENVIRONMENT)
    assert sources["LOG_FORMAT"] == ("auto", SettingSource.DEFAULT)


def test_a_secret_from_a_file_says_so(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_text("very-secret", encoding="utf-8")
    monkeypatch.setenv("HA_URL", "http://ha:8123")
    monkeypatch.setenv("HA_TOKEN_FILE", str(file))
    assert (shown()["HA_TOKEN"].value, shown()["HA_TOKEN"].source) == ("********", SettingSource.FILE)


def test_each_names_its_group_in_words() -> None:
    assert shown()["LOG_LEVEL"].group == "Logging"
    assert "Home Assistant" in shown()["HA_URL"].group
