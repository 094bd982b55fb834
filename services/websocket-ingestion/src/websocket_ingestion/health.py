"""The health of websocket-ingestion, with reasons."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from ha_ingestor_core.delivery import ConnectionState

from websocket_ingestion.pause_reason import PauseReason


class Health(StrEnum):
    """Degraded: the cause is outside this process; unhealthy: this process has failed."""

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
    """Return `{"status", "reasons"}` of /health; a restart repairs neither Home Assistant nor the store: degraded."""
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
    """Return the report of all homes, with the worst status; `reasons` are those of all, once each."""
    statuses = {Health(report["status"]) for report in homes.values()}
    status = next(each for each in (Health.UNHEALTHY, Health.DEGRADED, Health.HEALTHY) if each in statuses)
    reasons = dict.fromkeys(reason for report in homes.values() for reason in report["reasons"])
    return {"status": status.value, "reasons": list(reasons), "homes": dict(homes)}
