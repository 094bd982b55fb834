"""The newest warnings and errors of each service."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterator

import pytest
import structlog
from ha_ingestor_core.logging.log_ring import MOST_BYTES, MOST_LINES, MOST_OF_ONE_EVENT, LogRing, logging_as
from ha_ingestor_core.logging.setup import configure_logging
from ha_ingestor_core.redaction import remember_secret
from ha_ingestor_core.settings.service import LogFormat, LogLevel, LogSettings

SERVICE = "websocket-ingestion"


@pytest.fixture
def ring(monkeypatch: pytest.MonkeyPatch) -> Iterator[LogRing]:
    root = logging.getLogger()
    handlers, level = root.handlers, root.level
    ring = LogRing()
    monkeypatch.setattr("ha_ingestor_core.logging.setup.RECENT", ring)
    configure_logging(LogSettings(level=LogLevel.INFO, format=LogFormat.JSON))
    yield ring
    root.handlers, root.level = handlers, level
    structlog.reset_defaults()


def _log(name: str = "websocket_ingestion.connection.socket") -> structlog.stdlib.BoundLogger:
    logger: structlog.stdlib.BoundLogger = structlog.wrap_logger(logging.getLogger(name))
    return logger


def test_warnings_and_errors_are_kept_with_their_fields(ring: LogRing) -> None:
    _log().info("quiet")
    _log().warning("connection_lost", home="cabin", retry_in_s=5)
    try:
        raise ValueError("half a frame")
    except ValueError:
        _log().exception("frame_unreadable")
    lines = ring.lines(SERVICE)
    assert [(line.level, line.event, line.message) for line in lines] == [
        ("warning", "connection_lost", "home=cabin retry_in_s=5"),
        ("error", "frame_unreadable", "ValueError: half a frame"),
    ]


def test_no_line_shows_a_secret(ring: LogRing) -> None:
    remember_secret("correct horse battery")
    token = "eyJhbGciOiJIUzI1NiJ9.eyJpc3MiOiIxIn0.signature"
    _log().warning("refused", url="http://me:hunter2@host/", header=f"Bearer {token}", password="correct horse battery")
    text = str(ring.lines(SERVICE))
    for secret in ("hunter2", token, "correct horse battery"):
        assert secret not in text


def test_the_address_of_a_client_stays_in_the_log(ring: LogRing) -> None:
    _log("admin_api.security.guard").warning("token_unknown", address="192.0.2.7")
    assert [(line.event, line.message) for line in ring.lines("admin-api")] == [("token_unknown", "")]


async def test_what_shared_libraries_log_belongs_to_the_service_that_began_it(ring: LogRing) -> None:
    async def background() -> None:
        logging.getLogger("a.library").warning("old %s", "style")

    with logging_as("enrichment-pipeline"):
        task = asyncio.create_task(background())
    with logging_as("admin-api"):
        _log("ha_ingestor_core.tasks").error("task_failed")
        _log().error("ours")
    await task
    names = {each: [line.event for line in ring.lines(each)] for each in (SERVICE, "enrichment-pipeline", "admin-api")}
    assert names == {SERVICE: ["ours"], "enrichment-pipeline": ["old style"], "admin-api": ["task_failed"]}


def test_a_shared_line_names_its_service(ring: LogRing) -> None:
    with logging_as("admin-api"):
        _log("ha_ingestor_core.reporting.service_reporter").warning(
            "service_metrics_write_failed", service=SERVICE, key="away"
        )
    assert [line.message for line in ring.lines(SERVICE)] == ["key=away"]


def test_a_line_of_no_service_is_not_kept(ring: LogRing) -> None:
    logging.getLogger("a.library").warning("whose is this")
    assert [ring.lines(each) for each in (SERVICE, "enrichment-pipeline", "admin-api")] == [[], [], []]


def test_number_and_bytes_are_bounded_and_the_newest_stay(ring: LogRing) -> None:
    for number in range(3 * MOST_LINES):
        _log().warning(f"event {number}")
    lines = ring.lines(SERVICE)
    assert (len(lines), lines[-1].event) == (MOST_LINES, f"event {3 * MOST_LINES - 1}")
    for number in range(MOST_LINES):
        _log().warning(f"long {number}", text="é" * 5_000)
    lines = ring.lines(SERVICE)
    assert sum(line.size for line in lines) <= MOST_BYTES
    assert lines[-1].event == f"long {MOST_LINES - 1}"


def test_an_event_that_repeats_leaves_room_for_others(ring: LogRing) -> None:
    _log().warning("once")
    for number in range(100):
        _log().warning("again", number=number)
    lines = ring.lines(SERVICE)
    assert (lines[0].event, len(lines), lines[-1].message) == ("once", 1 + MOST_OF_ONE_EVENT, "number=99")
