"""`/entities`: how one entity went, which are the busiest, and which are silent."""

from __future__ import annotations

from fnmatch import fnmatchcase

from fastapi import APIRouter, Depends, Response
from ha_ingestor_core.clock import Clock, ns_to_rfc3339
from ha_ingestor_store.periods import DAY_NS, TimeRange, parse_window, period_range
from ha_ingestor_store.questions import EntityHistory, EntityWindows, SilentEntities
from ha_ingestor_store.store import Source, StoreReader
from starlette.convertors import PathConvertor, register_url_convertor

from admin_api.errors import ERRORS
from admin_api.models import BusiestAnswer, EntitiesAnswer, HistoryAnswer, SilentAnswer
from admin_api.parameters import (
    MIN_TIME_NS,
    Cursor,
    EntityId,
    Factor,
    Glob,
    HistoryLimit,
    Limit,
    Period,
    SilentPeriod,
    Text,
    Time,
    Window,
    cursor_text,
    history_cursor_of,
    name_cursor_of,
    only_known,
    range_of,
    refusal,
    text_of,
    time_of,
)
from admin_api.views import JsonAnswer, View, history_view, silence_view, windows_view


class _AnythingConvertor(PathConvertor):
    """An entity id arrives decoded and may hold a slash or a line break; `:path` stops at a line break."""

    regex = r"[\s\S]*"


register_url_convertor("anything", _AnythingConvertor())

_MOST_ENTITIES = 1_000_000
"""More than any home has."""


class EntityEndpoints:
    """The entities of the store."""

    def __init__(self, *, reader: StoreReader, source: Source, clock: Clock) -> None:
        self._reader = reader
        self._source = source
        self._clock = clock
        self.router = APIRouter(prefix="/api/v1/entities", tags=["entities"], dependencies=[Depends(only_known)])
        self.router.add_api_route("", self.get_entities, response_model=EntitiesAnswer, responses=ERRORS)
        self.router.add_api_route("/busiest", self.get_busiest, response_model=BusiestAnswer, responses=ERRORS)
        self.router.add_api_route("/silent", self.get_silent, response_model=SilentAnswer, responses=ERRORS)
        self.router.add_api_route(
            "/{entity_id:anything}/history", self.get_history, response_model=HistoryAnswer, responses=ERRORS
        )

    async def get_entities(
        self,
        period: Period = "7d",
        entity_id: Glob = None,
        domain: Text = None,
        limit: Limit = 100,
        cursor: Cursor = None,
    ) -> Response:
        """The entities that had any event in a period that ends now, by name, each with the number of its events."""
        glob, only, after = text_of(entity_id, "entity_id"), text_of(domain, "domain"), name_cursor_of(cursor)
        now_ns = self._clock.now_ns()
        counts = await self._reader.busiest_entities(period_range(period, now_ns), _MOST_ENTITIES)
        wanted = sorted(
            (entity.entity_id, entity.count)
            for entity in counts
            if (after is None or entity.entity_id > after)
            and (only is None or _domain(entity.entity_id) == only)
            and (glob is None or fnmatchcase(entity.entity_id, glob.replace("[", "[[]")))
        )
        page = wanted[:limit]
        return JsonAnswer(
            {
                "timestamp": ns_to_rfc3339(now_ns),
                "period": period,
                "entities": [{"entity_id": name, "domain": _domain(name), "count": count} for name, count in page],
                "next_cursor": cursor_text(page[-1][0]) if len(wanted) > limit else None,
                "source": self._source,
            }
        )

    async def get_busiest(self, period: Period = "1h", limit: Limit = 10) -> Response:
        """The entities with the most events of a period that ends now."""
        now_ns = self._clock.now_ns()
        counts = await self._reader.busiest_entities(period_range(period, now_ns), limit)
        return JsonAnswer(
            {
                "timestamp": ns_to_rfc3339(now_ns),
                "period": period,
                "entities": [{"entity_id": entity.entity_id, "count": entity.count} for entity in counts],
                "source": self._source,
            }
        )

    async def get_silent(self, period: SilentPeriod = None, factor: Factor = 2.0, limit: Limit = 100) -> Response:
        """The entities that are silent: for longer than usual, each by its own rhythm, or by the clock (`period`)."""
        now_ns = self._clock.now_ns()
        before_ns = period_range(period, now_ns).start_ns if period else None
        found = await self._reader.silent_entities(SilentEntities(now_ns, before_ns, factor, limit))
        return JsonAnswer(
            {
                "timestamp": ns_to_rfc3339(now_ns),
                "period": period,
                "entities": list(map(silence_view, found)),
                "source": self._source,
            }
        )

    async def get_history(
        self,
        entity_id: EntityId,
        start: Time = None,
        end: Time = None,
        window: Window = None,
        limit: HistoryLimit = 1000,
        cursor: Cursor = None,
    ) -> Response:
        """The history of an entity, oldest first: its states, or with `window` its numbers; 24 h by default."""
        if "\x00" in entity_id:
            raise refusal("entity_id", "a text without NUL")
        time_range = range_of(start, end, self._default_start_ns(end))
        if window:
            view = await self._windows(entity_id, time_range, window, limit, cursor)
        else:
            view = await self._states(entity_id, time_range, limit, cursor)
        return JsonAnswer({"entity_id": entity_id, **view})

    async def _states(self, entity_id: str, time_range: TimeRange, limit: int, cursor: str | None) -> View:
        after_ns = history_cursor_of(cursor)
        page = await self._reader.entity_history(EntityHistory(entity_id, time_range, limit, after_ns))
        return {
            "unit": page.unit,
            "points": history_view(page.points),
            "next_cursor": cursor_text(page.next_after_ns),
        }

    async def _windows(
        self, entity_id: str, time_range: TimeRange, window: str, limit: int, cursor: str | None
    ) -> View:
        now_ns = self._clock.now_ns()
        # a range that is open at its end holds no windows after now that are worth counting
        counted_end_ns = max(min(time_range.end_ns, now_ns), time_range.start_ns + 1)
        window_ns = parse_window(window, TimeRange(time_range.start_ns, counted_end_ns))
        after_ns = history_cursor_of(cursor, window_ns=window_ns)
        page = await self._reader.entity_windows(EntityWindows(entity_id, time_range, window_ns, limit, after_ns))
        return {
            "unit": page.unit,
            "points": windows_view(page.points),
            "next_cursor": cursor_text(page.next_after_ns),
        }

    def _default_start_ns(self, end: str | None) -> int:
        end_ns = time_of(end, "end") if end else self._clock.now_ns()
        return max(end_ns - DAY_NS, MIN_TIME_NS)


def _domain(entity_id: str) -> str:
    return entity_id.partition(".")[0]
