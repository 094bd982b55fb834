"""Common parts of the status of a service: its release, and its newest warnings and errors."""

from __future__ import annotations

from functools import cache
from importlib.metadata import version
from typing import Any

import msgspec

from ha_ingestor_core.logging.log_ring import RECENT


def service_info(service: str) -> dict[str, Any]:
    """Return `version` and `logs` of a service of this process, as JSON-ready values."""
    return {"version": release(), "logs": msgspec.to_builtins(RECENT.lines(service))}


@cache
def release() -> str:
    """Return the installed release, such as 0.1.0."""
    return version("ha-ingestor")
