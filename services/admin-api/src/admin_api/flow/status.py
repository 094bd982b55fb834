"""The status of the whole and of each part."""

from __future__ import annotations

from enum import StrEnum


class OverallStatus(StrEnum):
    """How the whole is doing."""

    HEALTHY = "healthy"
    DEGRADED = "degraded"
    UNHEALTHY = "unhealthy"


class PartStatus(StrEnum):
    """How a part is doing; unreachable: it did not answer, so nothing is known."""

    HEALTHY = "healthy"
    DEGRADED = "degraded"
    UNHEALTHY = "unhealthy"
    UNREACHABLE = "unreachable"
