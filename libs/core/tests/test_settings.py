"""Settings from the environment, and the one report of all that is wrong with them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest
from ha_ingestor_core.errors import InvalidSettingsError
from ha_ingestor_core.settings import (
    HomeAssistantSettings,
    LogFormat,
    LogLevel,
    LogSettings,
    ServiceSettings,
    load_settings,
)


@dataclass(frozen=True)
class ExampleSettings:
    home_assistant: HomeAssistantSettings
    service: ServiceSettings
    log: LogSettings


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("HA_URL", "HA_TOKEN", "HA_HOME", "LOG_LEVEL", "LOG_FORMAT", "INSTANCE", "INTERNAL_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)


def test_everything_has_a_default_that_works_at_home() -> None:
    settings = load_settings(ExampleSettings)
    assert settings.home_assistant.url is None
    assert settings.service.instance


def test_a_dotenv_file_is_read_and_the_environment_beats_it(monkeypatch: pytest.MonkeyPatch) -> None:
    Path(".env").write_text("HA_HOME=cabin\nLOG_LEVEL=ERROR\nHA_URL=\n", encoding="utf-8")
    monkeypatch.setenv("LOG_LEVEL", "DEBUG")
    settings = load_settings(ExampleSettings)
    assert settings.home_assistant.home == "cabin"
    assert settings.log.level is LogLevel.DEBUG
    assert settings.home_assistant.url is None


def test_every_wrong_setting_is_reported_at_once_by_its_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HA_URL", "homeassistant.local")
    monkeypatch.setenv("HA_HOME", "demo")
    monkeypatch.setenv("LOG_LEVEL", "LOUD")
    monkeypatch.setenv("INTERNAL_TOKEN", "short")
    with pytest.raises(InvalidSettingsError) as caught:
        load_settings(ExampleSettings)
    problems = caught.value.detail["problems"]
    assert {p.variable for p in problems} == {"HA_URL", "HA_HOME", "LOG_LEVEL", "INTERNAL_TOKEN"}
    assert all(p.expected for p in problems)


@pytest.mark.parametrize(
    ("variable", "value", "problem"),
    [("HA_URL", "http://ha:8123", "is not set, but HA_URL is"), ("HA_TOKEN", "t", "is set, but HA_URL is not")],
)
def test_an_address_and_a_token_come_together(
    monkeypatch: pytest.MonkeyPatch, variable: str, value: str, problem: str
) -> None:
    monkeypatch.setenv(variable, value)
    with pytest.raises(InvalidSettingsError) as caught:
        load_settings(ExampleSettings)
    assert [(p.variable, p.problem) for p in caught.value.detail["problems"]] == [("HA_TOKEN", problem)]


def test_a_secret_is_never_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HA_URL", "http://ha:8123")
    monkeypatch.setenv("HA_TOKEN", "very-secret-token")
    monkeypatch.setenv("INTERNAL_TOKEN", "tooshort")
    with pytest.raises(InvalidSettingsError) as caught:
        load_settings(ExampleSettings)
    assert "tooshort" not in str(caught.value)
    monkeypatch.delenv("INTERNAL_TOKEN")
    assert "very-secret-token" not in repr(load_settings(ExampleSettings))


def test_a_group_can_be_replaced() -> None:
    log = LogSettings(level=LogLevel.ERROR, format=LogFormat.JSON)
    assert load_settings(ExampleSettings, log=log).log is log
