"""When to reconnect: states, back-off and log; no socket."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from typing import Any

import structlog
from ha_ingestor_core.clock import Clock, ns_to_rfc3339
from ha_ingestor_core.delivery import ConnectionState
from ha_ingestor_core.errors import IngestorError, TerminalError
from msgspec import Struct

from websocket_ingestion.metrics import IngestionMetrics

_log = structlog.get_logger()

_CHECKS = {
    "home_assistant_unreachable": "Check {url}, and that Home Assistant is running",
    "connection_lost": "Home Assistant may be restarting. If this continues, check its log and the network",
    "auth_invalid": "Create a long-lived access token in Home Assistant (your profile, Security), and set {token} with "
    "ha-ingestor token set, or in .env; no restart is needed",
    "forbidden": "Remove this address from ip_bans.yaml of Home Assistant and restart it, or check the proxy",
    "certificate_refused": "Set {ca} to the PEM file of the certificate's authority, or use the name in {url} that "
    "the certificate was issued for",
    "subscription_refused": "Set {token} to the token of an administrator of Home Assistant",
}
_MISSING = "Set {token} to the token of an administrator to receive all event types"
_STATES = {
    error: ConnectionState(error)
    for error in ("auth_invalid", "forbidden", "certificate_refused", "subscription_refused")
}
"""The state after an error with a state of its own, by the key of the error."""


class BackoffLimits(Struct, frozen=True):
    """How long to wait between attempts, in seconds."""

    first_s: float = 1.0
    usual_longest_s: float = 30.0
    longest_s: float = 300.0
    steady_s: float = 10.0
    """A connection that lasted this long resets the back-off; one that is lost at once does not."""


USUAL_BACKOFF = BackoffLimits()


def next_backoff(attempt: int, error: IngestorError, jitter: float, limits: BackoffLimits = USUAL_BACKOFF) -> float:
    """Return the seconds to wait after the attempt-th failure in a row (from 1), for a jitter of 0 to 1.

    A terminal error waits the longest. For a refused token, RefusedToken decides in addition.
    """
    if isinstance(error, TerminalError):
        return limits.longest_s
    doubled: float = limits.first_s * 2.0 ** min(attempt - 1, 32)
    return min(doubled, limits.usual_longest_s) * (0.5 + 0.5 * jitter)


class ReconnectPolicy:
    """The state of the connection. The first failure of a cycle is a warning, repeats are debug, recovery is info."""

    def __init__(
        self,
        *,
        clock: Clock,
        metrics: IngestionMetrics,
        limits: BackoffLimits = USUAL_BACKOFF,
        jitter: Callable[[], float] = random.random,
        url_variable: str = "HA_URL",
        token_variable: str = "HA_TOKEN",  # noqa: S107
    ) -> None:
        self.state = ConnectionState.DISCONNECTED
        metrics.show_connection(self.state)
        self.subscription: str | None = None
        self.event_types: Sequence[str] | None = None
        self._clock = clock
        self._metrics = metrics
        self._limits = limits
        self._jitter = jitter
        self._variables = {
            "url": url_variable,
            "token": token_variable,
            "ca": url_variable.replace("HA_URL", "HA_CA_FILE", 1),
        }
        self._attempts = 0
        self._failures = 0
        self._logged_key: str | None = None
        self._down_since = clock.monotonic()
        self._up_since: float | None = None
        self._last_connection_ns: int | None = None
        self._last_error: str | None = None
        self._ha_version: str | None = None

    def connecting(self) -> None:
        """An attempt begins."""
        self._attempts += 1
        self._metrics.connection_attempts.inc()
        if not self.state.needs_a_person:
            self._set_state(ConnectionState.CONNECTING)

    def connected(self, *, ha_version: str | None, subscription: str, event_types: Sequence[str] | None = None) -> None:
        """Events are subscribed to: all, or those of an allow-list."""
        self._set_state(ConnectionState.CONNECTED)
        self.subscription = subscription
        self.event_types = event_types
        self._ha_version = ha_version
        self._last_connection_ns = self._clock.now_ns()
        self._up_since = self._clock.monotonic()
        after_s = round(self._up_since - self._down_since, 3)
        _log.info("home_assistant_connected", after_s=after_s, ha_version=ha_version, subscription=subscription)
        if event_types is not None:
            _log.warning("event_types_missing", received=list(event_types), check=_MISSING.format_map(self._variables))
        self._last_error = None
        self._logged_key = None

    def failed(self, error: IngestorError) -> float:
        """An attempt failed or the connection was lost; return the seconds to wait before the next attempt."""
        now = self._clock.monotonic()
        if self._up_since is not None:
            self._failures = 0 if now - self._up_since >= self._limits.steady_s else self._failures
            self._up_since, self._down_since = None, now
        self._failures += 1
        self._set_down(_STATES.get(error.key), error.message)
        delay = next_backoff(self._failures, error, self._jitter(), self._limits)
        self._log_failure(error, delay)
        return delay

    def stopped(self) -> None:
        """No more attempts will follow."""
        self._up_since = None
        self._set_down(ConnectionState.STOPPED, self._last_error)

    @property
    def connected_ns(self) -> int | None:
        """Since when there is a connection; None while there is none."""
        return self._last_connection_ns if self.state is ConnectionState.CONNECTED else None

    def status(self) -> dict[str, Any]:
        """The `websocket_connection` of /stats."""
        return {
            "state": self.state.value,
            "is_connected": self.state is ConnectionState.CONNECTED,
            "last_connection_time": None
            if self._last_connection_ns is None
            else ns_to_rfc3339(self._last_connection_ns),
            "connection_attempts": self._attempts,
            "last_error": self._last_error,
            "ha_version": self._ha_version,
            "subscription": self.subscription,
            "event_types": self.event_types,
            "token_variable": self._variables["token"],
        }

    def _set_down(self, state: ConnectionState | None, error: str | None) -> None:
        self._set_state(state or ConnectionState.DISCONNECTED)
        self.subscription = self.event_types = None
        self._last_error = error

    def _set_state(self, state: ConnectionState) -> None:
        self.state = state
        self._metrics.show_connection(state)

    def _log_failure(self, error: IngestorError, delay: float) -> None:
        repeated = self._logged_key == error.key
        self._logged_key = error.key
        log = _log.debug if repeated else _log.warning
        check = _CHECKS.get(error.key, "").format_map(self._variables) or None
        retry_in_s = None if self.state is ConnectionState.AUTH_INVALID else round(delay, 1)  # RefusedToken decides
        log("home_assistant_not_connected", key=error.key, error=error.message, check=check, retry_in_s=retry_in_s)
