"""`/stream`: new events, statistics and alerts as server-sent events."""

from __future__ import annotations

import asyncio
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Header, Request, Response
from ha_ingestor_core.errors import IngestorError, NotFoundError
from ha_ingestor_store.store import StoreReader

from admin_api.events.known_names import homes_of
from admin_api.http.errors import ERRORS, NOT_FOUND
from admin_api.http.parameters import Glob, Home, Text, live_filter_of, only_known
from admin_api.security.caller import caller_of
from admin_api.stream.broadcaster import Stream
from admin_api.stream.server_sent_events import ServerSentEvents

LastEventId = Annotated[str | None, Header(description="Id of the last received message", max_length=64)]

_HOME_CHECK_S = 1.0
"""Time limit for checking the home; streams also work without the store, for alerts."""

_EXAMPLE = """event: alerts
data: [{"id": "…", "rule": "lag", "level": "warning", "message": "…", …}]

id: 0123456789abcdef-17
event: events
data: [{"id": "…", "time": "…", "event_type": "state_changed", …}]

event: statistics
data: {"timestamp": "…", "total_events": 900, "events_per_minute": 60.0, "last_minute": 58}
"""
_STREAM: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "`events`: JSON array of new events that match the filters, oldest first, late ones included; "
        "`statistics`: once a second; `alerts`: active alerts, at the start and on every change; `missed`: some events "
        "were not sent, get them from /events; `reconnect`: the last message of an instance that stops, connect again "
        "to reach another instance",
        "content": {"text/event-stream": {"schema": {"type": "string"}, "example": _EXAMPLE}},
    }
}


class StreamEndpoints:
    """The stream of live events, statistics and alerts."""

    def __init__(self, *, stream: Stream, reader: StoreReader) -> None:
        self._stream = stream
        self._reader = reader
        self.router = APIRouter(prefix="/api/v1/stream", tags=["events"], dependencies=[Depends(only_known)])
        self.router.add_api_route(
            "", self.get_stream, response_class=Response, status_code=200, responses={**ERRORS, **NOT_FOUND, **_STREAM}
        )

    async def get_stream(
        self,
        request: Request,
        entity_id: Glob = None,
        domain: Text = None,
        event_type: Text = None,
        area: Text = None,
        home: Home = None,
        last_event_id: LastEventId = None,
    ) -> Response:
        """Return server-sent events: new events in the store, statistics once a second, and alerts.

        The filters are those of `/events` and apply only to `events`, not to statistics and alerts. With
        `Last-Event-ID`, sent by browsers, the events since then are sent first, or `missed` if they are not known.
        """
        wanted = live_filter_of(entity_id, domain, event_type, area, home)
        if wanted.home is not None:
            await self._check_home(wanted.home)
        who = caller_of(request).origin
        return ServerSentEvents(lambda: self._stream.listen(last_event_id, wanted=wanted, who=who))

    async def _check_home(self, home: str) -> None:
        """Raise NotFoundError if the home is unknown; without an answer of the store it is accepted."""
        try:
            async with asyncio.timeout(_HOME_CHECK_S):
                await homes_of(self._reader, home)
        except NotFoundError:
            raise
        except (IngestorError, TimeoutError):
            return
