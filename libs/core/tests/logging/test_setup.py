"""Log lines."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator

import pytest
import structlog
from ha_ingestor_core.logging.setup import configure_logging
from ha_ingestor_core.settings.service import LogFormat, LogLevel, LogSettings


@pytest.fixture(autouse=True)
def restored_logging() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers, root.level
    yield
    root.handlers, root.level = handlers, level
    structlog.reset_defaults()


def test_json_lines_hold_the_event_and_its_fields(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging(LogSettings(level=LogLevel.INFO, format=LogFormat.JSON))
    structlog.get_logger().info("connected", home="Küche")
    logging.getLogger("a.library").warning("old %s", "style")
    ours, theirs = (json.loads(line) for line in capsys.readouterr().err.splitlines())
    assert (ours["event"], ours["home"], ours["level"]) == ("connected", "Küche", "info")
    assert theirs["event"] == "old style"


def test_lines_below_the_level_are_left_out(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging(LogSettings(level=LogLevel.WARNING, format=LogFormat.CONSOLE))
    structlog.get_logger().info("quiet")
    structlog.get_logger().warning("loud")
    written = capsys.readouterr().err
    assert "loud" in written
    assert "quiet" not in written


@pytest.mark.parametrize("form", [LogFormat.JSON, LogFormat.CONSOLE])
def test_what_looks_like_a_secret_is_in_no_line(form: LogFormat, capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging(LogSettings(level=LogLevel.INFO, format=form))
    token = "hai_" + "x1_-" * 10
    headers = {"authorization": f"Bearer {token}", "password": "only-in-a-variable"}
    try:
        raise ValueError(f"refused: {headers['authorization']} at http://user:hunter2@host/")
    except ValueError:
        structlog.get_logger().exception("failed", given=token)
        logging.getLogger("a.library").exception("failed with %s", token)
    written = capsys.readouterr().err
    assert "refused" in written
    for secret in (token, "hunter2", "only-in-a-variable"):
        assert secret not in written


def test_a_line_of_json_stays_one(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging(LogSettings(level=LogLevel.INFO, format=LogFormat.JSON))
    structlog.get_logger().info("reported", header="Bearer abc.def", url="http://a:b@host", other="x@y")
    line = json.loads(capsys.readouterr().err)
    assert (line["header"], line["url"], line["other"]) == ("Bearer …", "http://…@host", "x@y")
