"""`/gaps`: gaps of the capture, and their recovery."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import islice

from fastapi import APIRouter, Depends, Response
from ha_ingestor_core.clock import Clock
from ha_ingestor_core.errors import ServiceUnavailableError
from ha_ingestor_core.gaps import Gap
from ha_ingestor_store.questions import RecentGaps
from ha_ingestor_store.store import StoreReader
from ha_ingestor_store.time_range import DAY_NS

from admin_api.events.entity_names import EntityNames
from admin_api.events.known_names import homes_of
from admin_api.http.errors import ERRORS, NOT_FOUND
from admin_api.http.parameters import (
    Cursor,
    Limit,
    Text,
    Time,
    cursor_text,
    gap_cursor_of,
    only_known,
    range_of,
    text_of,
)
from admin_api.http.views import JsonAnswer
from admin_api.peers.status import StatusSources, Unreachable
from admin_api.records.models import FillingAnswer, GapsAnswer
from admin_api.records.views import filling_view, gap_view

_ENTITY_ID = re.compile(r"\b[a-z][a-z0-9_]*\.[a-z0-9_]+\b")
_MOST_NAMES = 200
"""Maximum number of entities per page whose names are looked up."""


class GapEndpoints:
    """The stored gaps, and the gaps that websocket-ingestion is filling."""

    def __init__(self, *, reader: StoreReader, sources: StatusSources, clock: Clock) -> None:
        self._reader = reader
        self._sources = sources
        self._clock = clock
        self._names = EntityNames(reader=reader, clock=clock)
        self.router = APIRouter(prefix="/api/v1/gaps", tags=["gaps"], dependencies=[Depends(only_known)])
        self.router.add_api_route("", self.get_gaps, response_model=GapsAnswer, responses={**ERRORS, **NOT_FOUND})
        self.router.add_api_route("/filling", self.get_filling, response_model=FillingAnswer, responses=ERRORS)

    async def get_gaps(
        self,
        home: Text = None,
        start: Time = None,
        end: Time = None,
        limit: Limit = 100,
        cursor: Cursor = None,
    ) -> Response:
        """Return gaps that overlap the range, newest start first; `open` is the number of open gaps of any time."""
        only = text_of(home, "home")
        page = await self._reader.gaps(
            RecentGaps(
                time_range=range_of(start, end, default_end_ns=self._clock.now_ns() + DAY_NS),
                home=only,
                limit=limit,
                cursor=gap_cursor_of(cursor),
            )
        )
        if not page.gaps:
            await homes_of(self._reader, only)  # only then: a home may have gaps before it has events
        names = await self._names_of(page.gaps)
        return JsonAnswer(
            {
                "gaps": [gap_view(gap, names[gap.home]) for gap in page.gaps],
                "open": page.open,
                "next_cursor": cursor_text(page.next_cursor),
            }
        )

    async def get_filling(self) -> Response:
        """Return the gap being filled in each home, with its progress."""
        status, _ = await self._sources.ask()
        if isinstance(status, Unreachable):
            raise ServiceUnavailableError(f"websocket-ingestion is unreachable: {status.reason}")
        return JsonAnswer({"filling": [filling_view(home) for home in status.homes if home.gaps.filling is not None]})

    async def _names_of(self, gaps: Sequence[Gap]) -> dict[str, dict[str, str]]:
        """Return the friendly names of the entities in `lost`, by home."""
        lost = {(gap.home, entity): None for gap in gaps for text in gap.lost for entity in _ENTITY_ID.findall(text)}
        found = await self._names.of(islice(lost, _MOST_NAMES))
        names: dict[str, dict[str, str]] = {gap.home: {} for gap in gaps}
        for (home, entity), name in found.items():
            if name is not None:
                names[home][entity] = name
        return names
