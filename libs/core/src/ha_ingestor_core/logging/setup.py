"""Configures structured logging: JSON for log processors, readable text on a terminal."""

from __future__ import annotations

import logging
import sys
from typing import Any

import structlog

from ha_ingestor_core.logging.log_ring import RECENT
from ha_ingestor_core.redaction import without_secrets
from ha_ingestor_core.settings.service import LogFormat, LogSettings


def configure_logging(settings: LogSettings) -> None:
    """Write all log lines to standard error in one format, and keep the newest warnings."""
    as_json = settings.format is LogFormat.JSON or (settings.format is LogFormat.AUTO and not sys.stderr.isatty())
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    # Without the values of variables in tracebacks: a token may be among them.
    renderer: list[Any] = (
        [
            structlog.processors.ExceptionRenderer(structlog.tracebacks.ExceptionDictTransformer(show_locals=False)),
            structlog.processors.JSONRenderer(),
        ]
        if as_json
        else [structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)]
    )
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *shared,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *renderer, _redacted],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler, RECENT]
    root.setLevel(settings.level.value)
    for chatty in ("uvicorn", "uvicorn.error", "uvicorn.access", "aiohttp.access"):
        logger = logging.getLogger(chatty)
        logger.handlers = []
        logger.propagate = True
        logger.setLevel(logging.WARNING)


def _redacted(_: Any, __: str, line: Any) -> str:
    """Return the line without secrets."""
    return without_secrets(line)
