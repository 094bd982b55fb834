"""Overall and part status."""

from __future__ import annotations

from enum import StrEnum


class OverallStatus(StrEnum):
    """The overall status."""

    HEALTHY = "healthy"
    DEGRADED = "degraded"
    UNHEALTHY = "unhealthy"


class PartStatus(StrEnum):
    """The status of a part; unreachable: no answer, so its state is unknown."""

    HEALTHY = "healthy"
    DEGRADED = "degraded"
    UNHEALTHY = "unhealthy"
    UNREACHABLE = "unreachable"
