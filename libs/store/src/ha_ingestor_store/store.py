"""The interface of a store: one protocol for each duty."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import Protocol

from ha_ingestor_core.alerts import AlertSink
from ha_ingestor_core.alive import AliveSink
from ha_ingestor_core.gaps import GapSink
from ha_ingestor_core.reporting.totals import Totals
from ha_ingestor_core.service_metrics import ServiceMetricsPoint, ServiceMetricsSink
from msgspec import Struct

from ha_ingestor_store import answers
from ha_ingestor_store.points import EventPoint, RejectedEvent, WeatherObservation
from ha_ingestor_store.questions import (
    EVERY_HOME,
    EntityHistory,
    EntityWindows,
    Homes,
    KnownEntities,
    RecentAlerts,
    RecentEvents,
    RecentGaps,
    RecentRejected,
    SilentEntities,
)
from ha_ingestor_store.time_range import TimeRange


class Source(StrEnum):
    """The kind of store that answered."""

    INFLUXDB = "influxdb"
    EMBEDDED = "embedded"


class Capabilities(Struct, frozen=True):
    """What a store can do; callers use this and never the name of the dialect."""

    source: Source
    transactional_rollups: bool


class Tally(Struct, frozen=True):
    """Totals that a service adds with a write; the store itself adds the numbers of written and duplicate points."""

    service: str
    counted: Totals


class EventWriter(ServiceMetricsSink, Protocol):
    """Writes events, weather and service metrics: what the enrichment-pipeline uses."""

    async def write_events(self, points: Sequence[EventPoint], tally: Tally | None = None) -> answers.WriteResult:
        """Store the points durably; a repeat changes nothing.

        A tally is added to the totals of its service in the same transaction, if the store keeps totals. Of two points
        with one key, the one with the greater `origin_kind.rank` is kept; the other counts as a duplicate. Raises
        StoreUnavailableError (retry) and StoreRefusedError (a person must act); then no point is acknowledged.
        """
        ...

    async def kept_from_ns(self) -> int | None:
        """Return the time before which events have expired, so that they need not be written; None if unknown or never.

        Raises as write_events does.
        """
        ...

    async def write_weather(self, observations: Sequence[WeatherObservation]) -> list[answers.RejectedPoint]:
        """Store the observations, replacing those with the same key, and return those that the store rejected.

        Raises as write_events does.
        """
        ...

    async def totals(self, service: str) -> Totals | None:
        """Return the sum of all tallies of a service; None if the store has no transactions and keeps no totals."""
        ...


class RejectedReader(Protocol):
    """Reads rejected events, which the enrichment-pipeline keeps in a separate file.

    All methods raise TransientError if it cannot answer now.
    """

    async def rejected_events(self, question: RecentRejected) -> answers.RejectedPage:
        """Return rejected events, newest first."""
        ...

    async def rejected_event(self, rejected_id: str) -> RejectedEvent | None:
        """Return one rejected event by its id; None if there is none."""
        ...

    async def rejected_counts(self, question: RecentRejected) -> dict[str, int]:
        """Return the number of rejected events by key, regardless of limit and cursor."""
        ...


class StoreReader(Protocol):
    """Answers questions. All methods raise InvalidInputError and (if the store cannot answer) StoreUnavailableError."""

    async def as_of(self, now_ns: int) -> int:
        """Return the whole second, at most two before `now_ns`, until which events are counted fastest."""
        ...

    async def event_count(self, time_range: TimeRange) -> answers.EventCount:
        """Return the number of events in the range; faster than `event_statistics`."""
        ...

    async def event_statistics(self, time_range: TimeRange) -> answers.EventStatistics:
        """Return the number of events in the range, by event type and by domain."""
        ...

    async def event_trend(self, time_range: TimeRange, window_ns: int) -> list[answers.TrendPoint]:
        """Return the number of events in each window (aligned to 1970), 0 in empty ones; their sum is the total."""
        ...

    async def error_rate(self, time_range: TimeRange) -> answers.ErrorRate:
        """Return the write attempts and write errors of all services."""
        ...

    async def service_statistics(
        self, time_range: TimeRange, service: str | None = None
    ) -> list[answers.ServiceStatistics]:
        """Return every service that reported in the range, by name."""
        ...

    async def service_trend(
        self, service: str, name: str, time_range: TimeRange, window_ns: int
    ) -> list[answers.ServiceTrendPoint]:
        """Return one counter (as sum) or level (as mean) of a service, in the windows that contain a point."""
        ...

    async def service_windows(
        self, time_range: TimeRange, window_ns: int, service: str | None = None
    ) -> list[answers.ServiceWindow]:
        """Return the windows (aligned to 1970) of each service, or one, that contain reports; by name, then time."""
        ...

    async def latest_metrics(self, service: str | None = None, limit: int = 1000) -> list[answers.LatestMetric]:
        """Return the fields of the newest report of every service and instance."""
        ...

    async def recent_events(self, question: RecentEvents) -> answers.EventPage:
        """Return events, newest first; of one entity across all its renames."""
        ...

    async def homes(self) -> list[str]:
        """Return the homes that have events, by name."""
        ...

    async def entity_homes(self, entity_id: str) -> list[str]:
        """Return the homes in which the entity with this id, under any of its ids, has states, by name."""
        ...

    async def entity_history(self, question: EntityHistory) -> answers.HistoryPage:
        """Return the states of one entity of a home, oldest first, across all its renames."""
        ...

    async def entity_windows(self, question: EntityWindows) -> answers.WindowsPage:
        """Return the numbers of one entity of a home, in windows, across all its renames."""
        ...

    async def busiest_entities(
        self, time_range: TimeRange, limit: int = 10, homes: Homes = EVERY_HOME
    ) -> list[answers.EntityCount]:
        """Return entities by their number of events of any type, most first, then by current id, then by home."""
        ...

    async def known_entities(self, question: KnownEntities) -> list[answers.KnownEntity]:
        """Return the entities that had a state in the range, by home and id; without ids that were renamed since."""
        ...

    async def silent_entities(self, question: SilentEntities) -> list[answers.EntitySilence]:
        """Return silent entities: with `before_ns` the longest silence first, without it the largest factor first.

        Removed entities and former ids are not included. docs/adr/0013 gives the formula.
        """
        ...

    async def gaps(self, question: RecentGaps) -> answers.GapPage:
        """Return the gaps that overlap a range, newest first."""
        ...

    async def alerts(self, question: RecentAlerts) -> answers.AlertPage:
        """Return the alerts that were active in a range, newest first."""
        ...

    async def weather(self, time_range: TimeRange, limit: int = 1000) -> list[WeatherObservation]:
        """Return the newest weather observations of the range: newest first, then by home and source."""
        ...

    async def ping(self) -> None:
        """Run a cheap query; raises StoreUnavailableError or StoreRefusedError."""
        ...


class Exporter(Protocol):
    """Reads everything, oldest first, page by page, for a copy. All methods raise as StoreReader does.

    A page contains about `limit` points later than `after_ns` (the time of the last point of the previous page), and
    all points of its last time; it is empty after the last point.
    """

    async def export_events(self, after_ns: int | None, limit: int) -> list[EventPoint]:
        """Return a page of events by their time, then by their tags."""
        ...

    async def export_service_metrics(self, after_ns: int | None, limit: int) -> list[ServiceMetricsPoint]:
        """Return a page of reports by their time, service and instance."""
        ...

    async def export_weather(self, after_ns: int | None, limit: int) -> list[WeatherObservation]:
        """Return a page of weather observations by their time, home and source."""
        ...


class StoreWriter(EventWriter, GapSink, AlertSink, AliveSink, Protocol):
    """Everything that is written: events, weather, service metrics, gaps, alerts and signs of life."""


class StoreAdministrator(Protocol):
    """The rollups of a store that does not keep them in the transactions of the events. All raise as write_events."""

    async def expect(self, time_range: TimeRange) -> None:
        """Prepare for many points of this range, written in any order, once instead of with each batch."""
        ...

    async def roll_up(self) -> None:
        """Bring the rollups up to now."""
        ...


class Store(Protocol):
    """An open store: an object for each duty; `close` ends them all."""

    @property
    def capabilities(self) -> Capabilities:
        """What this dialect can do."""
        ...

    @property
    def version(self) -> str | None:
        """The release of the database; None until it has answered."""
        ...

    @property
    def reader(self) -> StoreReader:
        """Answers questions."""
        ...

    @property
    def writer(self) -> StoreWriter:
        """Writes."""
        ...

    @property
    def administrator(self) -> StoreAdministrator:
        """Keeps the rollups."""
        ...

    @property
    def exporter(self) -> Exporter:
        """Reads everything, for a copy."""
        ...

    async def close(self) -> None:
        """Finish what runs, and release files and connections."""
        ...
