"""How the parts make the whole."""

from __future__ import annotations

import pytest
from admin_api.health import StoreHealth, capture_status, overall_status, storage_status
from admin_api.models import PartStatus
from admin_api.sources import Connection, EnrichmentStatus, IngestionStatus, Storage, Unreachable
from ha_ingestor_core.delivery import ConnectionState


@pytest.mark.parametrize(
    ("parts", "overall"),
    [
        (("healthy", "healthy"), "healthy"),
        (("healthy", "degraded"), "degraded"),
        (("degraded", "unhealthy"), "unhealthy"),
        (("unreachable", "healthy"), "unhealthy"),
    ],
)
def test_whole_is_as_bad_as_its_worst_part(parts: tuple[str, ...], overall: str) -> None:
    assert overall_status(*map(PartStatus, parts)) == overall


@pytest.mark.parametrize(
    ("state", "status"),
    [
        (ConnectionState.CONNECTED, PartStatus.HEALTHY),
        (ConnectionState.CONNECTING, PartStatus.DEGRADED),
        (ConnectionState.DISCONNECTED, PartStatus.DEGRADED),
        (ConnectionState.AUTH_INVALID, PartStatus.UNHEALTHY),
        (ConnectionState.STOPPED, PartStatus.UNHEALTHY),
    ],
)
def test_capture_is_degraded_while_a_retry_may_help(state: ConnectionState, status: PartStatus) -> None:
    connection = Connection(state=state, is_connected=state is ConnectionState.CONNECTED)
    assert capture_status(IngestionStatus(websocket_connection=connection)) is status


@pytest.mark.parametrize(
    ("is_connected", "error", "status"),
    [
        (True, None, PartStatus.HEALTHY),
        (False, None, PartStatus.DEGRADED),
        (True, "disk full", PartStatus.UNHEALTHY),
    ],
)
def test_storage_is_healthy_while_it_is_written_and_read(
    is_connected: bool, error: str | None, status: PartStatus
) -> None:
    enrichment = EnrichmentStatus(storage=Storage(is_connected=is_connected))
    assert storage_status(enrichment, StoreHealth(error=error)) is status


def test_storage_is_unknown_while_the_pipeline_is_away() -> None:
    assert storage_status(Unreachable("gone"), StoreHealth()) is PartStatus.UNREACHABLE
