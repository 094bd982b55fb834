"""The log of commands that print a result: warnings and errors only."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

from ha_ingestor_core.logging.setup import configure_logging
from ha_ingestor_core.settings.service import LogLevel, LogSettings

T = TypeVar("T")


def log_warnings_only() -> None:
    """Log warnings and errors only, in the format of the settings."""
    configure_logging(LogSettings(level=LogLevel.WARNING))  # type: ignore[call-arg]  # the format is the environment's


def run_quietly(call: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine and return its result; only warnings and errors are logged."""
    log_warnings_only()
    return asyncio.run(call)
