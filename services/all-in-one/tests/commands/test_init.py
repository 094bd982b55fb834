"""`ha-ingestor init` with a demo home, with and without a terminal."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from dotenv import dotenv_values
from ha_ingestor.cli import app
from ha_ingestor.commands import init as init_command
from ha_ingestor.console import output
from ha_ingestor.console.output import Format
from ha_ingestor.demo_home import DemoHome
from typer.testing import CliRunner, Result


@pytest.fixture
async def home() -> AsyncIterator[DemoHome]:
    home = DemoHome(history_hours=0.01)
    await home.start()
    yield home
    await home.stop()


@pytest.fixture(autouse=True)
def env(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(output, "_format", Format.TEXT)
    for variable in ("HA_URL", "HA_TOKEN", "HA_TOKEN_FILE", "HA_CA_FILE", "HA_VERIFY_TLS", "DATA_DIR"):
        monkeypatch.delenv(variable, raising=False)
    return tmp_path / ".env"


async def run(*arguments: str, given: str = "") -> Result:
    """The command with `given` on standard input."""
    return await asyncio.to_thread(lambda: CliRunner().invoke(app, ["init", *arguments], given))


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let standard input pass for a terminal, where each line answers a question."""
    monkeypatch.setattr(init_command, "_is_terminal", lambda: True)


# --- without a terminal


async def test_address_and_token_are_written_for_the_owner_alone(env: Path, home: DemoHome) -> None:
    result = await run("--url", home.url, given=f"{home.token}\n")
    assert result.exit_code == 0, result.output
    assert dotenv_values(env) == {"HA_URL": home.url, "HA_TOKEN": home.token}
    assert env.stat().st_mode & 0o777 == 0o600
    assert home.token not in result.output


async def test_the_answer_for_programs_is_one_document(env: Path, home: DemoHome) -> None:
    result = await run("--output", "json", "--url", home.url, given=home.token)
    answer = json.loads(result.stdout)
    assert (answer["file"], answer["url"]) == (str(env), home.url)
    assert answer["home_assistant"]


@pytest.mark.parametrize(
    ("arguments", "given", "code", "said"),
    [
        ([], "token", 2, "--url is required"),
        (["--url", "http://ha:8123"], "\n", 2, "No token on standard input"),
        (["--url", "http://ha:port"], "token", 2, "The address has an invalid port"),
        (["--url", "http://127.0.0.1:1"], "token", 3, "home_assistant_unreachable"),
        (["--url", "http://ha:8123", "--ca-file", "missing.pem"], "token", 2, "must be a file of certificates"),
    ],
)
async def test_what_is_wrong_is_said_and_nothing_written(
    env: Path, arguments: list[str], given: str, code: int, said: str
) -> None:
    result = await run(*arguments, given=given)
    assert result.exit_code == code, result.output
    assert said in result.output
    assert not env.exists()


async def test_a_file_in_another_encoding_is_named_and_left_alone(env: Path) -> None:
    env.write_bytes("HA_HOME=café".encode("latin-1"))
    result = await run("--url", "http://ha:8123", "--no-check", given="token")
    assert result.exit_code == 1, result.output
    assert "is not UTF-8" in result.output
    assert env.read_bytes() == b"HA_HOME=caf\xe9"


async def test_a_refused_token_is_not_written(env: Path, home: DemoHome) -> None:
    result = await run("--url", home.url, given="wrong")
    assert result.exit_code == 1
    assert "auth_invalid" in result.output
    assert not env.exists()


async def test_home_assistant_can_be_away_where_nothing_is_tried(env: Path) -> None:
    result = await run("--no-check", "--url", "http://127.0.0.1:1", given="later")
    assert result.exit_code == 0, result.output
    assert dotenv_values(env)["HA_TOKEN"] == "later"


