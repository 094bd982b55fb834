"""What rules look at in each home and the connection to it, as websocket-ingestion reports them."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from ha_ingestor_core.delivery import ConnectionState

from admin_api.alerts.reading import Found, Reading
from admin_api.alerts.rules import Watch
from admin_api.peers.status import HomeStatus, IngestionStatus, Unreachable


def read_homes(watch: Watch, ingestion: IngestionStatus | Unreachable) -> Reading | None:
    """The value of each home; None while websocket-ingestion does not answer."""
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
    """The difference of the clocks, whichever is ahead: /health tells which."""
    return None if home.clock_offset_s is None else Found(abs(home.clock_offset_s))


HOME_WATCHES: Mapping[Watch, Callable[[HomeStatus], Found | None]] = {
    Watch.TOKEN_REFUSED: _is_in(ConnectionState.AUTH_INVALID),
    Watch.ADDRESS_FORBIDDEN: _is_in(ConnectionState.FORBIDDEN),
    Watch.CERTIFICATE_REFUSED: _is_in(ConnectionState.CERTIFICATE_REFUSED),
    Watch.EVENT_TYPES_MISSING: _receives_part,
    Watch.CLOCK_OFFSET: _clock_offset,
}
"""What is read of a home."""
