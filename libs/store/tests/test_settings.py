"""The settings of the store, as the dialects are given them."""

from __future__ import annotations

from pathlib import Path

import pytest
from ha_ingestor_store.settings import StoreSettings


@pytest.fixture(autouse=True)
def empty_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)


def settings(**values: str) -> StoreSettings:
    return StoreSettings.model_validate(values)


def test_user_and_password_beside_a_token_are_a_named_problem() -> None:
    for token in ("INFLUXDB_TOKEN", "INFLUXDB_WRITE_TOKEN"):
        (problem,) = settings(INFLUXDB_URL="http://me:secret@influx:8086", **{token: "t"}).problems()
        assert problem.variable == "INFLUXDB_URL"
        assert "secret" not in str(problem)


def test_user_and_password_alone_are_the_token_of_1x() -> None:
    found = settings(INFLUXDB_URL="http://me:pass%40word@influx:8086")
    assert found.problems() == []
    assert (found.influx().url, found.influx().token) == ("http://influx:8086", "me:pass@word")


def test_a_token_with_the_line_end_of_its_file_is_the_token() -> None:
    found = settings(INFLUXDB_URL="http://influx:8086", INFLUXDB_TOKEN="t\n", INFLUXDB_WRITE_TOKEN=" w\r\n").influx()
    assert (found.token, found.write_token) == ("t", "w")
