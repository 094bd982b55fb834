"""Remarks on settings, in check-config and at start."""

from __future__ import annotations

from pathlib import Path

import pytest
from ha_ingestor import cli
from ha_ingestor.settings.remarks import settings_remarks
from typer.testing import CliRunner

HOME = "HA_URL=http://ha:8123\nHA_TOKEN=t\n"


@pytest.fixture(autouse=True)
def folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def remarks(folder: Path, text: str) -> dict[str, str]:
    (folder / ".env").write_text(text, encoding="utf-8")
    return {remark.variable: remark.message for remark in settings_remarks()}


def test_good_settings_are_not_remarked_on(folder: Path) -> None:
    more = "HA_HOMES=cabin\nHA_URL_CABIN=http://c\nHA_TOKEN_CABIN=t\nINFLUXDB_URL=http://Influx:8086/\n"
    assert remarks(folder, HOME + more) == {}


def test_an_unknown_name_is_named_with_the_nearest_known_one(folder: Path) -> None:
    found = remarks(folder, "HA_TOKN=t\nLOG_LVL=DEBUG\nMY_OWN=1\n")
    assert "Did you mean HA_TOKEN?" in found["HA_TOKN"]
    assert "Did you mean LOG_LEVEL?" in found["LOG_LVL"]
    assert "Did you mean" not in found["MY_OWN"]


def test_the_variables_of_a_home_that_is_not_named_are_unknown(folder: Path) -> None:
    found = remarks(folder, "HA_URL_CABIN=http://c\n")
    assert found == {"HA_URL_CABIN": "in .env belongs to a home that HA_HOMES does not name"}


def test_in_the_environment_only_a_near_name_is_a_typo(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HA_TOKN", "t")
    monkeypatch.setenv("INFLUXDB_PORT", "tcp://10.0.0.1:8086")  # as containers that are linked have it
    assert set(remarks(folder, "")) == {"HA_TOKN"}


def test_a_line_that_is_ignored_is_named(folder: Path) -> None:
    assert remarks(folder, "LOG_LEVEL=INFO\nHA TOKEN: x\n") == {
        ".env": "line 2 is not of the form NAME=value and is ignored"
    }


def test_an_address_that_was_shortened_is_told_without_its_password(folder: Path) -> None:
    text = "HA_URL=ws://me:pass@ha:8123/lovelace/0\nHA_TOKEN=t\n"
    (message,) = remarks(folder, text).values()
    assert "pass" not in message
    assert message.startswith("ws://…@ha:8123/lovelace/0 is used as http://…@ha:8123")


def test_check_config_shows_the_remarks(folder: Path) -> None:
    (folder / ".env").write_text("HA_TOKN=t\n")
    result = CliRunner().invoke(cli.app, ["check-config"], env={"COLUMNS": "200"})
    assert result.exit_code == 0
    assert "Did you mean HA_TOKEN?" in result.output


def test_check_config_names_a_file_in_another_encoding(folder: Path) -> None:
    (folder / ".env").write_bytes("HA_HOME=hütte\n".encode("utf-16"))
    result = CliRunner().invoke(cli.app, ["check-config"], env={"COLUMNS": "200"})
    assert result.exit_code == 4
    assert "1 invalid setting" in result.output
    assert ".env: is not UTF-8" in result.output
