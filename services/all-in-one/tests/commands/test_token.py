"""`ha-ingestor token set` with a demo home."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from dotenv import dotenv_values
from ha_ingestor.cli import app
from ha_ingestor.demo_home import DemoHome
from typer.testing import CliRunner, Result


@pytest.fixture
async def home() -> AsyncIterator[DemoHome]:
    home = DemoHome(history_hours=0.01)
    await home.start()
    yield home
    await home.stop()


@pytest.fixture
def env(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, home: DemoHome) -> Path:
    monkeypatch.chdir(tmp_path)
    for variable in ("HA_URL", "HA_TOKEN", "HA_HOMES", "HA_TOKEN_CABIN"):
        monkeypatch.delenv(variable, raising=False)
    path = tmp_path / ".env"
    path.write_text(f"HA_URL={home.url}\nHA_TOKEN=revoked\nHA_HOMES=cabin\nHA_URL_CABIN={home.url}\nHA_TOKEN_CABIN=b\n")
    path.chmod(0o644)
    return path


async def run(*arguments: str, given: str) -> Result:
    return await asyncio.to_thread(lambda: CliRunner().invoke(app, ["token", "set", *arguments], given))


async def test_the_token_is_tried_and_written_for_the_owner_alone(env: Path, home: DemoHome) -> None:
    result = await run(given=f"{home.token}\n")
    assert result.exit_code == 0, result.output
    assert dotenv_values(env)["HA_TOKEN"] == home.token
    assert dotenv_values(env)["HA_TOKEN_CABIN"] == "b"
    assert env.stat().st_mode & 0o777 == 0o600
    assert home.token not in result.output


async def test_a_further_home_has_a_token_of_its_own(env: Path, home: DemoHome) -> None:
    result = await run("--home", "cabin", given=home.token)
    assert result.exit_code == 0, result.output
    assert (dotenv_values(env)["HA_TOKEN_CABIN"], dotenv_values(env)["HA_TOKEN"]) == (home.token, "revoked")


async def test_a_token_that_is_refused_is_not_written(env: Path) -> None:
    before = env.read_text()
    result = await run(given="wrong")
    assert result.exit_code == 1
    assert "auth_invalid" in result.output
    assert env.read_text() == before


async def test_home_assistant_can_be_away_when_it_is_not_asked(env: Path, home: DemoHome) -> None:
    await home.stop()
    assert (await run(given="later")).exit_code == 3
    assert (await run("--no-check", given="later")).exit_code == 0
    assert dotenv_values(env)["HA_TOKEN"] == "later"


@pytest.mark.parametrize(
    ("arguments", "given", "said"),
    [
        ((), " \n", "No token on standard input"),
        (("--home", "lake"), "t", "must be one of home, cabin"),
        (("--no-check",), "7f3 9ae", "HA_TOKEN must consist of ASCII letters"),
    ],
)
async def test_what_is_wrong_is_said(env: Path, arguments: tuple[str, ...], given: str, said: str) -> None:
    result = await run(*arguments, given=given)
    assert result.exit_code == 2
    assert said in result.output


async def test_a_token_of_the_environment_is_not_shadowed_in_vain(env: Path, monkeypatch: Any) -> None:
    monkeypatch.setenv("HA_TOKEN", "of the environment")
    result = await run(given="new")
    assert result.exit_code == 2
    assert "takes precedence" in result.output


async def test_the_first_token_can_be_set_so(env: Path, home: DemoHome) -> None:
    env.write_text(f"HA_URL={home.url}\n")
    result = await run(given=home.token)
    assert result.exit_code == 0, result.output
    assert env.read_text() == f"HA_URL={home.url}\nHA_TOKEN={home.token}\n"


async def test_a_token_in_a_file_of_its_own_is_changed_there(env: Path, monkeypatch: Any, tmp_path: Path) -> None:
    (tmp_path / "token").write_text("t")
    monkeypatch.setenv("HA_TOKEN_FILE", str(tmp_path / "token"))
    result = await run(given="new")
    assert result.exit_code == 2
    assert str(tmp_path / "token") in result.output
