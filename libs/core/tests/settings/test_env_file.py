"""`.env`, read again and changed in place."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from dotenv import dotenv_values
from ha_ingestor_core.errors import InvalidInputError
from ha_ingestor_core.settings.env_file import CurrentToken, set_in_env_file
from pydantic import SecretStr

BEFORE = "# mine\n\nHA_URL=http://ha:8123\nHA_TOKEN='old one' # since May\nHA_TOKEN_CABIN=cabin\n\nLOG_LEVEL=DEBUG\n"


@pytest.fixture
def env(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("HA_TOKEN", raising=False)
    return tmp_path / ".env"


def test_only_the_one_variable_changes(env: Path) -> None:
    env.write_text(BEFORE)
    set_in_env_file(env, {"HA_TOKEN": "new"})
    assert env.read_text() == BEFORE.replace("HA_TOKEN='old one' # since May", "HA_TOKEN=new")


def test_several_variables_are_set_at_once(env: Path) -> None:
    env.write_text(BEFORE)
    set_in_env_file(env, {"HA_TOKEN": "new", "HA_HOME": "cabin"})
    assert dotenv_values(env)["HA_TOKEN"] == "new"
    assert env.read_text().endswith("LOG_LEVEL=DEBUG\nHA_HOME=cabin\n")


@pytest.mark.parametrize("before", ["", "LOG_LEVEL=DEBUG", "export HA_TOKEN=a\nHA_TOKEN=b\n", "\ufeffHA_TOKEN=a\r\n"])
def test_the_value_is_what_is_read_then(env: Path, before: str) -> None:
    env.write_text(before, encoding="utf-8")
    set_in_env_file(env, {"HA_TOKEN": "abc.def-_"})
    assert dotenv_values(env)["HA_TOKEN"] == "abc.def-_"
    assert env.read_text().count("HA_TOKEN") == 1


def test_the_file_is_made_and_for_its_owner_alone(env: Path) -> None:
    set_in_env_file(env, {"HA_TOKEN": "new"})
    assert env.stat().st_mode & 0o777 == 0o600
    env.chmod(0o644)
    set_in_env_file(env, {"HA_TOKEN": "newer"})
    assert env.stat().st_mode & 0o777 == 0o600


def test_a_link_stays_a_link(env: Path, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").write_text(BEFORE)
    env.symlink_to(tmp_path / "elsewhere")
    set_in_env_file(env, {"HA_TOKEN": "new"})
    assert env.is_symlink()
    assert dotenv_values(tmp_path / "elsewhere")["HA_TOKEN"] == "new"


@pytest.mark.parametrize("value", ["", "two words", "a\nB=c", "a#b", "ä", "$HOME"])
def test_a_value_that_would_be_read_as_another_is_refused(env: Path, value: str) -> None:
    env.write_text(BEFORE)
    with pytest.raises(InvalidInputError):
        set_in_env_file(env, {"HA_TOKEN": value})
    assert env.read_text() == BEFORE


def test_a_file_in_another_encoding_is_refused_and_stays(env: Path) -> None:
    env.write_bytes("HA_HOME=hütte\n".encode("latin-1"))
    with pytest.raises(InvalidInputError, match="UTF-8"):
        set_in_env_file(env, {"HA_TOKEN": "new"})
    assert env.read_bytes() == "HA_HOME=hütte\n".encode("latin-1")


def test_the_token_is_that_of_the_file_as_it_is_now(env: Path) -> None:
    token = CurrentToken(SecretStr("first"), "HA_TOKEN")
    assert token.read() == "first"
    env.write_text("HA_TOKEN= second \n")
    assert token.read() == "second"
    env.write_bytes(b"\xff\xfe")
    assert token.read() == "second"
    env.unlink()
    assert token.read() == "second"


def test_the_environment_comes_before_the_file(env: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(os.environ, "HA_TOKEN", "of the environment")
    env.write_text("HA_TOKEN=of the file\n")
    assert CurrentToken(SecretStr("of the environment"), "HA_TOKEN").read() == "of the environment"


def test_a_token_without_a_variable_stays(env: Path) -> None:
    env.write_text("HA_TOKEN=of the file\n")
    assert CurrentToken(SecretStr("the demo home's"), None).read() == "the demo home's"
