"""Which store and which rejected events the commands open."""

from __future__ import annotations

from pathlib import Path

import pytest
from ha_ingestor import cli, local_data
from ha_ingestor_core.errors import TerminalError
from ha_ingestor_store.embedded.file.store_file import FILE_NAME
from ha_ingestor_store.settings import StoreSettings
from typer.testing import CliRunner, Result


def invoke(*arguments: str, **environment: str) -> Result:
    return CliRunner().invoke(cli.app, arguments, env={"TERM": "dumb", "COLUMNS": "80", **environment})


@pytest.fixture(autouse=True)
def empty_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)


def test_where_nothing_was_captured_no_store_is_made(tmp_path: Path) -> None:
    for arguments, told in ((("gaps",), "contains no store"), (("rejected", "list"), "contains no rejected.sqlite3")):
        result = invoke(*arguments)
        assert result.exit_code == 1
        assert told in result.output
    assert not (tmp_path / "data").exists()


def test_homes_without_a_first_one_are_no_demo_home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    for variable, value in {"HA_HOMES": "cabin", "HA_URL_CABIN": "http://cabin:8123", "HA_TOKEN_CABIN": "t"}.items():
        monkeypatch.setenv(variable, value)
    (tmp_path / "data" / "demo").mkdir(parents=True)
    (tmp_path / "data" / "demo" / FILE_NAME).touch()
    assert local_data.local_store_settings().data_dir == Path("data")


@pytest.mark.parametrize(("token", "bucket"), [("a secret of the services", "events"), ("", "events_demo")])
def test_gaps_are_those_of_the_home_where_a_service_runs_alone(
    token: str, bucket: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    async def open_store(settings: StoreSettings) -> None:
        asked.append(settings.influxdb_bucket)
        raise TerminalError("that is enough")

    monkeypatch.setattr(local_data, "open_store", open_store)
    invoke("gaps", INTERNAL_TOKEN=token, INFLUXDB_URL="http://192.0.2.1:8086", INFLUXDB_BUCKET="events")
    assert asked == [bucket]
