"""The store as its users see it: one small protocol per duty."""

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
    """Where an answer came from."""

    INFLUXDB = "influxdb"
    EMBEDDED = "embedded"


class Capabilities(Struct, frozen=True):
    """What a store can do; callers ask this and never its name."""

    source: Source
    transactional_rollups: bool


class Tally(Struct, frozen=True):
    """What a service counts with a write; how many points are written or duplicates the store itself adds."""

    service: str
    counted: Totals


class EventWriter(ServiceMetricsSink, Protocol):
    """What the enrichment-pipeline needs."""

    async def write_events(self, points: Sequence[EventPoint], tally: Tally | None = None) -> answers.WriteResult:
        """Store the points durably; a repeat changes nothing.

        A tally is added to its service's totals together with what becomes of the points, in one transaction, where
        `totals` says that this store keeps totals.
        Of two points with one key the greater `origin_kind.rank` stays; the other counts as a duplicate. Raises
        StoreUnavailableError (try again) and StoreRefusedError (a person must act); nothing was acknowledged then.
        """
        ...

    async def kept_from_ns(self) -> int | None:
        """Return the time before which events have expired; None where all are kept, or that is not known.

        Events that are older are not worth writing. Raises as write_events does.
        """
        ...

    async def write_weather(self, observations: Sequence[WeatherObservation]) -> list[answers.RejectedPoint]:
        """Store the observations; one with the same key is replaced. Raises what `write_events` does.

        What it returns the store has not taken: weather can't be put right, so it is said, and let go.
        """
        ...

    async def totals(self, service: str) -> Totals | None:
        """What the tallies of a service have added up to; None where this store has no transactions to keep it in."""
        ...


class RejectedReader(Protocol):
    """The questions about rejected events, which the enrichment-pipeline keeps in a file of its own.

    All raise TransientError when it can't answer now.
    """

    async def rejected_events(self, question: RecentRejected) -> answers.RejectedPage:
        """Return rejected events, newest first."""
        ...

    async def rejected_event(self, rejected_id: str) -> RejectedEvent | None:
        """Return one rejected event by its id; None where there is none."""
        ...

    async def rejected_counts(self, question: RecentRejected) -> dict[str, int]:
        """Return how many events were rejected by key, whatever the limit and the cursor."""
        ...


class StoreReader(Protocol):
    """The questions. All raise StoreUnavailableError when the store can't answer now, and InvalidInputError."""

    async def event_count(self, time_range: TimeRange) -> answers.EventCount:
        """How many events the range holds; cheaper than `event_statistics`."""
        ...

    async def event_statistics(self, time_range: TimeRange) -> answers.EventStatistics:
        """How many events the range holds, by event type and by domain."""
        ...

    async def event_trend(self, time_range: TimeRange, window_ns: int) -> list[answers.TrendPoint]:
        """The events of the range in windows aligned to 1970, empty ones too; their sum is the range's total."""
        ...

    async def error_rate(self, time_range: TimeRange) -> answers.ErrorRate:
        """The write attempts and write errors of all services."""
        ...

    async def service_statistics(
        self, time_range: TimeRange, service: str | None = None
    ) -> list[answers.ServiceStatistics]:
        """Every service that reported in the range, by name."""
        ...

    async def service_trend(
        self, service: str, name: str, time_range: TimeRange, window_ns: int
    ) -> list[answers.ServiceTrendPoint]:
        """One counter (summed) or level (mean) of a service, in windows that hold any point."""
        ...

    async def service_windows(
        self, time_range: TimeRange, window_ns: int, service: str | None = None
    ) -> list[answers.ServiceWindow]:
        """Each service, or one, in windows (aligned to 1970) that hold counters, queues or lags; by name, then time."""
        ...

    async def latest_metrics(self, service: str | None = None, limit: int = 1000) -> list[answers.LatestMetric]:
        """The fields of the newest point of every service and instance."""
        ...

    async def recent_events(self, question: RecentEvents) -> answers.EventPage:
        """Events, newest first; of one entity through all its renames."""
        ...

    async def homes(self) -> list[str]:
        """The homes that have events, by name."""
        ...

    async def entity_homes(self, entity_id: str) -> list[str]:
        """The homes in which an entity of this id, or one that is called so now, has states, by name."""
        ...

    async def entity_history(self, question: EntityHistory) -> answers.HistoryPage:
        """The states of one entity of a home, oldest first, through all its renames."""
        ...

    async def entity_windows(self, question: EntityWindows) -> answers.WindowsPage:
        """The numbers of one entity of a home, in windows, through all its renames."""
        ...

    async def busiest_entities(
        self, time_range: TimeRange, limit: int = 10, homes: Homes = EVERY_HOME
    ) -> list[answers.EntityCount]:
        """Entities by their number of events of any type, most first, then by the name of today, then by home."""
        ...

    async def known_entities(self, question: KnownEntities) -> list[answers.KnownEntity]:
        """The entities that had a state in the range, by home and name; not those that are called otherwise now."""
        ...

    async def silent_entities(self, question: SilentEntities) -> list[answers.EntitySilence]:
        """Entities that are silent: by the clock the longest silence first, by their rhythm the greatest factor first.

        An entity that was removed, or is called otherwise now, is gone and not silent. docs/adr/0013 has the formula.
        """
        ...

    async def gaps(self, question: RecentGaps) -> answers.GapPage:
        """Stretches of time in which nothing was captured, newest first."""
        ...

    async def alerts(self, question: RecentAlerts) -> answers.AlertPage:
        """Alerts that were active in a range, newest first."""
        ...

    async def weather(self, time_range: TimeRange, limit: int = 1000) -> list[WeatherObservation]:
        """The newest observations of the range: newest first, then by home and source."""
        ...

    async def ping(self) -> None:
        """Return when the store answers a query; raises StoreUnavailableError or StoreRefusedError."""
        ...


class Exporter(Protocol):
    """Everything that is stored, oldest first, page by page, for a copy. All raise what StoreReader raises.

    A page holds about `limit` points, later than `after_ns` (the time of the last one of the page before), and every
    point of the times that it holds; it is empty when there are no more.
    """

    async def export_events(self, after_ns: int | None, limit: int) -> list[EventPoint]:
        """Events by their time, then by their tags."""
        ...

    async def export_service_metrics(self, after_ns: int | None, limit: int) -> list[ServiceMetricsPoint]:
        """Reports by their time, service and instance."""
        ...

    async def export_weather(self, after_ns: int | None, limit: int) -> list[WeatherObservation]:
        """Observations of the weather by their time, home and source."""
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
