"""`/events`: what happened, newest first."""

from __future__ import annotations

from fastapi import APIRouter, Depends, Response
from ha_ingestor_store.questions import RecentEvents
from ha_ingestor_store.store import StoreReader

from admin_api.errors import ERRORS
from admin_api.models import EventsAnswer
from admin_api.parameters import (
    Cursor,
    Glob,
    Limit,
    Text,
    Time,
    cursor_text,
    event_cursor_of,
    only_known,
    range_of,
    text_of,
)
from admin_api.views import JsonAnswer, event_view


class EventEndpoints:
    """The events of the store."""

    def __init__(self, *, reader: StoreReader) -> None:
        self._reader = reader
        self.router = APIRouter(prefix="/api/v1/events", tags=["events"], dependencies=[Depends(only_known)])
        self.router.add_api_route("", self.get_events, response_model=EventsAnswer, responses=ERRORS)

    async def get_events(
        self,
        entity_id: Glob = None,
        domain: Text = None,
        event_type: Text = None,
        start: Time = None,
        end: Time = None,
        limit: Limit = 100,
        cursor: Cursor = None,
    ) -> Response:
        """Events, newest first; `next_cursor` asks for the page after."""
        page = await self._reader.recent_events(
            RecentEvents(
                time_range=range_of(start, end),
                entity_id=text_of(entity_id, "entity_id"),
                domain=text_of(domain, "domain"),
                event_type=text_of(event_type, "event_type"),
                limit=limit,
                cursor=event_cursor_of(cursor),
            )
        )
        return JsonAnswer(
            {"events": [event_view(point) for point in page.events], "next_cursor": cursor_text(page.next_cursor)}
        )
