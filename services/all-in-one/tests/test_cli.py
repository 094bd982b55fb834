"""The `ha-ingestor` command and its options."""

from __future__ import annotations

from pathlib import Path

import pytest
from ha_ingestor import cli
from ha_ingestor.commands import run as run_command
from ha_ingestor.roles import ROLES, Role
from ha_ingestor.settings.reference import env_example
from ha_ingestor_core.errors import StoreRefusedError
from typer.testing import CliRunner, Result


@pytest.fixture(autouse=True)
def empty_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(run_command, "configure_logging", lambda _: None)


def invoke(*arguments: str, **environment: str) -> Result:
    return CliRunner().invoke(cli.app, arguments, env={"TERM": "dumb", "COLUMNS": "200", **environment})


def test_help_names_every_command_and_role() -> None:
    text = invoke("--help").output
    assert all(command in text for command in ("run", "check-config", "doctor", "copy", "demo-home"))
    assert all(role.value in invoke("run", "--help").output for role in Role)


def test_every_wrong_setting_is_listed_at_once_with_what_was_expected() -> None:
    result = invoke(
        "check-config", HA_URL="ftp://ha", LOG_LEVEL="LOUD", ADMIN_API_PORT="99999", INFLUXDB_URL="influx:8086"
    )
    assert result.exit_code == 4
    for variable in ("HA_URL", "LOG_LEVEL", "ADMIN_API_PORT", "INFLUXDB_URL"):
        (line,) = [line for line in result.output.splitlines() if line.strip().startswith(variable)]
        assert "Expected: " in line
    assert "4 invalid settings" in result.output


def test_settings_in_force_are_shown_without_secrets() -> None:
    result = invoke("check-config", HA_URL="http://ha:8123", HA_TOKEN="very-secret")
    assert result.exit_code == 0
    assert "http://ha:8123" in result.output
    assert "very-secret" not in result.output


@pytest.mark.parametrize("role", list(Role))
def test_no_role_runs_on_wrong_settings(role: Role) -> None:
    result = invoke("run", role.value, LOG_LEVEL="LOUD")
    assert result.exit_code == 1
    assert "LOG_LEVEL" in result.output


@pytest.mark.parametrize("arguments", [[], ["--data-dir", "elsewhere"], ["run"]])
def test_without_a_command_or_a_role_everything_runs(arguments: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    ran = []
    monkeypatch.setenv("DATA_DIR", "data")  # which the option replaces for the whole process
    monkeypatch.setattr(run_command, "run_until_signalled", lambda build, **_: ran.append(build))
    result = invoke(*arguments)
    assert result.exit_code == 0, result.output
    assert ran == [ROLES[Role.ALL]]


def test_every_setting_is_described_as_in_the_file_for_env() -> None:
    result = invoke("check-config", "--describe", LOG_LEVEL="LOUD")
    assert result.exit_code == 0
    assert result.output == env_example()


def test_capturing_alone_needs_a_home_assistant() -> None:
    result = invoke("run", "websocket-ingestion")
    assert result.exit_code == 1
    assert "HA_URL" in result.output
    assert "HA_TOKEN" in result.output


def test_an_error_is_told_by_its_key_without_a_traceback(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise StoreRefusedError("events.sqlite3 [a] is damaged")

    monkeypatch.setattr(run_command, "run_until_signalled", refuse)
    result = invoke("run", "all")
    assert result.exit_code == 1
    assert "store_refused: events.sqlite3 [a] is damaged" in result.output
    assert "Traceback" not in result.output


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--from", "soon"], "--from must be a time between"),
        (["--from", "2026-01-02", "--to", "2026-01-01"], "from must be a time before to"),
        (["--from", "2026-01-02", "--to", "2199-01-01"], "to must be a time that has passed"),
    ],
)
def test_a_backfill_of_a_wrong_time_is_refused(arguments: list[str], words: str) -> None:
    result = invoke("backfill", *arguments)
    assert result.exit_code == 2
    assert words in result.output


def test_a_backfill_without_an_ingestor_says_how_to_start_it() -> None:
    result = invoke("backfill", "--from", "2026-01-01", ADMIN_API_PORT="1")
    assert result.exit_code == 3
    assert "did not answer" in result.output
    assert "ha-ingestor run all" in result.output


def test_a_copy_says_to_stop_the_ingestor_first() -> None:
    assert "Stop HA Ingestor first" in invoke("copy", "--help").output


def test_a_store_is_not_copied_to_itself() -> None:
    result = invoke("copy", "--from", "embedded", "--to", "embedded")
    assert result.exit_code == 2
    assert "must differ from --from" in result.output


def test_only_known_stores_are_copied() -> None:
    result = invoke("copy", "--from", "embedded", "--to", "postgres")
    assert result.exit_code == 2
    assert "influxdb" in result.output


def test_a_copy_to_influxdb_needs_its_address() -> None:
    result = invoke("copy", "--from", "embedded", "--to", "influxdb")
    assert result.exit_code == 1
    assert "INFLUXDB_URL is not set" in result.output


def test_the_doctor_finds_nothing_wrong_where_nothing_is_configured() -> None:
    result = invoke("doctor")
    assert result.exit_code == 0
    assert "No problems found" in result.output


def test_the_doctor_ends_with_4_where_something_is_wrong(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "events.sqlite3").write_text("no database" * 100, encoding="utf-8")
    result = invoke("doctor")
    assert result.exit_code == 4
    assert "✗" in result.output


def test_two_homes_of_one_name_are_found_before_a_start() -> None:
    more = {"HA_HOMES": "cabin", "HA_URL_CABIN": "http://c:8123", "HA_TOKEN_CABIN": "t"}
    result = invoke("check-config", HA_URL="http://ha:8123", HA_TOKEN="t", HA_HOME="cabin", **more)
    assert result.exit_code == 4
    assert "HA_HOMES: names cabin, as HA_HOME does" in result.output


def test_the_doctor_looks_at_homes_without_a_first_one() -> None:
    more = {"HA_HOMES": "cabin", "HA_URL_CABIN": "http://127.0.0.1:1", "HA_TOKEN_CABIN": "t"}
    result = invoke("doctor", **more)
    assert result.exit_code == 4
    assert "http://127.0.0.1:1 did not answer" in result.output
    assert "HA_URL_CABIN" in result.output
