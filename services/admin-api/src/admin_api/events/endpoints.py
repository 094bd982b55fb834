"""`/events`: stored events, newest first."""

from __future__ import annotations

import msgspec
from fastapi import APIRouter, Depends, Response
from ha_ingestor_core.errors import NotFoundError
from ha_ingestor_store.points import EventPoint, event_id, event_time_ns
from ha_ingestor_store.questions import RecentEvents
from ha_ingestor_store.store import StoreReader
from ha_ingestor_store.time_range import TimeRange

from admin_api.events.known_names import homes_of
from admin_api.events.models import Event, EventsAnswer
from admin_api.events.views import event_view
from admin_api.http.errors import ERRORS, NOT_FOUND
from admin_api.http.parameters import (
    MAX_TIME_NS,
    Cursor,
    EventId,
    Glob,
    Home,
    Limit,
    Text,
    Time,
    cursor_text,
    event_cursor_of,
    only_known,
    range_of,
    text_of,
)
from admin_api.http.views import JsonAnswer


class EventEndpoints:
    """The stored events."""

    def __init__(self, *, reader: StoreReader) -> None:
        self._reader = reader
        self.router = APIRouter(prefix="/api/v1/events", tags=["events"], dependencies=[Depends(only_known)])
        add = self.router.add_api_route
        add("", self.get_events, response_model=EventsAnswer, responses={**ERRORS, **NOT_FOUND})
        add("/{event_id}", self.get_event, response_model=Event, responses={**ERRORS, **NOT_FOUND})

    async def get_events(
        self,
        entity_id: Glob = None,
        domain: Text = None,
        event_type: Text = None,
        area: Text = None,
        home: Home = None,
        start: Time = None,
        end: Time = None,
        limit: Limit = 100,
        cursor: Cursor = None,
    ) -> Response:
        """Return events, newest first. `area` is the area of the entity at the time of the event."""
        question = RecentEvents(
            time_range=range_of(start, end),
            entity_id=text_of(entity_id, "entity_id"),
            domain=text_of(domain, "domain"),
            event_type=text_of(event_type, "event_type"),
            area=text_of(area, "area"),
            limit=limit,
            cursor=event_cursor_of(cursor),
        )
        if only := text_of(home, "home"):
            question = msgspec.structs.replace(question, homes=await homes_of(self._reader, only))
        page = await self._reader.recent_events(question)
        return JsonAnswer(
            {"events": [event_view(point) for point in page.events], "next_cursor": cursor_text(page.next_cursor)}
        )

    async def get_event(self, event_id: EventId) -> Response:
        """Return an event."""
        point = await self._event(event_id)
        if point is None:
            raise NotFoundError(f"Unknown event {event_id}", id=event_id)
        return JsonAnswer(event_view(point))

    async def _event(self, wanted: str) -> EventPoint | None:
        """Find an event: its id contains the nanosecond, so only events of this nanosecond are read."""
        time_ns = event_time_ns(wanted)
        if time_ns is None or time_ns == MAX_TIME_NS:
            return None
        question = RecentEvents(TimeRange(time_ns, time_ns + 1))
        while True:
            page = await self._reader.recent_events(question)
            found = next((point for point in page.events if event_id(point.series_key, point.time_ns) == wanted), None)
            if found is not None or page.next_cursor is None:
                return found
            question = msgspec.structs.replace(question, cursor=page.next_cursor)
