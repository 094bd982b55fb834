"""Log lines."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator

import pytest
import structlog
from ha_ingestor_core.log import configure_logging
from ha_ingestor_core.settings import LogFormat, LogLevel, LogSettings


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
