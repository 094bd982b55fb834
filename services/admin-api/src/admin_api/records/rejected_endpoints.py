"""`/rejected`: rejected events and their replay."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Depends, Response
from ha_ingestor_core.clock import Clock, ns_to_rfc3339
from ha_ingestor_core.delivery import Replay
from ha_ingestor_core.errors import NotFoundError, ServiceUnavailableError
from ha_ingestor_store.questions import RecentRejected
from ha_ingestor_store.store import RejectedReader
from ha_ingestor_store.time_range import DAY_NS

from admin_api.http.errors import ERRORS, NOT_FOUND
from admin_api.http.parameters import (
    Cursor,
    Limit,
    RejectedId,
    Replayed,
    Text,
    Time,
    cursor_text,
    only_known,
    range_of,
    rejected_cursor_of,
    text_of,
)
from admin_api.http.views import JsonAnswer
from admin_api.peers.status import StatusSources, Unreachable
from admin_api.records.models import RejectedAnswer, RejectedEventDetail, RejectedFileAnswer, ReplayAnswer
from admin_api.records.views import rejected_detail_view, rejected_view


class RejectedEndpoints:
    """The rejected events, saved and replayed by the enrichment-pipeline."""

    def __init__(self, *, reader: RejectedReader, replay: Replay, sources: StatusSources, clock: Clock) -> None:
        self._reader = reader
        self._sources = sources
        self._clock = clock
        self._replay = replay
        self.router = APIRouter(prefix="/api/v1/rejected", tags=["rejected"], dependencies=[Depends(only_known)])
        one: dict[int | str, dict[str, Any]] = {**ERRORS, **NOT_FOUND}
        add = self.router.add_api_route
        add("", self.get_rejected_events, response_model=RejectedAnswer, responses=ERRORS)
        add("/file", self.get_rejected_file, response_model=RejectedFileAnswer, responses=ERRORS)
        add("/{rejected_id}", self.get_rejected_event, response_model=RejectedEventDetail, responses=one)
        add(
            "/{rejected_id}/replay",
            self.replay_rejected_event,
            methods=["POST"],
            response_model=ReplayAnswer,
            responses=one,
        )

    async def get_rejected_events(
        self,
        home: Text = None,
        service: Text = None,
        key: Text = None,
        start: Time = None,
        end: Time = None,
        replayed: Replayed = None,
        limit: Limit = 100,
        cursor: Cursor = None,
    ) -> Response:
        """Return rejected events, newest first, without payloads; `counts` has the number of events by key."""
        question = RecentRejected(
            time_range=range_of(start, end, default_end_ns=self._clock.now_ns() + DAY_NS),
            home=text_of(home, "home"),
            service=text_of(service, "service"),
            key=text_of(key, "key"),
            limit=limit,
            cursor=rejected_cursor_of(cursor),
            with_payloads=False,
            replayed=replayed,
        )
        page = await self._reader.rejected_events(question)
        counts = await self._reader.rejected_counts(question)
        return JsonAnswer(
            {
                "events": [rejected_view(event) for event in page.events],
                "counts": counts,
                "next_cursor": cursor_text(page.next_cursor),
            }
        )

    async def get_rejected_file(self) -> Response:
        """Return size and limit of the file of rejected events. If it is full, events wait in the spool."""
        _, status = await self._sources.ask()
        if isinstance(status, Unreachable):
            raise ServiceUnavailableError(f"The enrichment-pipeline is unreachable: {status.reason}")
        file = status.rejected_file
        return JsonAnswer({"bytes": file.bytes, "limit_bytes": file.limit_bytes, "last_error": file.last_error})

    async def get_rejected_event(self, rejected_id: RejectedId) -> Response:
        """Return a rejected event with its payload, the original JSON."""
        event = await self._reader.rejected_event(rejected_id)
        if event is None:
            raise NotFoundError(f"Unknown rejected event {rejected_id}", id=rejected_id)
        return JsonAnswer(rejected_detail_view(event))

    async def replay_rejected_event(self, rejected_id: RejectedId) -> Response:
        """Deliver a rejected event again, and save the outcome.

        An event whose replay has succeeded is not delivered again; the earlier outcome is returned.
        """
        replayed = await self._replay.replay(rejected_id)
        return JsonAnswer(
            {
                "id": rejected_id,
                "outcome": replayed.outcome,
                "replayed": ns_to_rfc3339(replayed.replayed_ns),
                "key": replayed.rejection.key if replayed.rejection else None,
                "message": replayed.rejection.message if replayed.rejection else None,
            }
        )
