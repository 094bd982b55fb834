"""Healthy, degraded or unhealthy."""

from __future__ import annotations

import pytest
from enrichment_pipeline.health import pipeline_health
from ha_ingestor_core.errors import IngestorError, StoreRefusedError, StoreUnavailableError


@pytest.mark.parametrize(
    ("is_running", "last_error", "status"),
    [
        (True, None, "healthy"),
        (True, StoreUnavailableError("locked"), "degraded"),
        (True, StoreRefusedError("damaged"), "unhealthy"),
        (False, None, "unhealthy"),
    ],
)
def test_health(is_running: bool, last_error: IngestorError | None, status: str) -> None:
    assert pipeline_health(is_running=is_running, last_error=last_error)["status"] == status


def test_the_reason_is_reported() -> None:
    health = pipeline_health(is_running=True, last_error=StoreRefusedError("damaged"))
    assert (health["reason"], health["key"]) == ("damaged", "store_refused")
