"""The questions of the store, answered from rollups where they may be trusted and from raw points for the rest."""

from __future__ import annotations

import collections
import heapq
from collections.abc import Awaitable, Callable

from ha_ingestor_store import across_renames, answers
from ha_ingestor_store.influx.database import Database
from ha_ingestor_store.influx.influxql.selections import Entity, EventFilter
from ha_ingestor_store.influx.queries.time_slices import slices_back
from ha_ingestor_store.influx.reading.alerts import recent_alerts
from ha_ingestor_store.influx.reading.entity_activity import InfluxEntityActivity
from ha_ingestor_store.influx.reading.gaps import recent_gaps
from ha_ingestor_store.influx.reading.parts import bounds, event_parts
from ha_ingestor_store.influx.reading.service_reader import ServiceReader, no_progress
from ha_ingestor_store.influx.rollups.progress import Progress
from ha_ingestor_store.influx.schema import (
    EVENT_ROLLUPS,
    LEVEL_METRICS,
    MAX_TIME_NS,
    MIN_TIME_NS,
    SECOND_NS,
    SUMMED_METRICS,
)
from ha_ingestor_store.points import WeatherObservation, newest_first, tags_order
from ha_ingestor_store.questions import (
    EVERY_HOME,
    EntityHistory,
    EntityWindows,
    EventCursor,
    Homes,
    KnownEntities,
    RecentAlerts,
    RecentEvents,
    RecentGaps,
    SilentEntities,
)
from ha_ingestor_store.renames import BEGIN_NS, NO_RENAMES, IdRange, Renames
from ha_ingestor_store.rollup_pieces import grains_within
from ha_ingestor_store.silent_entities import silent_entities
from ha_ingestor_store.time_range import DAY_NS, TimeRange, window_starts

_METRICS = {name: order for order, name in enumerate((*SUMMED_METRICS, *LEVEL_METRICS))}
_LOOK_BACK_NS = 30 * DAY_NS
_EVERY_OBSERVATION = 1_000_000_000
_OLDEST_NS = 2 * SECOND_NS


async def _no_renames() -> Renames:
    return NO_RENAMES


