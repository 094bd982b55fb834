"""The reconnect policy under a clock that stands still."""

from __future__ import annotations

import pytest
from ha_ingestor_core.clock import FakeClock
from ha_ingestor_core.delivery import ConnectionState
from ha_ingestor_core.errors import IngestorError
from prometheus_client import CollectorRegistry
from structlog.testing import capture_logs
from websocket_ingestion.connection.reconnect import BackoffLimits, ReconnectPolicy, next_backoff
from websocket_ingestion.errors import (
    AuthInvalidError,
    CertificateRefusedError,
    ConnectionLostError,
    ForbiddenError,
    HomeAssistantUnreachableError,
    SubscriptionRefusedError,
)
from websocket_ingestion.metrics import IngestionMetrics

LIMITS = BackoffLimits(first_s=1, usual_longest_s=30, longest_s=300, steady_s=10)
AWAY = HomeAssistantUnreachableError("nobody there")


@pytest.fixture
def policy(clock: FakeClock, metrics: IngestionMetrics) -> ReconnectPolicy:
    return ReconnectPolicy(clock=clock, metrics=metrics, limits=LIMITS, jitter=lambda: 1.0)


def test_the_backoff_doubles_up_to_the_usual_longest() -> None:
    assert [next_backoff(n, AWAY, 1.0, LIMITS) for n in (1, 2, 3, 5, 6, 10_000)] == [1, 2, 4, 16, 30, 30]


def test_jitter_takes_up_to_half_of_the_backoff_away() -> None:
    assert [next_backoff(3, AWAY, jitter, LIMITS) for jitter in (0.0, 0.5, 1.0)] == [2, 3, 4]


@pytest.mark.parametrize("error", [AuthInvalidError("no"), SubscriptionRefusedError("no")])
@pytest.mark.parametrize("jitter", [0.0, 1.0])
def test_wrong_token_waits_longest_backoff(error: IngestorError, jitter: float) -> None:
    assert next_backoff(1, error, jitter, LIMITS) == 300


def test_a_wrong_token_stays_visible_while_it_is_tried_again(policy: ReconnectPolicy) -> None:
    policy.connecting()
    policy.failed(AuthInvalidError("Home Assistant refused the token"))
    policy.connecting()
    assert policy.state is ConnectionState.AUTH_INVALID
    assert policy.status()["last_error"] == "Home Assistant refused the token"


@pytest.mark.parametrize(
    "error",
    [
        AuthInvalidError("no"),
        ForbiddenError("banned"),
        CertificateRefusedError("self-signed"),
        SubscriptionRefusedError("no right"),
    ],
)
def test_what_a_person_must_mend_stays_the_state_while_it_is_tried_again(
    policy: ReconnectPolicy, error: IngestorError
) -> None:
    policy.connecting()
    policy.failed(error)
    policy.connecting()
    assert policy.state.value == error.key


def test_the_advice_names_the_variables_of_the_home(clock: FakeClock, metrics: IngestionMetrics) -> None:
    policy = ReconnectPolicy(clock=clock, metrics=metrics, url_variable="HA_URL_CABIN", token_variable="HA_TOKEN_CABIN")
    with capture_logs() as lines:
        policy.failed(AuthInvalidError("no"))
        policy.failed(AWAY)
    assert "HA_TOKEN_CABIN" in lines[0]["check"]
    assert "HA_URL_CABIN" in lines[1]["check"]
    assert policy.status()["token_variable"] == "HA_TOKEN_CABIN"


def test_the_state_is_a_metric(policy: ReconnectPolicy, registry: CollectorRegistry) -> None:
    def shown() -> list[str]:
        name = "ha_ingestor_websocket_ingestion_connection_state"
        return [each.value for each in ConnectionState if registry.get_sample_value(name, {"state": each.value}) == 1]

    assert shown() == ["disconnected"]
    policy.connecting()
    assert shown() == ["connecting"]
    policy.connected(ha_version="2026.11.0", subscription="all")
    assert shown() == ["connected"]
    policy.failed(AuthInvalidError("no"))
    assert shown() == ["auth_invalid"]


def test_a_failure_after_a_wrong_token_is_shown_as_what_it_is(policy: ReconnectPolicy) -> None:
    policy.failed(AuthInvalidError("no"))
    policy.failed(AWAY)
    assert policy.state is ConnectionState.DISCONNECTED


def test_the_status_shows_the_connection(policy: ReconnectPolicy) -> None:
    policy.connecting()
    assert policy.status()["state"] == "connecting"
    policy.connected(ha_version="2024.3.3", subscription="all")
    assert policy.status() == {
        "state": "connected",
        "is_connected": True,
        "last_connection_time": "2027-01-15T08:00:00.000000+00:00",
        "connection_attempts": 1,
        "last_error": None,
        "ha_version": "2024.3.3",
        "subscription": "all",
        "event_types": None,
        "token_variable": "HA_TOKEN",
    }


def test_a_lost_connection_is_not_shown_as_subscribed(policy: ReconnectPolicy) -> None:
    policy.connected(ha_version=None, subscription="all")
    policy.failed(ConnectionLostError("gone"))
    status = policy.status()
    assert (status["is_connected"], status["subscription"], status["last_error"]) == (False, None, "gone")


def test_failures_in_a_row_wait_longer_and_longer(policy: ReconnectPolicy) -> None:
    assert [policy.failed(AWAY) for _ in range(4)] == [1, 2, 4, 8]


def test_a_connection_that_held_starts_the_backoff_anew(policy: ReconnectPolicy, clock: FakeClock) -> None:
    policy.failed(AWAY)
    policy.failed(AWAY)
    policy.connected(ha_version=None, subscription="all")
    clock.advance(10)
    assert policy.failed(ConnectionLostError("gone")) == 1


def test_a_connection_that_is_lost_at_once_does_not(policy: ReconnectPolicy, clock: FakeClock) -> None:
    policy.failed(AWAY)
    policy.failed(AWAY)
    policy.connected(ha_version=None, subscription="all")
    clock.advance(9)
    assert policy.failed(ConnectionLostError("gone")) == 4


def test_the_first_failure_is_a_warning_with_a_check_and_repeats_are_debug(policy: ReconnectPolicy) -> None:
    with capture_logs() as lines:
        policy.failed(AWAY)
        policy.failed(AWAY)
        policy.failed(AuthInvalidError("no"))
    assert [line["log_level"] for line in lines] == ["warning", "debug", "warning"]
    assert "HA_URL" in lines[0]["check"]
    assert "HA_TOKEN" in lines[2]["check"]


def test_a_recovery_is_one_line_with_its_duration(policy: ReconnectPolicy, clock: FakeClock) -> None:
    policy.connected(ha_version=None, subscription="all")
    clock.advance(60)
    policy.failed(ConnectionLostError("gone"))
    clock.advance(42)
    with capture_logs() as lines:
        policy.connected(ha_version=None, subscription="all")
        policy.failed(ConnectionLostError("gone"))
    assert (lines[0]["log_level"], lines[0]["after_s"]) == ("info", 42)
    assert lines[1]["log_level"] == "warning"  # a new cycle is loud again


def test_stopped_is_a_state_of_its_own(policy: ReconnectPolicy) -> None:
    policy.connected(ha_version=None, subscription="all")
    policy.stopped()
    assert policy.status()["state"] == "stopped"
