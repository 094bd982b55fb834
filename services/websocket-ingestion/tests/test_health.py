"""What health says, and why."""

from __future__ import annotations

from typing import Any

import pytest
from ha_ingestor_core.delivery import ConnectionState
from websocket_ingestion.health import health_report, worst_of
from websocket_ingestion.pause_reason import PauseReason

FINE: dict[str, Any] = {
    "is_running": True,
    "connection": ConnectionState.CONNECTED,
    "paused": None,
    "delivery_error": None,
}


def test_all_well_is_healthy() -> None:
    assert health_report(**FINE) == {"status": "healthy", "reasons": []}


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"connection": ConnectionState.AUTH_INVALID}, "auth_invalid"),
        ({"connection": ConnectionState.DISCONNECTED}, "disconnected"),
        ({"connection": ConnectionState.FORBIDDEN}, "forbidden"),
        ({"receives_all": False}, "event_types_missing"),
        ({"paused": PauseReason.SPOOL_FULL}, "spool_full"),
        ({"paused": PauseReason.NOT_WRITABLE}, "spool_not_writable"),
        ({"delivery_error": "away"}, "delivery_failing"),
    ],
)
def test_what_others_have_to_mend_degrades(change: dict[str, Any], reason: str) -> None:
    assert health_report(**{**FINE, **change}) == {"status": "degraded", "reasons": [reason]}


def test_a_service_whose_tasks_have_ended_is_unhealthy() -> None:
    assert health_report(**{**FINE, "is_running": False})["status"] == "unhealthy"


def test_one_home_that_is_not_well_degrades_them_all() -> None:
    well, away = health_report(**FINE), health_report(**{**FINE, "connection": ConnectionState.DISCONNECTED})
    assert worst_of({"main": well, "cabin": away, "lake": away}) == {
        "status": "degraded",
        "reasons": ["disconnected"],
        "homes": {"main": well, "cabin": away, "lake": away},
    }
    assert worst_of({"main": well, "cabin": health_report(**{**FINE, "is_running": False})})["status"] == "unhealthy"
    assert worst_of({"main": well})["status"] == "healthy"
