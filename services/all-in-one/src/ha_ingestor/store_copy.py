"""Copies a store into another, oldest first and page by page, so that an interrupted copy can continue.

Keys are the same in every store, so a page can be copied twice. With the oldest first, each event is newer than the
events of its series in the target, so InfluxDB has nothing to look up.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from enum import StrEnum
from pathlib import Path
from typing import TypeVar

import msgspec
from ha_ingestor_core.alerts import Alert
from ha_ingestor_core.clock import NS_PER_S, Clock, ns_to_datetime
from ha_ingestor_core.files.durable_file import read_state, write_durably
from ha_ingestor_core.gaps import Gap
from ha_ingestor_core.reporting.service_reporter import REPORTING_INTERVAL_S
from ha_ingestor_core.service_metrics import ServiceMetricsPoint
from ha_ingestor_store import Store
from ha_ingestor_store.answers import RejectedPoint
from ha_ingestor_store.points import EventPoint, WeatherObservation, weather_oldest_first
from ha_ingestor_store.questions import RecentAlerts, RecentGaps
from ha_ingestor_store.time_range import ALWAYS, DAY_NS, TimeRange
from msgspec import Struct

PAGE = 5_000
RECORDS_PAGE = 200
EVER = TimeRange(-9_214_560_000_000_000_000, 9_214_646_400_000_000_000)
EXPIRED = "expired"
"""The key of points that are older than the retention of the target."""
WRITER = "enrichment-pipeline"
"""The service that writes events; its reports show that a store is in use."""

_QUIET_NS = round(3 * REPORTING_INTERVAL_S) * NS_PER_S

T = TypeVar("T", EventPoint, ServiceMetricsPoint, WeatherObservation)
R = TypeVar("R", Gap, Alert)
Key = TypeVar("Key")
Copied = EventPoint | WeatherObservation


class Kind(StrEnum):
    """The kinds of data, in the order in which they are copied."""

    EVENTS = "events"
    REPORTS = "service_metrics"
    WEATHER = "weather observations"
    GAPS = "gaps"
    ALERTS = "alerts"


class Part(Struct):
    """The progress of one kind; `first_ns` and `after_ns` are the times of the first and the last copied point.

    `refused` counts the points that the target refused by key, `refused_on` by the start of the day.
    """

    copied: int = 0
    written: int = 0
    first_ns: int | None = None
    after_ns: int | None = None
    refused: dict[str, int] = {}
    refused_on: dict[int, int] = {}
    is_complete: bool = False

    def note_refused(self, points: Sequence[Copied], refused: Sequence[RejectedPoint]) -> None:
        """Count the points of a page that the target refused."""
        for each in refused:
            day_ns = points[each.index].time_ns // DAY_NS * DAY_NS
            self.refused[each.key] = self.refused.get(each.key, 0) + 1
            self.refused_on[day_ns] = self.refused_on.get(day_ns, 0) + 1


class Position(Struct):
    """The progress of a copy between two stores."""

    between: str = ""
    parts: dict[Kind, Part] = {}

    def part(self, kind: Kind) -> Part:
        """Return the progress of a kind."""
        return self.parts.setdefault(kind, Part())


class StateFile:
    """The position on disk, removed when the copy is complete."""

    def __init__(self, path: Path, between: str = "") -> None:
        self._path = path
        self._between = between

    def read(self) -> Position:
        """Return the position, or the beginning if there is none, or it is damaged or belongs to other stores."""
        found = read_state(self._path, msgspec.json.Decoder(Position).decode, then="the copy starts from the beginning")
        return found if found is not None and found.between == self._between else Position(between=self._between)

    def write(self, position: Position) -> None:
        """Save the position atomically and durably."""
        write_durably(self._path, msgspec.json.encode(position))

    def remove(self) -> None:
        """Remove the file."""
        self._path.unlink(missing_ok=True)


class Copying:
    """One copy; raises what the stores raise. A new instance continues from the saved position."""

    def __init__(
        self,
        source: Store,
        target: Store,
        state: StateFile,
        *,
        on_page: Callable[[Kind, Part], None] = lambda kind, part: None,
        page: int = PAGE,
    ) -> None:
        self._source = source
        self._target = target
        self._state = state
        self._on_page = on_page
        self._page = page
        self.position = state.read()

    async def run(self) -> None:
        """Copy everything that is not copied yet."""
        await self._copy(Kind.EVENTS, self._source.exporter.export_events, self._write_events, self._page)
        await self._copy(Kind.REPORTS, self._source.exporter.export_service_metrics, self._write_reports, self._page)
        await self._copy(Kind.WEATHER, self._source.exporter.export_weather, self._write_weather, self._page)
        await self._copy_changing(Kind.GAPS, _gap_pages(self._source), self._target.writer.write_gaps)
        await self._copy_changing(Kind.ALERTS, _alert_pages(self._source), self._target.writer.write_alerts)

    async def _copy(
        self,
        kind: Kind,
        export: Callable[[int | None, int], Awaitable[list[T]]],
        write: Callable[[Part, Sequence[T]], Awaitable[None]],
        page: int,
    ) -> None:
        part = self.position.part(kind)
        is_prepared = False
        while not part.is_complete:
            found = await export(part.after_ns, page)
            if found and not is_prepared:
                await self._target.administrator.expect(TimeRange(found[0].time_ns, EVER.end_ns))
                is_prepared = True
            await write(part, found)
            part.copied += len(found)
            part.is_complete = not found
            if found:
                part.first_ns = found[0].time_ns if part.first_ns is None else part.first_ns
                part.after_ns = found[-1].time_ns
            self._state.write(self.position)
            self._on_page(kind, part)

    async def _write_events(self, part: Part, events: Sequence[EventPoint]) -> None:
        result = await self._target.writer.write_events(events)
        part.written += result.written
        expired = [RejectedPoint(at, EXPIRED, "older than the retention of the target") for at in result.expired]
        part.note_refused(events, [*result.rejected, *expired])

    async def _write_reports(self, part: Part, reports: Sequence[ServiceMetricsPoint]) -> None:
        await self._target.writer.write_service_metrics(reports)
        part.written += len(reports)

    async def _write_weather(self, part: Part, observations: Sequence[WeatherObservation]) -> None:
        refused = await self._target.writer.write_weather(observations)
        part.written += len(observations) - len(refused)
        part.note_refused(observations, refused)

    async def _copy_changing(
        self, kind: Kind, pages: AsyncIterator[list[R]], write: Callable[[list[R]], Awaitable[None]]
    ) -> None:
        """Copy a kind whose records are few and can change; it is always copied as a whole."""
        part = self.position.parts[kind] = Part()
        async for page in pages:
            await write(page)
            part.copied += len(page)
            part.written += len(page)
            self._on_page(kind, part)
        part.is_complete = True
        self._on_page(kind, part)


class Difference(Struct, frozen=True):
    """A count that differs between the stores; the target refused `refused` of them."""

    what: str
    source: int
    target: int
    refused: int = 0

    @property
    def is_missing(self) -> bool:
        """Whether the target lacks points; it may also have more, from other sources."""
        return self.target < self.source - self.refused


async def differences(source: Store, target: Store, position: Position) -> list[Difference]:
    """Return the differences in the copied time range: events by day, services by counter, all other kinds by key."""
    return [
        *await _different_days(source, target, position.part(Kind.EVENTS)),
        *await _different_services(source, target, position.part(Kind.REPORTS)),
        *_missing(Kind.WEATHER, await _weather_keys(source), await _weather_keys(target), position),
        *_missing(Kind.GAPS, await _gap_keys(source), await _gap_keys(target), position),
        *_missing(Kind.ALERTS, await _alert_ids(source), await _alert_ids(target), position),
    ]


async def seems_in_use(store: Store, clock: Clock) -> bool:
    """Whether a pipeline has reported to the store in the last 30 seconds."""
    newest_ns = max((metric.time_ns for metric in await store.reader.latest_metrics(WRITER)), default=0)
    return bool(clock.now_ns() - newest_ns < _QUIET_NS)


async def _different_days(source: Store, target: Store, part: Part) -> list[Difference]:
    if part.first_ns is None or part.after_ns is None:
        return []
    found: list[Difference] = []
    step_ns = 1000 * DAY_NS
    for start_ns in range(part.first_ns // DAY_NS * DAY_NS, part.after_ns + 1, step_ns):
        asked = TimeRange(start_ns, min(start_ns + step_ns, part.after_ns + 1))
        ours, theirs = await source.reader.event_trend(asked, DAY_NS), await target.reader.event_trend(asked, DAY_NS)
        for a, b in zip(ours, theirs, strict=True):
            refused = part.refused_on.get(a.start_ns, 0)
            if a.count - refused != b.count:
                found.append(Difference(_day(a.start_ns), a.count, b.count, refused))
    return found


async def _different_services(source: Store, target: Store, part: Part) -> list[Difference]:
    if part.first_ns is None or part.after_ns is None:
        return []
    asked = TimeRange(part.first_ns, part.after_ns + 1)
    theirs = {each.service: each.counters for each in await target.reader.service_statistics(asked)}
    return [
        Difference(f"{ours.service}: {name}", count, theirs.get(ours.service, {}).get(name, 0))
        for ours in await source.reader.service_statistics(asked)
        for name, count in ours.counters.items()
        if theirs.get(ours.service, {}).get(name, 0) != count
    ]


def _missing(kind: Kind, ours: set[Key], theirs: set[Key], position: Position) -> list[Difference]:
    refused = sum(position.part(kind).refused.values())
    return [Difference(kind, len(ours), len(ours & theirs), refused)] if len(ours - theirs) > refused else []


async def _weather_keys(store: Store) -> set[tuple[int, str, str]]:
    keys: set[tuple[int, str, str]] = set()
    after_ns: int | None = None
    while page := await store.exporter.export_weather(after_ns, PAGE):
        keys |= set(map(weather_oldest_first, page))
        after_ns = page[-1].time_ns
    return keys


async def _gap_keys(store: Store) -> set[tuple[str, int, str]]:
    return {(gap.home, gap.start_ns, gap.reason) async for page in _gap_pages(store) for gap in page}


async def _gap_pages(store: Store) -> AsyncIterator[list[Gap]]:
    question = RecentGaps(ALWAYS, limit=RECORDS_PAGE)
    while True:
        found = await store.reader.gaps(question)
        yield found.gaps
        if found.next_cursor is None:
            return
        question = msgspec.structs.replace(question, cursor=found.next_cursor)


async def _alert_ids(store: Store) -> set[str]:
    return {alert.id async for page in _alert_pages(store) for alert in page}


async def _alert_pages(store: Store) -> AsyncIterator[list[Alert]]:
    question = RecentAlerts(ALWAYS, limit=RECORDS_PAGE)
    while True:
        found = await store.reader.alerts(question)
        yield found.alerts
        if found.next_cursor is None:
            return
        question = msgspec.structs.replace(question, cursor=found.next_cursor)


def _day(start_ns: int) -> str:
    return ns_to_datetime(start_ns).date().isoformat()