class InfluxReader(ServiceReader):
    """`StoreReader` over a database; without `progress` it reads raw points alone."""

    def __init__(
        self,
        database: Database,
        progress: Callable[[], Awaitable[Progress]] = no_progress,
        renames: Callable[[], Awaitable[Renames]] = _no_renames,
        progress_anew: Callable[[], Awaitable[Progress]] = no_progress,
    ) -> None:
        super().__init__(database, progress)
        self._activity = InfluxEntityActivity(database, progress)
        self.progress_anew = progress_anew
        self.renames = renames

    async def as_of(self, now_ns: int) -> int:
        """Return the second until which rollups are closed; one that is older than two seconds is no answer of now."""
        second_ns = now_ns // SECOND_NS * SECOND_NS
        for progress in (self.progress, self.progress_anew):
            seconds = (await progress()).events.get(SECOND_NS)
            if seconds is not None and now_ns - _OLDEST_NS <= seconds.until_ns:
                return min(seconds.until_ns, second_ns)
        return second_ns

    async def event_count(self, time_range: TimeRange) -> answers.EventCount:
        """Return the number of events in the range; faster than `event_statistics`."""
        progress = await self.progress()
        found = await self._database.counts(event_parts(time_range, progress), ())
        return answers.EventCount(sum(row.total for row in found), _coverage(progress, time_range))

    async def event_statistics(self, time_range: TimeRange) -> answers.EventStatistics:
        """Return the number of events in the range, by event type and by domain."""
        progress = await self.progress()
        parts = event_parts(time_range, progress)
        by_event_type: collections.Counter[str] = collections.Counter()
        by_domain: collections.Counter[str] = collections.Counter()
        for (event_type, domain), count in await self._database.counts(parts, ("event_type", "domain")):
            by_event_type[event_type or ""] += count
            if domain:
                by_domain[domain] += count
        return answers.EventStatistics(
            total=by_event_type.total(),
            by_event_type=dict(+by_event_type),
            by_domain=dict(+by_domain),
            coverage=_coverage(progress, time_range),
        )

    async def event_trend(self, time_range: TimeRange, window_ns: int) -> list[answers.TrendPoint]:
        """Return the number of events in each window (aligned to 1970), 0 in empty ones; their sum is the total."""
        parts = event_parts(time_range, await self.progress(), grains_within(EVENT_ROLLUPS, window_ns))
        counts: collections.Counter[int] = collections.Counter()
        for time_ns, count in await self._database.window_counts(parts, window_ns):
            counts[time_ns // window_ns] += count
        return [
            answers.TrendPoint(start_ns=start, count=counts[start // window_ns])
            for start in window_starts(time_range, window_ns)
        ]

    async def recent_events(self, question: RecentEvents) -> answers.EventPage:
        """Return events, newest first; of one entity across all its renames."""
        return await across_renames.recent(await self.renames(), question, self._recent_events)

    async def _recent_events(self, question: RecentEvents) -> answers.EventPage:
        if question.entity_id == "":
            return answers.EventPage([], None)
        wanted = EventFilter(question.entity_id, question.domain, question.event_type, question.homes, question.area)
        start_ns, end_ns = bounds(question.time_range)
        limit = question.limit + 1
        if question.cursor:  # events of the cursor's own nanosecond may be left, behind it in the order of the tags
            end_ns = min(end_ns, question.cursor.time_ns + 1)
            limit += await self._database.events_at(wanted, question.cursor.time_ns)
        points = await self._database.newest_events(wanted, start_ns, end_ns, limit) if start_ns < end_ns else []
        found = sorted(points, key=newest_first)
        if question.cursor:
            after = (-question.cursor.time_ns, tags_order(question.cursor.series))
            found = [point for point in found if newest_first(point) > after]
        page = found[: question.limit]
        more = len(found) > question.limit
        return answers.EventPage(page, EventCursor(page[-1].time_ns, page[-1].series_key) if more else None)

    async def homes(self) -> list[str]:
        """Return the homes that have events, by name."""
        parts = event_parts(TimeRange(MIN_TIME_NS, MAX_TIME_NS), await self.progress())
        return sorted({row.tags[0] for row in await self._database.counts(parts, ("home",)) if row.tags[0]})

    async def entity_homes(self, entity_id: str) -> list[str]:
        """Return the homes in which the entity with this id, under any of its ids, has states, by name."""
        changes = await self._activity.last_changes(BEGIN_NS, [entity_id])
        return await across_renames.homes_of(await self.renames(), entity_id, changes, self)

    async def entity_history(self, question: EntityHistory) -> answers.HistoryPage:
        """Return the states of one entity of a home, oldest first, across all its renames."""
        return await across_renames.history(await self.renames(), question, self)

    async def entity_windows(self, question: EntityWindows) -> answers.WindowsPage:
        """Return the numbers of one entity of a home, in windows, across all its renames."""
        return await across_renames.windows(await self.renames(), question, self)

    async def states(self, id_range: IdRange, limit: int) -> list[answers.HistoryPoint]:
        """Return at most `limit` states, oldest first."""
        return await self._database.states(_entity(id_range), *_bounds_of(id_range), limit)

    async def last_state(self, id_range: IdRange) -> answers.HistoryPoint | None:
        """Return the newest state; slice by slice, since all time at once opens every shard."""
        for start_ns, end_ns in slices_back(*_bounds_of(id_range), _LOOK_BACK_NS, growth=8):
            found = await self._database.last_state(_entity(id_range), start_ns, end_ns)
            if found is not None:
                return found
        return None

    async def last_unit(self, id_range: IdRange) -> str | None:
        """Return the unit of the newest state that has one."""
        return await self._database.last_unit(_entity(id_range), *_bounds_of(id_range))

    async def busiest_entities(
        self, time_range: TimeRange, limit: int = 10, homes: Homes = EVERY_HOME
    ) -> list[answers.EntityCount]:
        """Return entities by their number of events of any type, most first, then by current id, then by home."""
        found = await self._activity.changes(time_range)
        counts = {key: count for key, count in found.items() if homes.include(key[0])}
        return await across_renames.busiest(await self.renames(), counts, time_range, limit, self.count_events_of_id)

    async def known_entities(self, question: KnownEntities) -> list[answers.KnownEntity]:
        """Return the entities that had a state in the range, by home and id; without ids that were renamed since."""
        start_ns, end_ns = bounds(question.time_range)
        found = await self._database.known_entities(question.entity_id, question.homes, start_ns, end_ns)
        return across_renames.present(await self.renames(), found)

    async def silent_entities(self, question: SilentEntities) -> list[answers.EntitySilence]:
        """Return silent entities: with `before_ns` the longest silence first, without it the largest factor first."""
        return await silent_entities(self._activity, await self.renames(), question)

    async def gaps(self, question: RecentGaps) -> answers.GapPage:
        """Return the gaps that overlap a range, newest first."""
        return await recent_gaps(self._database, question)

    async def alerts(self, question: RecentAlerts) -> answers.AlertPage:
        """Return the alerts that were active in a range, newest first."""
        return await recent_alerts(self._database, question)

    async def weather(self, time_range: TimeRange, limit: int = 1000) -> list[WeatherObservation]:
        """Return the newest weather observations of the range: newest first, then by home and source."""
        found = await self._database.weather(*bounds(time_range), limit)
        if len(found) >= limit:  # a limit cuts through the observations of one nanosecond as it likes
            last = heapq.nlargest(limit, (each.time_ns for each in found))[-1]
            newer = [each for each in found if each.time_ns > last]
            found = [*newer, *await self._database.weather(last, last + 1, _EVERY_OBSERVATION)]
        return heapq.nsmallest(limit, found, key=lambda each: (-each.time_ns, each.home, each.source))

    async def ping(self) -> None:
        """Run a cheap query; raises StoreUnavailableError or StoreRefusedError."""
        await self._database.ping()

    async def count_events_of_id(self, id_range: IdRange) -> int:
        wanted = EventFilter(id_range.entity_id, homes=id_range.homes)
        start_ns, end_ns = bounds(TimeRange(id_range.start_ns, id_range.end_ns))
        return (await self._database.event_counts(wanted, [(start_ns, end_ns)]))[0]


def _entity(id_range: IdRange) -> Entity:
    return Entity(id_range.entity_id, id_range.homes)


def _bounds_of(id_range: IdRange) -> tuple[int, int]:
    return bounds(TimeRange(id_range.start_ns, id_range.end_ns))


def _coverage(progress: Progress, time_range: TimeRange) -> answers.Coverage:
    start_ns = progress.captured_from_ns
    if start_ns is None:
        return answers.Coverage(start_ns=None, complete=False)
    return answers.Coverage(max(start_ns, time_range.start_ns), start_ns <= time_range.start_ns)
