"""`/entities`: lists of entities, busiest and silent entities, and the history of an entity."""

from __future__ import annotations

import asyncio

from fastapi import APIRouter, Depends, Response
from ha_ingestor_core.clock import Clock, ns_to_rfc3339
from ha_ingestor_store.questions import EntityHistory, EntityWindows, Homes, KnownEntities, SilentEntities
from ha_ingestor_store.store import Source, StoreReader
from ha_ingestor_store.time_range import DAY_NS, TimeRange, parse_window, period_range
from starlette.convertors import PathConvertor, register_url_convertor

from admin_api.events.entity_list import EntityFilters, choices, is_behind, known_view, listed
from admin_api.events.entity_names import EntityNames
from admin_api.events.known_names import home_of_entity, homes_of
from admin_api.events.models import BusiestAnswer, EntitiesAnswer, EntityAnswer, HistoryAnswer, SilentAnswer
from admin_api.events.views import history_view, silence_view, windows_view
from admin_api.http.errors import ERRORS, NOT_FOUND
from admin_api.http.parameters import (
    MAX_TIME_NS,
    MIN_TIME_NS,
    Cursor,
    EntityId,
    Factor,
    Glob,
    HistoryCursor,
    HistoryLimit,
    Home,
    Limit,
    Period,
    SilentPeriod,
    Text,
    Time,
    Window,
    Words,
    cursor_text,
    entity_cursor_of,
    history_cursor_of,
    only_known,
    range_of,
    text_of,
    time_of,
)
from admin_api.http.views import JsonAnswer


class _AnythingConvertor(PathConvertor):
    """Matches decoded entity ids with slashes and newlines; `:path` stops at a newline."""

    regex = r"[\s\S]*"


register_url_convertor("anything", _AnythingConvertor())

_RESPONSES = {**ERRORS, **NOT_FOUND}
_MOST_ENTITIES = 1_000_000
"""More than in any home."""


