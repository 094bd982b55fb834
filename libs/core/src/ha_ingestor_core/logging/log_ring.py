"""The newest warnings and errors of each service of this process, bounded in number and in bytes, without secrets."""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from msgspec import Struct

from ha_ingestor_core.clock import NS_PER_S, ns_to_rfc3339
from ha_ingestor_core.redaction import without_secrets

SERVICES = ("websocket-ingestion", "enrichment-pipeline", "admin-api")
MOST_LINES = 50
MOST_BYTES = 16 * 1024
MOST_OF_ONE_EVENT = 10
"""A line that repeats must not push out all others."""

_LONGEST_EVENT = 200
_LONGEST_MESSAGE = 1_000
_NO_MESSAGE = frozenset({"event", "level", "timestamp", "exc_info", "stack_info", "service"})
_PRIVATE = frozenset({"address"})
"""Fields that stay in the log: who sent a wrong token is for readers of the audit log."""

_service: ContextVar[str | None] = ContextVar("logging_service", default=None)


class LogLine(Struct, frozen=True):
    """A warning or an error: the event's constant name, and its fields as text."""

    time: str
    level: str
    event: str
    message: str

    @property
    def size(self) -> int:
        """Its bytes."""
        return len(self.event.encode()) + len(self.message.encode())


@contextmanager
def logging_as(service: str) -> Iterator[None]:
    """Attribute what shared libraries log here, and in tasks that are begun here, to a service."""
    token = _service.set(service)
    try:
        yield
    finally:
        _service.reset(token)


class LogRing(logging.Handler):
    """Keeps lines by service: that of the module that logs, else that of the `service` field or of `logging_as`.

    A line that belongs to no service is not kept.
    """

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self._lines: dict[str, deque[LogLine]] = {}

    def emit(self, record: logging.LogRecord) -> None:
        """Keep one line."""
        try:
            fields = record.msg if isinstance(record.msg, dict) else {"event": record.getMessage()}
            service = _service_of(record.name, fields)
            if service is not None:
                _keep(self._lines.setdefault(service, deque()), _line(record, fields))
        except Exception:  # as of any handler: logging must not break what it reports
            self.handleError(record)

    def lines(self, service: str) -> list[LogLine]:
        """The lines of a service, oldest first."""
        self.acquire()
        try:
            return list(self._lines.get(service, ()))
        finally:
            self.release()


RECENT = LogRing()
"""That of this process; `configure_logging` fills it."""


def _service_of(logger: str, fields: Mapping[str, Any]) -> str | None:
    candidates = (logger.partition(".")[0].replace("_", "-"), fields.get("service"), _service.get())
    return next((each for each in candidates if each in SERVICES), None)


def _line(record: logging.LogRecord, fields: Mapping[str, Any]) -> LogLine:
    told = [f"{name}={value}" for name, value in fields.items() if name not in _NO_MESSAGE | _PRIVATE]
    error = record.exc_info or fields.get("exc_info")
    if isinstance(error, tuple) and error[1] is not None:
        told.append(f"{type(error[1]).__name__}: {error[1]}")
    return LogLine(
        time=ns_to_rfc3339(round(record.created * NS_PER_S)),
        level=record.levelname.lower(),
        event=without_secrets(str(fields.get("event", "")))[:_LONGEST_EVENT],
        message=without_secrets(" ".join(told))[:_LONGEST_MESSAGE],
    )


def _keep(lines: deque[LogLine], line: LogLine) -> None:
    alike = [each for each in lines if each.event == line.event]
    if len(alike) >= MOST_OF_ONE_EVENT:
        lines.remove(alike[0])
    lines.append(line)
    while len(lines) > MOST_LINES or sum(each.size for each in lines) > MOST_BYTES:
        lines.popleft()
