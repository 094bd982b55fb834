"""Further homes by their variables."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest
from ha_ingestor_core.errors import InvalidSettingsError
from ha_ingestor_core.settings.home_assistant import HomeAssistantSettings
from ha_ingestor_core.settings.homes import FurtherHome, HomesSettings
from ha_ingestor_core.settings.loading import load_settings
from ha_ingestor_core.settings.tls import Tls
from pydantic import SecretStr


@dataclass(frozen=True)
class Example:
    home_assistant: HomeAssistantSettings
    homes: HomesSettings


@pytest.fixture(autouse=True)
def nothing_around(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("HA_URL", "HA_TOKEN", "HA_HOME", "HA_HOMES"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)


def test_there_are_none_by_default() -> None:
    assert load_settings(Example).homes.homes() == []


def test_each_name_has_variables_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    Path(".env").write_text("HA_HOMES=cabin, lake-house,\nHA_URL_CABIN=http://cabin:8123/\n", encoding="utf-8")
    monkeypatch.setenv("HA_TOKEN_CABIN", "one")
    monkeypatch.setenv("HA_URL_LAKE_HOUSE", "https://lake")
    monkeypatch.setenv("HA_TOKEN_LAKE_HOUSE", "two")
    assert load_settings(Example).homes.homes() == [
        FurtherHome("cabin", "http://cabin:8123", SecretStr("one"), "HA_URL_CABIN", "HA_TOKEN_CABIN"),
        FurtherHome("lake-house", "https://lake", SecretStr("two"), "HA_URL_LAKE_HOUSE", "HA_TOKEN_LAKE_HOUSE"),
    ]


def test_all_problems_are_reported_together_by_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HA_URL", "homeassistant.local")
    monkeypatch.setenv("HA_HOMES", "cabin,lake,Lake,demo,a-b,a_b")
    monkeypatch.setenv("HA_URL_CABIN", "cabin")
    monkeypatch.setenv("HA_URL_A_B", "http://a")
    monkeypatch.setenv("HA_TOKEN_A_B", "t")
    with pytest.raises(InvalidSettingsError) as caught:
        load_settings(Example)
    problems = [(problem.variable, problem.problem) for problem in caught.value.detail["problems"]]
    assert [variable for variable, _ in problems] == [
        "HA_URL",
        "HA_URL_CABIN",
        "HA_TOKEN_CABIN",
        "HA_URL_LAKE",
        "HA_TOKEN_LAKE",
        "HA_HOMES",
        "HA_HOMES",
        "HA_HOMES",
    ]
    assert "Lake is not a valid name" in problems[5][1]
    assert "demo is reserved for the demo home" in problems[6][1]
    assert "a_b has the same variables as another home" in problems[7][1]
    assert all(problem.expected for problem in caught.value.detail["problems"])


def test_no_token_is_in_a_message(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HA_HOMES", "cabin")
    monkeypatch.setenv("HA_TOKEN_CABIN", "the-secret")
    with pytest.raises(InvalidSettingsError) as caught:
        load_settings(Example)
    assert "the-secret" not in str(caught.value)


def test_each_home_verifies_certificates_by_settings_of_its_own(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    ca = tmp_path / "ca.pem"
    more = {"HA_URL_CABIN": "https://cabin", "HA_TOKEN_CABIN": "t", "HA_CA_FILE_CABIN": str(ca)}
    for variable, value in more.items():
        monkeypatch.setenv(variable, value)
    further = HomesSettings.model_validate({"HA_HOMES": "cabin"})
    assert [problem.variable for problem in further.problems()] == ["HA_CA_FILE_CABIN"]
    monkeypatch.setenv("HA_VERIFY_TLS_CABIN", "false")
    (home,) = further.homes()
    assert home.tls == Tls(ca, verify=False)