async def test_what_is_set_is_replaced_only_where_that_is_allowed(env: Path, home: DemoHome) -> None:
    before = "# mine\nHA_URL=http://old:8123\nHA_TOKEN=old\nLOG_LEVEL=DEBUG\n"
    env.write_text(before)
    result = await run("--url", home.url, given=home.token)
    assert (result.exit_code, env.read_text()) == (2, before)
    assert "--overwrite" in result.output
    assert (await run("--overwrite", "--url", home.url, given=home.token)).exit_code == 0
    assert env.read_text() == f"# mine\nHA_URL={home.url}\nHA_TOKEN={home.token}\nLOG_LEVEL=DEBUG\n"


@pytest.mark.parametrize("variable", ["HA_URL", "HA_TOKEN", "HA_CA_FILE", "HA_VERIFY_TLS"])
async def test_a_setting_of_the_environment_is_not_shadowed_in_vain(
    env: Path, monkeypatch: pytest.MonkeyPatch, variable: str
) -> None:
    monkeypatch.setenv(variable, "of the environment")
    result = await run("--url", "http://ha:8123", given="new")
    assert result.exit_code == 2
    assert f"The environment sets {variable}, which takes precedence" in result.output
    assert not env.exists()


async def test_where_no_file_can_be_written_it_says_so_before_it_asks(
    env: Path, home: DemoHome, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "access", lambda path, mode: path != env.parent)  # root may write everywhere
    result = await run("--url", home.url, given=home.token)
    assert result.exit_code == 2
    assert f"{env} cannot be written." in result.output.replace("\n", " ")
    assert "In a container, set HA_URL and HA_TOKEN" in result.output.replace("\n", " ")


# --- on a terminal


@pytest.mark.usefixtures("terminal")
async def test_what_is_wrong_is_asked_for_again(env: Path, home: DemoHome) -> None:
    answers = ["ftp://ha", "http://127.0.0.1:1", "wrong", home.url, "", "wrong", home.token]
    result = await run(given="\n".join(answers) + "\n")
    assert result.exit_code == 0, result.output
    assert "The address must start with http:// or https://" in result.output
    assert "home_assistant_unreachable: http://127.0.0.1:1 did not answer" in result.output
    assert "auth_invalid: Home Assistant refused the token" in result.output
    assert "This token was already refused" in result.output
    assert dotenv_values(env) == {"HA_URL": home.url, "HA_TOKEN": home.token}


@pytest.mark.usefixtures("terminal")
async def test_an_address_is_taken_as_people_write_it(env: Path, home: DemoHome) -> None:
    result = await run(given=f"{home.url.removeprefix('http://')}/lovelace/0\n{home.token}\n")
    assert result.exit_code == 0, result.output
    assert dotenv_values(env)["HA_URL"] == home.url


@pytest.mark.usefixtures("terminal")
async def test_a_refused_token_is_sent_once(env: Path, home: DemoHome) -> None:
    result = await run("--url", home.url, given=f"wrong\nwrong\nwrong\n{home.token}\n")
    assert result.exit_code == 0, result.output
    assert result.output.count("auth_invalid") == 1


@pytest.mark.usefixtures("terminal")
async def test_nothing_is_replaced_without_asking(env: Path, home: DemoHome) -> None:
    env.write_text("HA_URL=http://me:secret@old:8123\nHA_TOKEN=old\n")
    result = await run(given="n\n")
    assert result.exit_code == 1
    assert "No changes were made" in result.output
    assert "secret" not in result.output
    assert dotenv_values(env)["HA_TOKEN"] == "old"
    assert (await run(given=f"y\n{home.url}\n{home.token}\n")).exit_code == 0
    assert dotenv_values(env)["HA_TOKEN"] == home.token


async def test_another_program_is_no_home_assistant(env: Path) -> None:
    async with TestServer(web.Application()) as server:
        result = await run("--url", f"http://127.0.0.1:{server.port}", given="token")
    assert result.exit_code == 3
    assert "answered 404. Check that the address is that of Home Assistant" in result.output
    assert not env.exists()
