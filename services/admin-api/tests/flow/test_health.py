"""Overall status from the status of the parts."""

from __future__ import annotations

import msgspec
import pytest
from admin_api.flow.dependencies import enrichment_status, service_view
from admin_api.flow.health import StoreHealth, capture_status, health_view, overall_status, storage_status
from admin_api.flow.health_models import HealthAnswer
from admin_api.flow.status import PartStatus
from admin_api.peers.status import (
    Connection,
    EnrichmentStatus,
    Flow,
    HomeStatus,
    IngestionStatus,
    RejectedFile,
    Spool,
    Storage,
    Unreachable,
)
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
        (ConnectionState.FORBIDDEN, PartStatus.UNHEALTHY),
        (ConnectionState.CERTIFICATE_REFUSED, PartStatus.UNHEALTHY),
        (ConnectionState.SUBSCRIPTION_REFUSED, PartStatus.UNHEALTHY),
        (ConnectionState.STOPPED, PartStatus.UNHEALTHY),
    ],
)
def test_capture_is_degraded_while_a_retry_may_help(state: ConnectionState, status: PartStatus) -> None:
    connection = Connection(state=state, is_connected=state is ConnectionState.CONNECTED)
    assert capture_status(IngestionStatus(websocket_connection=connection)) is status


WELL = HomeStatus("main", Connection(state=ConnectionState.CONNECTED, is_connected=True))
AWAY = HomeStatus("cabin", Connection(state=ConnectionState.DISCONNECTED, last_error="gone"))
REFUSED = HomeStatus("lake", Connection(state=ConnectionState.AUTH_INVALID))
PARTLY = HomeStatus(
    "lab", Connection(state=ConnectionState.CONNECTED, is_connected=True, event_types=["state_changed"])
)
FULL = HomeStatus("city", WELL.websocket_connection, Spool(pause_reason="spool_full"))


@pytest.mark.parametrize(
    ("homes", "status"),
    [
        ([WELL, WELL], PartStatus.HEALTHY),
        ([WELL, AWAY], PartStatus.DEGRADED),
        ([WELL, REFUSED], PartStatus.DEGRADED),
        ([PARTLY], PartStatus.DEGRADED),
        ([WELL, FULL], PartStatus.DEGRADED),
        ([REFUSED, REFUSED], PartStatus.UNHEALTHY),
        ([AWAY, REFUSED], PartStatus.DEGRADED),
    ],
)
def test_one_home_that_is_not_read_degrades_the_capture(homes: list[HomeStatus], status: PartStatus) -> None:
    assert capture_status(IngestionStatus(homes=homes)) is status


def test_a_part_that_has_ended_is_unhealthy() -> None:
    assert capture_status(IngestionStatus(homes=[WELL], is_running=False)) is PartStatus.UNHEALTHY
    ended = EnrichmentStatus(storage=Storage(is_connected=True), is_running=False)
    assert storage_status(ended, StoreHealth()) is PartStatus.UNHEALTHY


def test_every_home_is_listed() -> None:
    ingestion = IngestionStatus(home="cabin", homes=[WELL, AWAY], websocket_connection=AWAY.websocket_connection)
    answer = HealthAnswer.model_validate(health_view(0, ingestion, EnrichmentStatus(), StoreHealth()))
    assert answer.home == "cabin"
    assert [(each.home, each.status, each.state, each.last_error) for each in answer.homes] == [
        ("main", PartStatus.HEALTHY, ConnectionState.CONNECTED, None),
        ("cabin", PartStatus.DEGRADED, ConnectionState.DISCONNECTED, "gone"),
    ]
    nobody = HealthAnswer.model_validate(health_view(0, Unreachable("x"), EnrichmentStatus(), StoreHealth()))
    assert nobody.homes == []


@pytest.mark.parametrize(("rates", "whole"), [((40.0, 2.5), 42.5), ((40.0, None), None)])
def test_the_rate_of_all_homes_is_a_sum_if_each_is_known(rates: tuple[float | None, ...], whole: float | None) -> None:
    there = WELL.websocket_connection
    homes = [HomeStatus(f"home {at}", there, event_processing=Flow(events_per_minute=r)) for at, r in enumerate(rates)]
    ingestion = IngestionStatus(homes=homes, event_processing=Flow(events_per_minute=rates[0]))
    assert ingestion.received_per_minute == whole


def test_nothing_comes_from_a_home_that_is_away() -> None:
    away = msgspec.structs.replace(AWAY, event_processing=Flow(events_per_minute=40.0))
    well = msgspec.structs.replace(WELL, event_processing=Flow(events_per_minute=2.5))
    assert IngestionStatus(homes=[well, away]).received_per_minute == 2.5


def test_every_home_names_the_setting_of_its_token() -> None:
    cabin = HomeStatus("cabin", Connection(ConnectionState.AUTH_INVALID, token_variable="HA_TOKEN_CABIN"))
    ingestion = IngestionStatus(homes=[WELL, cabin], websocket_connection=cabin.websocket_connection)
    answer = HealthAnswer.model_validate(health_view(0, ingestion, EnrichmentStatus(), StoreHealth()))
    assert [each.token_variable for each in answer.homes] == ["HA_TOKEN", "HA_TOKEN_CABIN"]
    assert answer.ingestion_service.websocket_connection.token_variable == "HA_TOKEN_CABIN"


def test_a_damaged_store_has_its_error_key() -> None:
    store = StoreHealth(error="events.sqlite3 is damaged", error_key="store_damaged")
    answer = HealthAnswer.model_validate(health_view(0, Unreachable("x"), EnrichmentStatus(), store))
    assert answer.ingestion_service.influxdb_storage.error_key == "store_damaged"


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


def test_a_full_file_of_rejected_events_is_unhealthy_with_its_reason() -> None:
    full = RejectedFile(bytes=10, limit_bytes=10, last_error="the file is full", failing_s=60.0)
    enrichment = EnrichmentStatus(storage=Storage(is_connected=True), rejected_file=full)
    assert storage_status(enrichment, StoreHealth()) is PartStatus.DEGRADED
    assert enrichment_status(enrichment) is PartStatus.DEGRADED
    answer = HealthAnswer.model_validate(health_view(0, Unreachable("x"), enrichment, StoreHealth()))
    assert answer.ingestion_service.influxdb_storage.last_error == "the file is full"
    assert service_view("enrichment-pipeline", PartStatus.DEGRADED, enrichment)["last_error"] == "the file is full"


def test_storage_is_unknown_while_the_pipeline_is_away() -> None:
    assert storage_status(Unreachable("gone"), StoreHealth()) is PartStatus.UNREACHABLE
