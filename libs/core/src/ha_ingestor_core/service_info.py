"""What every service says of itself in the same words: its release, and its newest warnings and errors."""

from __future__ import annotations

from functools import cache
from importlib.metadata import version
from typing import Any

import msgspec

from ha_ingestor_core.log_ring import RECENT


def service_info(service: str) -> dict[str, Any]:
    """Return `version` and `logs` of a service of this process, as JSON-ready values."""
    return {"version": release_of(service), "logs": msgspec.to_builtins(RECENT.lines(service))}


@cache
def release_of(service: str) -> str:
    """Return the release of an installed service."""
    return version(f"ha-ingestor-{service}")
