"""From when on the server keeps events: its retention, by its own clock."""

from __future__ import annotations

from datetime import UTC
from email.utils import parsedate_to_datetime

import structlog
from ha_ingestor_core.clock import NS_PER_S, Clock, datetime_to_ns
from ha_ingestor_core.errors import IngestorError

from ha_ingestor_store.influx.server.http import Server
from ha_ingestor_store.influx.server.version import Place, ServerVersion

_ASKED_AGAIN_AFTER_S = 60.0
_MOST_APART_NS = 3600 * NS_PER_S
"""Of our clock and the server's: beyond it one is wrong, and the server itself decides what has expired."""

_log = structlog.get_logger()


class Retention:
    """Asks the server once a minute at most."""

    def __init__(self, version: ServerVersion, server: Server, clock: Clock) -> None:
        self._version = version
        self._server = server
        self._clock = clock
        self._asked_at: float | None = None
        self._kept_from_ns: int | None = None

    async def kept_from_ns(self) -> int | None:
        """Return the time before which events have expired.

        None where events are kept for ever, the token may not see how long, or the clocks are too far apart.
        """
        now = self._clock.monotonic()
        if self._asked_at is None or now - self._asked_at >= _ASKED_AGAIN_AFTER_S:
            self._kept_from_ns = await self._ask()
            self._asked_at = now
        if self._kept_from_ns is None:
            return None
        return self._kept_from_ns + round((now - self._asked_at) * NS_PER_S)

    async def _ask(self) -> int | None:
        try:
            kept_s = (await self._version.retentions()).get(Place.EVENTS)
        except IngestorError as err:
            _log.debug("retention_unknown", error=err.message)
            return None
        now_ns = _time_of(self._server.date)
        if not kept_s or now_ns is None or abs(now_ns - self._clock.now_ns()) > _MOST_APART_NS:
            return None
        return now_ns - kept_s * NS_PER_S


def _time_of(date: str | None) -> int | None:
    """Return the time of a Date header; None where there is none that can be read."""
    try:
        return None if date is None else datetime_to_ns(parsedate_to_datetime(date).replace(tzinfo=UTC))
    except ValueError:
        return None
