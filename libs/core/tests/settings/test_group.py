"""Settings from the environment, and the one report of all that is wrong with them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest
from ha_ingestor_core.errors import InvalidSettingsError
from ha_ingestor_core.settings.home_assistant import HomeAssistantSettings
from ha_ingestor_core.settings.loading import load_settings
from ha_ingestor_core.settings.service import LogFormat, LogLevel, LogSettings, ServiceSettings


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


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "latin-1"])
def test_a_dotenv_file_in_another_encoding_is_one_named_problem(encoding: str) -> None:
    Path(".env").write_bytes("HA_HOME=hütte\nLOG_LEVEL=LOUD\n".encode(encoding))
    with pytest.raises(InvalidSettingsError) as caught:
        load_settings(ExampleSettings)
    (problem,) = caught.value.detail["problems"]
    assert problem.variable == ".env"
    assert "UTF-8" in problem.problem


def test_a_folder_in_place_of_the_dotenv_file_is_a_named_problem() -> None:
    Path(".env").mkdir()
    with pytest.raises(InvalidSettingsError, match=r"\.env: cannot be read: Is a directory"):
        load_settings(ExampleSettings)


def test_a_file_of_a_secret_that_only_the_dotenv_file_names_is_a_named_problem() -> None:
    Path(".env").write_text("HA_URL=http://ha:8123\nHA_TOKEN=a-token\nHA_TOKEN_FILE=/run/secrets/token\n")
    with pytest.raises(InvalidSettingsError) as caught:
        load_settings(ExampleSettings)
    (problem,) = caught.value.detail["problems"]
    assert (problem.variable, problem.problem) == ("HA_TOKEN_FILE", "has no effect in .env")


def test_a_group_alone_raises_the_same() -> None:
    Path(".env").write_bytes(b"\xff\xfe")
    with pytest.raises(InvalidSettingsError, match="UTF-8"):
        LogSettings()  # type: ignore[call-arg]


def test_a_byte_order_mark_is_no_part_of_a_name() -> None:
    Path(".env").write_text("\ufeffHA_HOME=cabin\n", encoding="utf-8")
    assert load_settings(ExampleSettings).home_assistant.home == "cabin"


def test_white_space_around_a_value_is_no_part_of_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HA_URL", " http://ha:8123\r\n")
    monkeypatch.setenv("HA_TOKEN", "a-token\n")
    monkeypatch.setenv("INTERNAL_TOKEN", "\tsixteen characters or more \n")
    monkeypatch.setenv("LOG_LEVEL", " ")
    settings = load_settings(ExampleSettings)
    assert settings.home_assistant.token is not None
    assert settings.home_assistant.token.get_secret_value() == "a-token"
    assert settings.service.internal_token is not None
    assert settings.service.internal_token.get_secret_value() == "sixteen characters or more"
    assert settings.log.level is LogLevel.INFO


def test_a_secret_over_several_lines_is_a_named_problem(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HA_URL", "http://ha:8123")
    monkeypatch.setenv("HA_TOKEN", "first half\nsecond half")
    with pytest.raises(InvalidSettingsError) as caught:
        load_settings(ExampleSettings)
    assert [problem.variable for problem in caught.value.detail["problems"]] == ["HA_TOKEN"]
    assert "half" not in str(caught.value)


@pytest.mark.parametrize("wrong", ["http://[::1", "http://ha:70000", "http://", "http://a..b"])
def test_an_address_that_cannot_be_read_is_a_named_problem(monkeypatch: pytest.MonkeyPatch, wrong: str) -> None:
    monkeypatch.setenv("HA_URL", wrong)
    monkeypatch.setenv("HA_TOKEN", "t")
    with pytest.raises(InvalidSettingsError) as caught:
        load_settings(ExampleSettings)
    assert [problem.variable for problem in caught.value.detail["problems"]] == ["HA_URL"]
