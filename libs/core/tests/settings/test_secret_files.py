"""Secrets in files that the environment names."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest
from ha_ingestor_core.errors import InvalidSettingsError
from ha_ingestor_core.settings.env_file import CurrentToken
from ha_ingestor_core.settings.home_assistant import HomeAssistantSettings
from ha_ingestor_core.settings.loading import load_settings
from ha_ingestor_core.settings.service import ServiceSettings
from pydantic import SecretStr


@dataclass(frozen=True)
class Example:
    home_assistant: HomeAssistantSettings
    service: ServiceSettings


@pytest.fixture(autouse=True)
def folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HA_URL", "http://ha:8123")
    monkeypatch.setenv("HA_TOKEN_FILE", str(tmp_path / "token"))
    return tmp_path


def test_a_secret_is_read_from_its_file_without_the_line_end(folder: Path) -> None:
    (folder / "token").write_text("a $(secret) 'quoted' \"twice\"\r\n")
    token = load_settings(Example).home_assistant.token
    assert token is not None
    assert token.get_secret_value() == "a $(secret) 'quoted' \"twice\""


def test_the_file_beats_dotenv(folder: Path) -> None:
    (folder / "token").write_text("of the file")
    (folder / ".env").write_text("HA_TOKEN=of dotenv\n")
    token = load_settings(Example).home_assistant.token
    assert token is not None
    assert token.get_secret_value() == "of the file"


@pytest.mark.parametrize("content", [None, "", "\n", "\udcff\udcfe"])
def test_a_file_without_a_secret_is_a_named_problem_beside_the_others(
    folder: Path, content: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    if content is not None:
        (folder / "token").write_bytes(content.encode("utf-8", "surrogateescape"))
    monkeypatch.setenv("INTERNAL_TOKEN", "short")
    with pytest.raises(InvalidSettingsError) as caught:
        load_settings(Example)
    assert {problem.variable for problem in caught.value.detail["problems"]} == {"HA_TOKEN_FILE", "INTERNAL_TOKEN"}


def test_a_secret_given_twice_is_a_named_problem(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "token").write_text("t")
    monkeypatch.setenv("HA_TOKEN", "secret-of-the-environment")
    with pytest.raises(InvalidSettingsError, match="HA_TOKEN_FILE: must not be set together with HA_TOKEN") as caught:
        load_settings(Example)
    assert "secret-of-the-environment" not in str(caught.value)


def test_a_file_that_changes_is_read_again(folder: Path) -> None:
    (folder / "token").write_text("old\n")
    current = CurrentToken(SecretStr("old"), "HA_TOKEN")
    assert current.read() == "old"
    (folder / "token").write_text("a new one\n")
    assert current.read() == "a new one"
    (folder / "token").write_text("")
    assert current.read() == "a new one"
