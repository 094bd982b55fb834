"""Exit codes, global options, output formats, and the imports of the help."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from ha_ingestor import cli
from ha_ingestor.console import output
from ha_ingestor.console.output import Format
from typer.testing import CliRunner, Result

HEAVY = ("aiohttp", "fastapi", "pydantic", "influxdb_client", "admin_api", "websocket_ingestion", "sqlite3", "apprise")
COMMAND = Path(sys.executable).parent / "ha-ingestor"


@pytest.fixture(autouse=True)
def _apart(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(output, "_format", Format.TEXT)


def invoke(*arguments: str, **environment: str) -> Result:
    return CliRunner().invoke(cli.app, arguments, env={"TERM": "dumb", **environment})


def run(folder: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    variables = {"PATH": "/usr/bin:/bin", "HOME": str(folder), **environment}
    return subprocess.run(
        [COMMAND, *arguments], cwd=folder, env=variables, capture_output=True, text=True, timeout=60, check=False
    )


@pytest.mark.parametrize("arguments", [["--help"], ["--version"]])
def test_help_loads_nothing_heavy(arguments: list[str]) -> None:
    program = (
        "import sys\nfrom ha_ingestor.cli import app\n"
        f"try:\n    app({arguments!r})\nexcept SystemExit:\n    pass\n"
        f"print(sorted(set({HEAVY!r}) & set(sys.modules)))"
    )
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=True)
    assert ran.stdout.splitlines()[-1] == "[]"


def test_the_version_is_printed() -> None:
    assert invoke("--version").output.startswith("ha-ingestor 0.")


def test_every_command_of_the_table_is_there_and_described() -> None:
    for name in cli.Commands.table:
        help_ = invoke(name, "--help")
        assert help_.exit_code == 0, help_.output
        assert f"ha-ingestor {name}" in " ".join(help_.output.split()) or f"root {name}" in help_.output


def test_a_wrong_setting_ends_every_command_without_a_traceback() -> None:
    for arguments in (["tokens", "list"], ["gaps"], ["filters", "show"], ["doctor"], ["run", "all"], ["backup", "x"]):
        result = invoke(*arguments, INFLUXDB_URL="influx:8086")
        assert result.exit_code == 1, arguments
        assert "INFLUXDB_URL" in result.output
        assert isinstance(result.exception, SystemExit)


async def test_an_answer_of_another_program_is_an_error_with_advice(tmp_path: Path) -> None:
    async def hello(request: web.Request) -> web.Response:
        return web.Response(text="<html>It works!</html>")

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", hello)
    async with TestServer(app) as server:
        for command in (["filters", "show"], ["alerts"]):
            loop_result = await _in_thread(tmp_path, *command, ADMIN_API_PORT=str(server.port))
            assert loop_result.returncode == 1, loop_result.stderr
            assert loop_result.stderr.startswith("service_refused: ")
            assert "Traceback" not in loop_result.stderr


async def _in_thread(folder: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    import asyncio

    return await asyncio.to_thread(run, folder, *arguments, **environment)


def test_errors_for_programs_have_the_shape_of_the_api(tmp_path: Path) -> None:
    ran = run(tmp_path, "filters", "show", "--output", "json", ADMIN_API_PORT="1")
    assert (ran.returncode, ran.stdout) == (3, "")
    assert json.loads(ran.stderr)["error"]["key"] == "service_unavailable"


def test_a_wrong_option_is_wrong_usage(tmp_path: Path) -> None:
    assert run(tmp_path, "gaps", "--nonsense").returncode == 2
    assert run(tmp_path, "gaps", "--start", "soon").returncode == 2
    assert run(tmp_path, "--env-file", "missing", "gaps").returncode == 2


def test_the_data_folder_and_the_env_file_can_be_given(tmp_path: Path) -> None:
    (tmp_path / "other.env").write_text("HA_URL=http://other:8123\nHA_TOKEN=token\n", encoding="utf-8")
    ran = run(tmp_path, "check-config", "--output", "json", "--data-dir", "elsewhere", "--env-file", "other.env")
    settings = json.loads(ran.stdout)["settings"]
    assert settings["DATA_DIR"] == "elsewhere"
    assert settings["HA_URL"] == "http://other:8123"


def test_off_a_terminal_nothing_is_wrapped_or_coloured(tmp_path: Path) -> None:
    long = "x" * 300
    ran = run(tmp_path, "tokens", "create", "a", "--data-dir", long)
    assert ran.returncode == 1  # too long for a file name
    ran = run(tmp_path, "check-config", HA_URL="http://ha:8123", HA_TOKEN="t", DATA_DIR=f"{long[:200]}/{long[:200]}")
    assert f"{long[:200]}/{long[:200]}" in ran.stdout
    assert "\x1b" not in ran.stdout + ran.stderr


def test_the_documentation_lists_every_command_and_exit_code() -> None:
    text = (Path(__file__).parents[4] / "docs" / "commands.md").read_text(encoding="utf-8")
    for name, lazy in cli.Commands.table.items():
        assert f"| `{name}` | {lazy.help} |" in text
    for code in output.ExitCode:
        assert f"\n| {code.value} | " in text
