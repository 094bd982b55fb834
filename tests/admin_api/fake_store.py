"""A store for the Admin API's unit tests: fixed answers, errors and delays."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Sequence
from typing import Any

from ha_ingestor_core.alerts import Alert
from ha_ingestor_core.gaps import Gap
from ha_ingestor_core.service_metrics import ServiceMetricsPoint
from ha_ingestor_store import answers
from ha_ingestor_store.points import EventPoint, RejectedEvent, WeatherObservation, newest_first
from ha_ingestor_store.questions import (
    EVERY_HOME,
    AlertCursor,
    EntityHistory,
    EntityWindows,
    EventCursor,
    GapCursor,
    Homes,
    KnownEntities,
    RecentAlerts,
    RecentEvents,
    RecentGaps,
    RecentRejected,
    RejectedCursor,
    SilentEntities,
)
from ha_ingestor_store.store import Capabilities, Source
from ha_ingestor_store.time_range import HOUR_NS, TimeRange


class FakeStore:
    """Answers from events and results set by a test; fails with `error` while that is set.

    `answers_pings`: pings succeed even if queries fail.
    """

    def __init__(self) -> None:
        self.events: list[EventPoint] = []
        self.services: list[answers.ServiceStatistics] = []
        self.errors = answers.ErrorRate(total_writes=0, write_errors=0)
        self.coverage = answers.Coverage(start_ns=None, complete=False)
        self.windows: list[answers.WindowPoint] = []
        self.series: dict[str, list[answers.ServiceTrendPoint]] = {}
        self.service_windows_found: list[answers.ServiceWindow] = []
        self.latest: list[answers.LatestMetric] = []
        self.gaps_found: list[Gap] = []
        self.open_gaps = 1
        self.counts = [answers.EntityCount("home", "sensor.power", 7)]
        self.known_homes = ["home"]
        self.known: list[answers.KnownEntity] = []
        self.homes_of_entities: dict[str, list[str]] | None = None
        self.silences: list[answers.EntitySilence] | None = None
        self.history: list[Alert] = []
        self.rejected: list[RejectedEvent] = []
        self.written: list[ServiceMetricsPoint] = []
        self.asked: list[Any] = []
        self.error: Exception | None = None
        self.hangs = False
        self.answers_pings = False
        self.capabilities = Capabilities(source=Source.EMBEDDED, transactional_rollups=True)

    @property
    def reader(self) -> FakeStore:
        return self

    @property
    def writer(self) -> FakeStore:
        return self

    async def as_of(self, now_ns: int) -> int:
        return now_ns

    async def event_count(self, time_range: TimeRange) -> answers.EventCount:
        await self._ask(time_range)
        return answers.EventCount(len(self._within(time_range)), self.coverage)

    async def event_statistics(self, time_range: TimeRange) -> answers.EventStatistics:
        await self._ask(time_range)
        found = self._within(time_range)
        return answers.EventStatistics(len(found), {}, {}, self.coverage)

    async def event_trend(self, time_range: TimeRange, window_ns: int) -> list[answers.TrendPoint]:
        await self._ask((time_range, window_ns))
        starts = range(time_range.start_ns // window_ns * window_ns, time_range.end_ns, window_ns)
        counts = dict.fromkeys(starts, 0)
        for event in self._within(time_range):
            counts[event.time_ns // window_ns * window_ns] += 1
        return [answers.TrendPoint(start, count) for start, count in counts.items()]

    async def error_rate(self, time_range: TimeRange) -> answers.ErrorRate:
        await self._ask(time_range)
        return self.errors

    async def service_statistics(
        self, time_range: TimeRange, service: str | None = None
    ) -> list[answers.ServiceStatistics]:
        await self._ask((time_range, service))
        return [each for each in self.services if service in (None, each.service)]

    async def service_trend(
        self, service: str, name: str, time_range: TimeRange, window_ns: int
    ) -> list[answers.ServiceTrendPoint]:
        await self._ask((service, name, time_range, window_ns))
        return self.series.get(service, [])

    async def service_windows(
        self, time_range: TimeRange, window_ns: int, service: str | None = None
    ) -> list[answers.ServiceWindow]:
        await self._ask((time_range, window_ns, service))
        return [each for each in self.service_windows_found if service in (None, each.service)]

    async def latest_metrics(self, service: str | None = None, limit: int = 1000) -> list[answers.LatestMetric]:
        await self._ask((service, limit))
        return [metric for metric in self.latest if service in (None, metric.service)][:limit]

    async def recent_events(self, question: RecentEvents) -> answers.EventPage:
        await self._ask(question)
        found = sorted(self._within(question.time_range), key=newest_first)
        if question.cursor:
            after = (-question.cursor.time_ns, tuple(tag or "" for tag in question.cursor.series))
            found = [event for event in found if newest_first(event) > after]
        page = found[: question.limit]
        more = len(found) > question.limit
        return answers.EventPage(page, EventCursor(page[-1].time_ns, page[-1].series_key) if more else None)

    async def homes(self) -> list[str]:
        await self._raise()
        return self.known_homes

    async def entity_homes(self, entity_id: str) -> list[str]:
        await self._raise()
        return ["home"] if self.homes_of_entities is None else self.homes_of_entities.get(entity_id, [])

    async def known_entities(self, question: KnownEntities) -> list[answers.KnownEntity]:
        await self._raise()
        return [each for each in self.known if question.entity_id in (None, each.entity_id)]

    async def entity_history(self, question: EntityHistory) -> answers.HistoryPage:
        await self._ask(question)
        found = sorted(
            (event for event in self._within(question.time_range) if event.entity_id == question.entity_id),
            key=lambda event: event.time_ns,
        )
        found = [event for event in found if question.after_ns is None or event.time_ns > question.after_ns]
        page = [answers.HistoryPoint(e.time_ns, e.state, e.value, e.unit) for e in found[: question.limit]]
        more = len(found) > question.limit
        return answers.HistoryPage(found[0].unit if found else None, page, page[-1].time_ns if more else None)

    async def entity_windows(self, question: EntityWindows) -> answers.WindowsPage:
        await self._ask(question)
        page = self.windows[: question.limit]
        more = len(self.windows) > question.limit
        return answers.WindowsPage("°C", page, page[-1].start_ns if more else None)

    async def busiest_entities(
        self, time_range: TimeRange, limit: int = 10, homes: Homes = EVERY_HOME
    ) -> list[answers.EntityCount]:
        await self._ask((time_range, limit))
        return [count for count in self.counts if homes.include(count.home)][:limit]

    async def silent_entities(self, question: SilentEntities) -> list[answers.EntitySilence]:
        await self._ask(question)
        seen_ns = question.now_ns - 5 * HOUR_NS
        known = answers.EntitySilence("home", "sensor.power", seen_ns, seen_ns - HOUR_NS, 5 * HOUR_NS, HOUR_NS)
        return [known] if self.silences is None else self.silences

    async def rejected_events(self, question: RecentRejected) -> answers.RejectedPage:
        await self._ask(question)
        cursor = question.cursor
        found = [e for e in self.rejected if cursor is None or (-e.time_ns, e.id) > (-cursor.time_ns, cursor.id)]
        page = found[: question.limit]
        more = len(found) > question.limit
        return answers.RejectedPage(page, RejectedCursor(page[-1].time_ns, page[-1].id) if more else None)

    async def rejected_event(self, rejected_id: str) -> RejectedEvent | None:
        await self._ask(rejected_id)
        return next((event for event in self.rejected if event.id == rejected_id), None)

    async def rejected_counts(self, question: RecentRejected) -> dict[str, int]:
        return dict(Counter(event.key for event in self.rejected))

    async def gaps(self, question: RecentGaps) -> answers.GapPage:
        await self._ask(question)
        behind = [g for g in self.gaps_found if question.cursor is None or g.start_ns < question.cursor.start_ns]
        page = behind[: question.limit]
        more = len(behind) > question.limit
        return answers.GapPage(
            page, GapCursor(page[-1].start_ns, page[-1].home, page[-1].reason) if more else None, self.open_gaps
        )

    async def alerts(self, question: RecentAlerts) -> answers.AlertPage:
        await self._ask(question)
        behind = [a for a in self.history if question.cursor is None or a.since_ns < question.cursor.since_ns]
        page = behind[: question.limit]
        more = len(behind) > question.limit
        return answers.AlertPage(
            page, AlertCursor(page[-1].since_ns, page[-1].rule, page[-1].service) if more else None
        )

    async def write_alerts(self, alerts: Sequence[Alert]) -> None:
        await self._ask("write alerts")
        self.history += alerts

    async def weather(self, time_range: TimeRange, limit: int = 1000) -> list[WeatherObservation]:
        raise NotImplementedError

    async def ping(self) -> None:
        if not self.answers_pings:
            await self._ask("ping")

    async def write_service_metrics(self, points: Sequence[ServiceMetricsPoint]) -> None:
        self.written += points

    async def _ask(self, question: Any) -> None:
        self.asked.append(question)
        await self._raise()

    async def _raise(self) -> None:
        if self.hangs:
            await asyncio.Event().wait()
        if self.error:
            raise self.error

    def _within(self, time_range: TimeRange) -> list[EventPoint]:
        return [event for event in self.events if time_range.start_ns <= event.time_ns < time_range.end_ns]
