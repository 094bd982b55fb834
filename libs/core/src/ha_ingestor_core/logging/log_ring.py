"""The newest warnings and errors of each service of this process, limited in number and size, without secrets."""

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
"""A repeated line must not displace all others."""

_LONGEST_EVENT = 200
_LONGEST_MESSAGE = 1_000
_NO_MESSAGE = frozenset({"event", "level", "timestamp", "exc_info", "stack_info", "service"})
_PRIVATE = frozenset({"address"})
"""Fields for the log alone: the address of a client belongs to the audit log."""

_service: ContextVar[str | None] = ContextVar("logging_service", default=None)


class LogLine(Struct, frozen=True):
    """A warning or an error: the name of the event, and its fields as text."""

    time: str
    level: str
    event: str
    message: str

    @property
    def size(self) -> int:
        """Return the size in bytes."""
        return len(self.event.encode()) + len(self.message.encode())


@contextmanager
def logging_as(service: str) -> Iterator[None]:
    """Attribute log lines of shared libraries to a service, also in tasks that are started here."""
    token = _service.set(service)
    try:
        yield
    finally:
        _service.reset(token)


class LogRing(logging.Handler):
    """Keeps lines by service: by the module that logs, else by the field `service` or by `logging_as`.

    Lines of no service are dropped.
    """

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self._lines: dict[str, deque[LogLine]] = {}

    def emit(self, record: logging.LogRecord) -> None:
        """Add a line."""
        try:
            fields = record.msg if isinstance(record.msg, dict) else {"event": record.getMessage()}
            service = _service_of(record.name, fields)
            if service is not None:
                _keep(self._lines.setdefault(service, deque()), _line(record, fields))
        except Exception:  # as in any handler: logging must not fail
            self.handleError(record)

    def lines(self, service: str) -> list[LogLine]:
        """Return the lines of a service, oldest first."""
        self.acquire()
        try:
            return list(self._lines.get(service, ()))
        finally:
            self.release()


RECENT = LogRing()
"""The instance of this process, installed by `configure_logging`."""


def _service_of(logger: str, fields: Mapping[str, Any]) -> str | None:
    candidates = (logger.partition(".")[0].replace("_", "-"), fields.get("service"), _service.get())
    return next((each for each in candidates if each in SERVICES), None)


def _line(record: logging.LogRecord, fields: Mapping[str, Any]) -> LogLine:
    fields_as_text = [f"{name}={value}" for name, value in fields.items() if name not in _NO_MESSAGE | _PRIVATE]
    error = record.exc_info or fields.get("exc_info")
    if isinstance(error, tuple) and error[1] is not None:
        fields_as_text.append(f"{type(error[1]).__name__}: {error[1]}")
    return LogLine(
        time=ns_to_rfc3339(round(record.created * NS_PER_S)),
        level=record.levelname.lower(),
        event=without_secrets(str(fields.get("event", "")))[:_LONGEST_EVENT],
        message=without_secrets(" ".join(fields_as_text))[:_LONGEST_MESSAGE],
    )


def _keep(lines: deque[LogLine], line: LogLine) -> None:
    alike = [each for each in lines if each.event == line.event]
    if len(alike) >= MOST_OF_ONE_EVENT:
        lines.remove(alike[0])
    lines.append(line)
    while len(lines) > MOST_LINES or sum(each.size for each in lines) > MOST_BYTES:
        lines.popleft()
