"""What rules look at in the connections to Home Assistant, as websocket-ingestion reports them for each home."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from ha_ingestor_core.delivery import ConnectionState

from admin_api.alerts.reading import Found, Reading
from admin_api.alerts.rules import Watch
from admin_api.sources import Connection, IngestionStatus, Unreachable


def read_homes(watch: Watch, ingestion: IngestionStatus | Unreachable) -> Reading | None:
    """The value of each home; None while websocket-ingestion does not answer."""
    if isinstance(ingestion, Unreachable):
        return None
    return {home.home: HOME_WATCHES[watch](home.websocket_connection) for home in ingestion.homes}


def _is_in(state: ConnectionState) -> Callable[[Connection], Found]:
    def read(connection: Connection) -> Found:
        return Found(float(connection.state is state), (connection.token_variable,))

    return read


def _receives_part(connection: Connection) -> Found:
    return Found(float(connection.event_types is not None), (connection.token_variable,))


HOME_WATCHES: Mapping[Watch, Callable[[Connection], Found]] = {
    Watch.TOKEN_REFUSED: _is_in(ConnectionState.AUTH_INVALID),
    Watch.ADDRESS_FORBIDDEN: _is_in(ConnectionState.FORBIDDEN),
    Watch.CERTIFICATE_REFUSED: _is_in(ConnectionState.CERTIFICATE_REFUSED),
    Watch.EVENT_TYPES_MISSING: _receives_part,
}
"""What is read from a home's connection."""