class EntityEndpoints:
    """The entities in the store."""

    def __init__(self, *, reader: StoreReader, source: Source, clock: Clock) -> None:
        self._reader = reader
        self._source = source
        self._clock = clock
        self._names = EntityNames(reader=reader, clock=clock)
        self.router = APIRouter(prefix="/api/v1/entities", tags=["entities"], dependencies=[Depends(only_known)])
        self.router.add_api_route("", self.get_entities, response_model=EntitiesAnswer, responses=_RESPONSES)
        self.router.add_api_route("/busiest", self.get_busiest, response_model=BusiestAnswer, responses=_RESPONSES)
        self.router.add_api_route("/silent", self.get_silent, response_model=SilentAnswer, responses=_RESPONSES)
        self.router.add_api_route(
            "/{entity_id:anything}/history", self.get_history, response_model=HistoryAnswer, responses=_RESPONSES
        )
        self.router.add_api_route(
            "/{entity_id:anything}", self.get_entity, response_model=EntityAnswer, responses=_RESPONSES
        )

    async def get_entities(
        self,
        period: Period = "7d",
        q: Words = None,
        entity_id: Glob = None,
        domain: Text = None,
        area: Text = None,
        floor: Text = None,
        label: Text = None,
        device: Text = None,
        integration: Text = None,
        home: Home = None,
        limit: Limit = 100,
        cursor: Cursor = None,
    ) -> Response:
        """Return the entities with events in a period that ends now, sorted by id, with their number of events.

        Area, floor, labels, device and integration are those of the newest state in the period. `total` is the number
        of matching entities on all pages; `choices` are the values to filter by.
        """
        given = {
            "q": q,
            "entity_id": entity_id,
            "domain": domain,
            "area": area,
            "floor": floor,
            "label": label,
            "device": device,
            "integration": integration,
        }
        filters = EntityFilters(**{name: text_of(value, name) for name, value in given.items()})
        after = entity_cursor_of(cursor)
        now_ns = self._clock.now_ns()
        time_range = period_range(period, now_ns)
        homes = await homes_of(self._reader, text_of(home, "home"))
        counts, known = await asyncio.gather(
            self._reader.busiest_entities(time_range, _MOST_ENTITIES, homes),
            self._reader.known_entities(KnownEntities(time_range, None, homes)),
        )
        wanted = listed(counts, known, filters)
        behind = wanted if after is None else [each for each in wanted if is_behind(each, after)]
        page = behind[:limit]
        return JsonAnswer(
            {
                "timestamp": ns_to_rfc3339(now_ns),
                "period": period,
                "entities": [entity.view for entity in page],
                "total": len(wanted),
                "choices": choices(counts, known),
                "next_cursor": cursor_text(page[-1].place) if len(behind) > limit else None,
                "source": self._source,
            }
        )

    async def get_entity(self, entity_id: EntityId, home: Home = None) -> Response:
        """Return names, area, device and newest state of an entity."""
        text_of(entity_id, "entity_id")
        found = await home_of_entity(self._reader, entity_id, text_of(home, "home"))
        question = KnownEntities(TimeRange(MIN_TIME_NS, MAX_TIME_NS), entity_id, Homes(only=found))
        known = await self._reader.known_entities(question)
        return JsonAnswer(known_view(found, entity_id, known[0] if known else None))

    async def get_busiest(self, period: Period = "1h", home: Home = None, limit: Limit = 10) -> Response:
        """Return the entities with the most events in a period that ends now."""
        now_ns = self._clock.now_ns()
        homes = await homes_of(self._reader, text_of(home, "home"))
        counts = await self._reader.busiest_entities(period_range(period, now_ns), limit, homes)
        names = await self._names.of((entity.home, entity.entity_id) for entity in counts)
        return JsonAnswer(
            {
                "timestamp": ns_to_rfc3339(now_ns),
                "period": period,
                "entities": [
                    {
                        "entity_id": entity.entity_id,
                        "home": entity.home,
                        "friendly_name": names[entity.home, entity.entity_id],
                        "count": entity.count,
                    }
                    for entity in counts
                ],
                "source": self._source,
            }
        )

    async def get_silent(
        self, period: SilentPeriod = None, factor: Factor = 2.0, home: Home = None, limit: Limit = 100
    ) -> Response:
        """Return entities that are silent for longer than their usual interval (`factor`), or than `period`."""
        now_ns = self._clock.now_ns()
        before_ns = period_range(period, now_ns).start_ns if period else None
        homes = await homes_of(self._reader, text_of(home, "home"))
        found = await self._reader.silent_entities(SilentEntities(now_ns, before_ns, factor, limit, homes))
        names = await self._names.of((entity.home, entity.entity_id) for entity in found)
        return JsonAnswer(
            {
                "timestamp": ns_to_rfc3339(now_ns),
                "period": period,
                "entities": [silence_view(each, names[each.home, each.entity_id]) for each in found],
                "source": self._source,
            }
        )

    async def get_history(
        self,
        entity_id: EntityId,
        home: Home = None,
        start: Time = None,
        end: Time = None,
        window: Window = None,
        limit: HistoryLimit = 1000,
        cursor: Cursor = None,
    ) -> Response:
        """Return the states of an entity, oldest first, or with `window` its min, mean and max; 24 hours by default.

        `home` is required if the entity is in several homes. States have the unit at their time; windows have the
        latest unit if values can be converted to it. Means are weighted by time: a value holds until the next one.
        """
        text_of(entity_id, "entity_id")
        time_range = range_of(start, end, self._default_start_ns(end))
        window_ns = self._window_ns(window, time_range) if window else None
        after = history_cursor_of(cursor, text_of(home, "home"), window_ns=window_ns or 1)
        wanted = after.home if after else text_of(home, "home")
        found = await home_of_entity(self._reader, entity_id, wanted)
        after_ns = after.after_ns if after else None
        if window_ns is None:
            history = await self._reader.entity_history(EntityHistory(found, entity_id, time_range, limit, after_ns))
            unit, points, next_after_ns = history.unit, history_view(history.points), history.next_after_ns
        else:
            question = EntityWindows(found, entity_id, time_range, window_ns, self._clock.now_ns(), limit, after_ns)
            windows = await self._reader.entity_windows(question)
            unit, points, next_after_ns = windows.unit, windows_view(windows.points), windows.next_after_ns
        next_cursor = None if next_after_ns is None else cursor_text(HistoryCursor(next_after_ns, found))
        return JsonAnswer(
            {"entity_id": entity_id, "home": found, "unit": unit, "points": points, "next_cursor": next_cursor}
        )

    def _window_ns(self, window: str, time_range: TimeRange) -> int:
        # windows after now are not counted
        counted_end_ns = max(min(time_range.end_ns, self._clock.now_ns()), time_range.start_ns + 1)
        return parse_window(window, TimeRange(time_range.start_ns, counted_end_ns))

    def _default_start_ns(self, end: str | None) -> int:
        end_ns = time_of(end, "end") if end else self._clock.now_ns()
        return max(end_ns - DAY_NS, MIN_TIME_NS)
