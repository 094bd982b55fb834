"""Whether websocket-ingestion does its work, and if not, why not."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from ha_ingestor_core.delivery import ConnectionState

from websocket_ingestion.pause_reason import PauseReason


class Health(StrEnum):
    """Degraded: something outside has to mend; unhealthy: this process has."""

    HEALTHY = "healthy"
    DEGRADED = "degraded"
    UNHEALTHY = "unhealthy"


def health_report(
    *,
    is_running: bool,
    connection: ConnectionState,
    paused: PauseReason | None,
    delivery_error: str | None,
    receives_all: bool = True,
) -> dict[str, Any]:
    """`{"status", "reasons"}` of /health; a new start mends neither Home Assistant nor the store, so these degrade."""
    reasons = []
    if not is_running:
        reasons.append("not_running")
    if connection is not ConnectionState.CONNECTED:
        reasons.append(connection.value)
    elif not receives_all:
        reasons.append("event_types_missing")
    if paused is not None:
        reasons.append(paused.value)
    if delivery_error is not None:
        reasons.append("delivery_failing")
    status = Health.UNHEALTHY if not is_running else Health.DEGRADED if reasons else Health.HEALTHY
    return {"status": status.value, "reasons": reasons}


def worst_of(homes: Mapping[str, dict[str, Any]]) -> dict[str, Any]:
    """The report of all homes: unhealthy where this process has to mend something, degraded where one home is not well.

    `reasons` are those of all, once each.
    """
    statuses = {Health(report["status"]) for report in homes.values()}
    status = next(each for each in (Health.UNHEALTHY, Health.DEGRADED, Health.HEALTHY) if each in statuses)
    reasons = dict.fromkeys(reason for report in homes.values() for reason in report["reasons"])
    return {"status": status.value, "reasons": list(reasons), "homes": dict(homes)}
