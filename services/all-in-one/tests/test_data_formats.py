"""Roles and commands do not change the data of a later release."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from ha_ingestor import cli
from ha_ingestor.commands import run as run_command
from ha_ingestor.data_formats import FORMATS
from ha_ingestor.roles import SERVICES, Role
from ha_ingestor_core.files.data_format import FILE
from ha_ingestor_store.embedded.file.migrations import SCHEMA_VERSION, prepare, schema_in
from ha_ingestor_store.embedded.file.store_file import FILE_NAME
from typer.testing import CliRunner, Result

ENVIRONMENT = {"HA_URL": "http://127.0.0.1:1", "HA_TOKEN": "t", "INTERNAL_TOKEN": "0123456789abcdef"}


@pytest.fixture
def data_dir(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of a service, with a file that everybody may read and a restore that was not decided."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(run_command, "configure_logging", lambda _: None)
    folder = tmp_path / "data"
    (folder / "restore.new").mkdir(parents=True)
    (folder / "filters.json").write_text("{}")
    (folder / "filters.json").chmod(0o644)
    return folder


def invoke(data_dir: Path, *arguments: str) -> Result:
    environment = {"TERM": "dumb", "DATA_DIR": str(data_dir), **ENVIRONMENT}
    return CliRunner().invoke(cli.app, arguments, env=environment)


def contents(folder: Path) -> dict[str, tuple[int, int, bytes]]:
    """Every file and folder: its rights, when it was changed, and what it holds."""
    return {
        str(path.relative_to(folder)): (path.stat().st_mode, path.stat().st_mtime_ns, _read(path))
        for path in [folder, *folder.rglob("*")]
    }


def _read(path: Path) -> bytes:
    return path.read_bytes() if path.is_file() else b""


def later_data_of(service: str) -> Callable[[Path], None]:
    def write(folder: Path) -> None:
        (folder / FILE).write_text(json.dumps({service: FORMATS[service] + 1}))

    return write


def later_store(folder: Path) -> None:
    prepare(folder / FILE_NAME)
    with closing(sqlite3.connect(folder / FILE_NAME)) as connection:
        connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION + 1}")
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


CASES = [(role, service, later_data_of(service)) for role in Role for service in SERVICES[role]]
STORE = [(role, "store", later_store) for role in Role]


@pytest.mark.parametrize(("role", "what", "write"), [*CASES, *STORE], ids=lambda each: getattr(each, "value", each))
def test_no_role_starts_on_data_of_a_later_release_and_every_file_stays(
    data_dir: Path, role: Role, what: str, write: Callable[[Path], None]
) -> None:
    write(data_dir)
    before = contents(data_dir)
    result = invoke(data_dir, "run", role.value)
    (line,) = [line for line in result.output.splitlines() if line.strip()]
    assert (result.exit_code, line.partition(":")[0]) == (1, "data_dir_newer")
    assert what in line
    assert "runbook data_dir_newer" in line
    assert contents(data_dir) == before


@pytest.mark.parametrize(("role", "what", "write"), [*CASES, *STORE], ids=lambda each: getattr(each, "value", each))
def test_data_is_checked_without_a_start(data_dir: Path, role: Role, what: str, write: Callable[[Path], None]) -> None:
    before = contents(data_dir)
    assert invoke(data_dir, "check-data", role.value).exit_code == 0
    assert contents(data_dir) == before
    write(data_dir)
    before = contents(data_dir)
    result = invoke(data_dir, "check-data", role.value)
    assert (result.exit_code, result.output.partition(":")[0]) == (1, "data_dir_newer")
    assert what in result.output
    assert contents(data_dir) == before


@pytest.mark.parametrize("command", [("tokens", "create", "me"), ("tokens", "list"), ("link",)], ids=" ".join)
def test_no_command_changes_tokens_of_a_later_release(data_dir: Path, command: tuple[str, ...]) -> None:
    later_data_of("admin-api")(data_dir)
    before = contents(data_dir)
    assert "data_dir_newer" in invoke(data_dir, *command).output
    assert contents(data_dir) == before


def test_a_service_of_its_own_does_not_care_for_the_others(data_dir: Path) -> None:
    later_data_of("websocket-ingestion")(data_dir)
    assert invoke(data_dir, "tokens", "create", "me").exit_code == 0


def test_the_schema_is_read_without_opening_the_database(tmp_path: Path) -> None:
    prepare(tmp_path / FILE_NAME)
    assert schema_in(tmp_path / FILE_NAME) == SCHEMA_VERSION
    assert [path.name for path in tmp_path.iterdir()] == [FILE_NAME]
    (tmp_path / "other").write_text("something")
    assert schema_in(tmp_path / "other") == schema_in(tmp_path / "none") == 0
