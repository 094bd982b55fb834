"""The questions of the store, answered from rollups where they may be trusted and from raw points for the rest."""

from __future__ import annotations

import asyncio
import collections
import heapq
from collections.abc import Awaitable, Callable, Sequence
from itertools import chain
from typing import Any

from ha_ingestor_core.service_metrics import (
    LATENCY_BUCKETS,
    LATENCY_SUM,
    Counter,
    Level,
    latency_quantile,
    success_rate,
)

from ha_ingestor_store import across_renames, answers
from ha_ingestor_store.influx.database import Database
from ha_ingestor_store.influx.influxql.selections import Entity, EventFilter, Part, with_length
from ha_ingestor_store.influx.reading.alerts import recent_alerts
from ha_ingestor_store.influx.reading.entity_activity import InfluxSenses
from ha_ingestor_store.influx.reading.gaps import recent_gaps
from ha_ingestor_store.influx.reading.rows import FieldRow
from ha_ingestor_store.influx.reading.time_slices import slices_back
from ha_ingestor_store.influx.rollups.progress import NO_PROGRESS, Progress, plan_spans
from ha_ingestor_store.influx.schema import (
    EVENT_ROLLUPS,
    EVENTS,
    LEVEL_METRICS,
    MAX_TIME_NS,
    MIN_TIME_NS,
    ROLLED_UP_METRICS,
    SERVICE_METRICS,
    SERVICE_ROLLUPS,
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
from ha_ingestor_store.service_levels import NewestReport, service_levels
from ha_ingestor_store.service_windows import service_windows
from ha_ingestor_store.silent_entities import silent_entities
from ha_ingestor_store.time_range import DAY_NS, TimeRange, window_starts

_METRICS = {name: order for order, name in enumerate((*SUMMED_METRICS, *LEVEL_METRICS))}
_LOOK_BACK_NS = 30 * DAY_NS
_EVERY_OBSERVATION = 1_000_000_000


async def _no_progress() -> Progress:
    return NO_PROGRESS


async def _no_renames() -> Renames:
    return NO_RENAMES


class Questions:
    """`StoreReader` over a database; without `progress` it reads raw points alone."""

    def __init__(
        self,
        database: Database,
        progress: Callable[[], Awaitable[Progress]] = _no_progress,
        renames: Callable[[], Awaitable[Renames]] = _no_renames,
    ) -> None:
        self._database = database
        self._senses = InfluxSenses(database, progress)
        self.progress = progress
        self.renames = renames

    async def event_count(self, time_range: TimeRange) -> answers.EventCount:
        """See StoreReader.event_count."""
        progress = await self.progress()
        found = await self._database.counts(_event_parts(time_range, progress, tuple(EVENT_ROLLUPS)), ())
        return answers.EventCount(sum(row.total for row in found), _coverage(progress, time_range))

    async def event_statistics(self, time_range: TimeRange) -> answers.EventStatistics:
        """See StoreReader.event_statistics."""
        progress = await self.progress()
        parts = _event_parts(time_range, progress, tuple(EVENT_ROLLUPS))
        by_event_type: collections.Counter[str] = collections.Counter()
        by_domain: collections.Counter[str] = collections.Counter()
        for (event_type, domain), count in await self._database.counts(parts, ("event_type", "domain")):
            by_event_type[event_type or ""] += count
            if domain:
                by_domain[domain] += count
        return answers.EventStatistics(
            total=by_event_type.total(),
            by_event_type=dict(by_event_type),
            by_domain=dict(by_domain),
            coverage=_coverage(progress, time_range),
        )

    async def event_trend(self, time_range: TimeRange, window_ns: int) -> list[answers.TrendPoint]:
        """See StoreReader.event_trend."""
        parts = _event_parts(time_range, await self.progress(), grains_within(EVENT_ROLLUPS, window_ns))
        counts: collections.Counter[int] = collections.Counter()
        for time_ns, count in await self._database.window_counts(parts, window_ns):
            counts[time_ns // window_ns] += count
        return [
            answers.TrendPoint(start_ns=start, count=counts[start // window_ns])
            for start in window_starts(time_range, window_ns)
        ]

    async def error_rate(self, time_range: TimeRange) -> answers.ErrorRate:
        """See StoreReader.error_rate."""
        names = (Counter.WRITE_ATTEMPTS.value, Counter.WRITE_ERRORS.value)
        sums = await self._database.service_sums(await self._service_parts(time_range), names, None)
        return answers.ErrorRate(
            total_writes=int(sum(s.get(Counter.WRITE_ATTEMPTS, 0) for s in sums.values())),
            write_errors=int(sum(s.get(Counter.WRITE_ERRORS, 0) for s in sums.values())),
        )

    async def service_statistics(
        self, time_range: TimeRange, service: str | None = None
    ) -> list[answers.ServiceStatistics]:
        """See StoreReader.service_statistics."""
        parts = await self._service_parts(time_range)
        sums, rows = await asyncio.gather(
            self._database.service_sums(parts, SUMMED_METRICS, service),
            self._database.newest_reports(*_bounds(time_range), service),
        )
        newest: dict[str, list[FieldRow]] = {}
        for row in rows:
            newest.setdefault(row.service, []).append(row)
        return [
            await self._service_answer(time_range, name, sums.get(name, {}), newest.get(name, []))
            for name in sorted(sums.keys() | newest.keys())
        ]

    async def service_trend(
        self, service: str, name: str, time_range: TimeRange, window_ns: int
    ) -> list[answers.ServiceTrendPoint]:
        """See StoreReader.service_trend."""
        if name not in _METRICS:
            return []
        is_summed = name in SUMMED_METRICS
        # The mean of a level is that of its reports: the means of hours can't be added up.
        parts = await self._service_parts(time_range, grains_within(SERVICE_ROLLUPS, window_ns) if is_summed else ())
        values: dict[int, float] = {}
        for time_ns, value in await self._database.service_windows(
            service, name, parts, window_ns, is_summed=is_summed
        ):
            start_ns = time_ns // window_ns * window_ns
            values[start_ns] = values.get(start_ns, 0.0) + value
        return [answers.ServiceTrendPoint(start_ns, values[start_ns]) for start_ns in sorted(values)]

    async def service_windows(
        self, time_range: TimeRange, window_ns: int, service: str | None = None
    ) -> list[answers.ServiceWindow]:
        """Return the windows of each service, or one, by name, then time."""
        parts = await self._service_parts(time_range, grains_within(SERVICE_ROLLUPS, window_ns))
        found = await asyncio.gather(
            *(self._database.window_sums(part, window_ns, ("service",), ROLLED_UP_METRICS) for part in parts)
        )
        return service_windows(
            ((name, start_ns // window_ns * window_ns), values)
            for start_ns, (name,), values in chain.from_iterable(found)
            if name and service in (None, name)
        )

    async def latest_metrics(self, service: str | None = None, limit: int = 1000) -> list[answers.LatestMetric]:
        """See StoreReader.latest_metrics."""
        rows = _of_newest_reports(await self._database.newest_reports(MIN_TIME_NS, MAX_TIME_NS, service))
        rows.sort(key=lambda row: (row.service, row.instance, _METRICS[row.name]))
        return [
            answers.LatestMetric(
                service=row.service, instance=row.instance, name=row.name, value=row.value, time_ns=row.time_ns
            )
            for row in rows
        ][:limit]

    async def recent_events(self, question: RecentEvents) -> answers.EventPage:
        """See StoreReader.recent_events."""
        return await across_renames.recent(await self.renames(), question, self._recent_events)

    async def _recent_events(self, question: RecentEvents) -> answers.EventPage:
        if question.entity_id == "":
            return answers.EventPage([], None)
        wanted = EventFilter(question.entity_id, question.domain, question.event_type, question.homes, question.area)
        start_ns, end_ns = _bounds(question.time_range)
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
        """See StoreReader.homes."""
        parts = _event_parts(TimeRange(MIN_TIME_NS, MAX_TIME_NS), await self.progress(), tuple(EVENT_ROLLUPS))
        return sorted({row.tags[0] for row in await self._database.counts(parts, ("home",)) if row.tags[0]})

    async def entity_homes(self, entity_id: str) -> list[str]:
        """See StoreReader.entity_homes."""
        changes = await self._senses.last_changes(BEGIN_NS, [entity_id])
        return await across_renames.homes_of(await self.renames(), entity_id, changes, self)

    async def entity_history(self, question: EntityHistory) -> answers.HistoryPage:
        """See StoreReader.entity_history."""
        return await across_renames.history(await self.renames(), question, self)

    async def entity_windows(self, question: EntityWindows) -> answers.WindowsPage:
        """See StoreReader.entity_windows."""
        return await across_renames.windows(await self.renames(), question, self)

    async def states(self, id_range: IdRange, limit: int) -> list[answers.HistoryPoint]:
        """See EntityStates.states."""
        return await self._database.states(_entity(id_range), *_stretch_bounds(id_range), limit)

    async def last_state(self, id_range: IdRange) -> answers.HistoryPoint | None:
        """See EntityStates.last_state; slice by slice, since all time at once opens every shard."""
        for start_ns, end_ns in slices_back(*_stretch_bounds(id_range), _LOOK_BACK_NS, growth=8):
            found = await self._database.last_state(_entity(id_range), start_ns, end_ns)
            if found is not None:
                return found
        return None

    async def last_unit(self, id_range: IdRange) -> str | None:
        """See EntityStates.last_unit."""
        return await self._database.last_unit(_entity(id_range), *_stretch_bounds(id_range))

    async def busiest_entities(
        self, time_range: TimeRange, limit: int = 10, homes: Homes = EVERY_HOME
    ) -> list[answers.EntityCount]:
        """See StoreReader.busiest_entities."""
        found = await self._senses.changes(time_range)
        counts = {key: count for key, count in found.items() if homes.include(key[0])}
        return await across_renames.busiest(await self.renames(), counts, time_range, limit, self.count_events_of_id)

    async def known_entities(self, question: KnownEntities) -> list[answers.KnownEntity]:
        """See StoreReader.known_entities."""
        start_ns, end_ns = _bounds(question.time_range)
        found = await self._database.known_entities(question.entity_id, question.homes, start_ns, end_ns)
        return across_renames.present(await self.renames(), found)

    async def silent_entities(self, question: SilentEntities) -> list[answers.EntitySilence]:
        """See StoreReader.silent_entities."""
        return await silent_entities(self._senses, await self.renames(), question)

    async def gaps(self, question: RecentGaps) -> answers.GapPage:
        """See StoreReader.gaps."""
        return await recent_gaps(self._database, question)

    async def alerts(self, question: RecentAlerts) -> answers.AlertPage:
        """See StoreReader.alerts."""
        return await recent_alerts(self._database, question)

    async def weather(self, time_range: TimeRange, limit: int = 1000) -> list[WeatherObservation]:
        """See StoreReader.weather."""
        found = await self._database.weather(*_bounds(time_range), limit)
        if len(found) >= limit:  # a limit cuts through the observations of one nanosecond as it likes
            last = heapq.nlargest(limit, (each.time_ns for each in found))[-1]
            newer = [each for each in found if each.time_ns > last]
            found = [*newer, *await self._database.weather(last, last + 1, _EVERY_OBSERVATION)]
        return heapq.nsmallest(limit, found, key=lambda each: (-each.time_ns, each.home, each.source))

    async def ping(self) -> None:
        """See StoreReader.ping."""
        await self._database.ping()

    async def count_events_of_id(self, id_range: IdRange) -> int:
        wanted = EventFilter(id_range.entity_id, homes=id_range.homes)
        start_ns, end_ns = _bounds(TimeRange(id_range.start_ns, id_range.end_ns))
        return (await self._database.event_counts(wanted, [(start_ns, end_ns)]))[0]

    async def _service_parts(
        self, time_range: TimeRange, grains_ns: Sequence[int] = tuple(SERVICE_ROLLUPS)
    ) -> list[Part]:
        spans = plan_spans(time_range, (await self.progress()).services, grains_ns)
        return with_length(_part(SERVICE_METRICS, SERVICE_ROLLUPS, *span) for span in spans)

    async def _service_answer(
        self, time_range: TimeRange, service: str, sums: dict[str, float], newest: Sequence[FieldRow]
    ) -> answers.ServiceStatistics:
        counters = {c.value: int(sums.get(c, 0)) for c in Counter}
        buckets = [int(sums.get(name, 0)) for name in LATENCY_BUCKETS]
        rate = success_rate(counters)
        latencies = (
            (sums.get(LATENCY_SUM, 0.0) / buckets[-1], latency_quantile(0.95, buckets)) if buckets[-1] else (None, None)
        )
        mean: dict[str, float] = {}
        if latencies[0] is None or rate is None:
            # All that can be said of a service that writes a level alone, without the counters behind it.
            mean = await self._database.level_means(service, *_bounds(time_range))
        # Where retention has taken its reports, only that it reported in the range is known.
        levels = service_levels(_reports(newest) or [NewestReport(time_range.start_ns)])
        return answers.ServiceStatistics(
            service=service,
            counters=counters,
            processing_time_ms=mean.get(Level.PROCESSING_TIME_MS) if latencies[0] is None else latencies[0],
            processing_time_ms_p95=mean.get(Level.PROCESSING_TIME_MS_P95) if latencies[0] is None else latencies[1],
            success_rate=mean.get(Level.SUCCESS_RATE) if rate is None else rate,
            queue_depth=levels.queue_depth,
            lag_s=levels.lag_s,
            last_seen_ns=levels.last_seen_ns,
        )


def _entity(id_range: IdRange) -> Entity:
    return Entity(id_range.entity_id, id_range.homes)


def _stretch_bounds(id_range: IdRange) -> tuple[int, int]:
    return _bounds(TimeRange(id_range.start_ns, id_range.end_ns))


def _event_parts(time_range: TimeRange, progress: Progress, grains_ns: Sequence[int]) -> list[Part]:
    spans = plan_spans(time_range, progress.events, grains_ns)
    return with_length(_part(EVENTS, EVENT_ROLLUPS, *span) for span in spans)


def _part(raw: str, rollups: dict[int, str], grain_ns: int, start_ns: int, end_ns: int) -> Part:
    return Part(
        rollups[grain_ns] if grain_ns else raw, bool(grain_ns), max(start_ns, MIN_TIME_NS), min(end_ns, MAX_TIME_NS)
    )


def _bounds(time_range: TimeRange) -> tuple[int, int]:
    """A range as InfluxDB can ask for it: a period may reach back further than its calendar does."""
    return max(time_range.start_ns, MIN_TIME_NS), min(time_range.end_ns, MAX_TIME_NS)


def _coverage(progress: Progress, time_range: TimeRange) -> answers.Coverage:
    start_ns = progress.captured_from_ns
    if start_ns is None:
        return answers.Coverage(start_ns=None, complete=False)
    return answers.Coverage(max(start_ns, time_range.start_ns), start_ns <= time_range.start_ns)


def _reports(rows: Sequence[FieldRow]) -> list[NewestReport]:
    """The newest report of each instance of a service."""
    found: dict[str, dict[str, Any]] = {}
    for row in _of_newest_reports(rows):
        report = found.setdefault(row.instance, {"time_ns": row.time_ns})
        if row.name in (Level.QUEUE_DEPTH, Level.LAG_S):
            report[row.name] = row.value
    return [NewestReport(**report) for report in found.values()]


def _of_newest_reports(rows: Sequence[FieldRow]) -> list[FieldRow]:
    """Only the fields of each instance's newest report, and only those that we know."""
    newest: dict[tuple[str, str], int] = {}
    for row in rows:
        key = (row.service, row.instance)
        newest[key] = max(row.time_ns, newest.get(key, row.time_ns))
    return [row for row in rows if row.name in _METRICS and row.time_ns == newest[row.service, row.instance]]
