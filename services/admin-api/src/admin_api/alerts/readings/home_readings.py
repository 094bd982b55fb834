"""Readings of homes and their connections, from the status of websocket-ingestion."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from ha_ingestor_core.delivery import ConnectionState

from admin_api.alerts.readings.reading import Found, Reading
from admin_api.alerts.rules import Watch
from admin_api.peers.status import HomeStatus, IngestionStatus, Unreachable


def read_homes(watch: Watch, ingestion: IngestionStatus | Unreachable) -> Reading | None:
    """Return the reading by home; None while websocket-ingestion is unreachable."""
    if isinstance(ingestion, Unreachable):
        return None
    found = {home.home: HOME_WATCHES[watch](home) for home in ingestion.homes}
    return {home: each for home, each in found.items() if each is not None}


def _is_in(state: ConnectionState) -> Callable[[HomeStatus], Found]:
    def read(home: HomeStatus) -> Found:
        connection = home.websocket_connection
        return Found(float(connection.state is state), (connection.token_variable,))

    return read


def _receives_part(home: HomeStatus) -> Found:
    connection = home.websocket_connection
    return Found(float(connection.event_types is not None), (connection.token_variable,))


def _clock_offset(home: HomeStatus) -> Found | None:
    """Return the absolute difference of the clocks; /health has its sign."""
    return None if home.clock_offset_s is None else Found(abs(home.clock_offset_s))


HOME_WATCHES: Mapping[Watch, Callable[[HomeStatus], Found | None]] = {
    Watch.TOKEN_REFUSED: _is_in(ConnectionState.AUTH_INVALID),
    Watch.ADDRESS_FORBIDDEN: _is_in(ConnectionState.FORBIDDEN),
    Watch.CERTIFICATE_REFUSED: _is_in(ConnectionState.CERTIFICATE_REFUSED),
    Watch.EVENT_TYPES_MISSING: _receives_part,
    Watch.CLOCK_OFFSET: _clock_offset,
}
"""The reading functions by watch."""
