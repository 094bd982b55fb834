"""The language of a dialect: small questions, a round trip each, from which the store's answers are made."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple, Protocol

from ha_ingestor_core.alerts import Alert
from ha_ingestor_core.events import OriginKind
from ha_ingestor_core.gaps import Gap
from ha_ingestor_core.service_metrics import ServiceMetricsPoint
from msgspec import Struct

from ha_ingestor_store.answers import HistoryPoint, KnownEntity
from ha_ingestor_store.influx.server.administration import Administrator
from ha_ingestor_store.influx.server.write_answers import WriteAnswers
from ha_ingestor_store.influx.writing.batch_writer import WriteTarget
from ha_ingestor_store.points import EventPoint, SeriesKey, WeatherObservation
from ha_ingestor_store.questions import EVERY_HOME, Homes
from ha_ingestor_store.renames import Rename
from ha_ingestor_store.silent_entities import LastChange


class Part(NamedTuple):
    """A range of one measurement: of raw points, or of a rollup in the bucket of rollups."""

    measurement: str
    is_rollup: bool
    start_ns: int
    end_ns: int


def with_length(parts: Iterable[Part]) -> list[Part]:
    """Return the parts that are not empty: at the edge of what InfluxDB can hold some are, and Flux plans none."""
    return [part for part in parts if part.start_ns < part.end_ns]


class EventFilter(NamedTuple):
    """Which events are asked for; None is any. `entity_id` is a glob, the others are exact."""

    entity_id: str | None = None
    domain: str | None = None
    event_type: str | None = None
    homes: Homes = EVERY_HOME
    area: str | None = None


class Entity(NamedTuple):
    """Whose states are asked for."""

    entity_id: str
    homes: Homes = EVERY_HOME


class Counted(NamedTuple):
    """A count by the tags that were asked for, in that order; None is a tag that is left out."""

    tags: tuple[str | None, ...]
    total: int


class WindowSums(NamedTuple):
    """The sums of fields over one window and one set of tags; of HIGHEST_LEVELS the highest."""

    start_ns: int
    tags: tuple[str | None, ...]
    sums: dict[str, float]


class Head(NamedTuple):
    """An event by its key and kind."""

    series: SeriesKey
    time_ns: int
    kind: OriginKind


class EntityTime(NamedTuple):
    """A time of an entity, and a number that belongs to it."""

    home: str
    entity_id: str
    time_ns: int
    number: int = 0


class FieldRow(NamedTuple):
    """One value of one field of one service instance."""

    service: str
    instance: str
    name: str
    time_ns: int
    value: float


class DialectCapabilities(Struct, frozen=True):
    """What a dialect is; callers ask this and never the dialect's name."""

    language: str
    write_answers: WriteAnswers


class Language(Protocol):
    """What a dialect asks. All raise StoreUnavailableError (try again) and StoreRefusedError (a person must act)."""

    async def counts(self, parts: Sequence[Part], by: tuple[str, ...]) -> Iterable[Counted]:
        """The sums of `count` by these tags, part by part or together."""
        ...

    async def window_counts(self, parts: Sequence[Part], window_ns: int) -> Iterable[tuple[int, int]]:
        """(a time in the window, its sum of `count`), part by part; windows without any may be left out."""
        ...

    async def window_sums(
        self, part: Part, window_ns: int, by: tuple[str, ...], fields: tuple[str, ...]
    ) -> Iterable[WindowSums]:
        """The sums of fields, and the highest of HIGHEST_LEVELS, by window and tags; the empty are left out."""
        ...

    async def newest_events(self, wanted: EventFilter, start_ns: int, end_ns: int, limit: int) -> list[EventPoint]:
        """At least the newest `limit` events of a range and all that share the last one's nanosecond, in any order."""
        ...

    async def events_at(self, wanted: EventFilter, time_ns: int) -> int:
        """How many events there are in one nanosecond."""
        ...

    async def event_counts(self, wanted: EventFilter, ranges: Sequence[tuple[int, int]]) -> list[int]:
        """How many events each of some ranges holds."""
        ...

    async def states(self, entity: Entity, start_ns: int, end_ns: int, limit: int) -> list[HistoryPoint]:
        """At most `limit` states of an entity, oldest first."""
        ...

    async def last_state(self, entity: Entity, start_ns: int, end_ns: int) -> HistoryPoint | None:
        """The newest state of an entity in a range."""
        ...

    async def last_unit(self, entity: Entity, start_ns: int, end_ns: int) -> str | None:
        """The newest unit of an entity in a range."""
        ...

    async def known_entities(
        self, entity_id: str | None, homes: Homes, start_ns: int, end_ns: int
    ) -> Iterable[KnownEntity]:
        """The newest state change in a range of one entity or (None) of all, once for each of their series."""
        ...

    async def heads(self, start_ns: int, end_ns: int) -> Iterable[Head]:
        """The newest event of every series in a range."""
        ...

    async def keys(self, entity_ids: Sequence[str] | None, start_ns: int, end_ns: int) -> Iterable[Head]:
        """The events of a range, of these entities or (None) of all."""
        ...

    async def entity_heads(
        self, start_ns: int, end_ns: int, entity_ids: Sequence[str] | None = None
    ) -> Iterable[LastChange]:
        """The newest state change in a range of these entities or (None) of all, once for each of their series."""
        ...

    async def last_windows(self, part: Part) -> Iterable[EntityTime]:
        """The newest window of a rollup of entities that holds state changes, for each of them."""
        ...

    async def changed_windows(
        self, parts: Sequence[Part], entity_ids: Sequence[str], window_ns: int
    ) -> Iterable[EntityTime]:
        """The windows in which these entities changed."""
        ...

    async def last_signs(self, start_ns: int, end_ns: int) -> Iterable[EntityTime]:
        """The newest sign of life of every entity, of the hours in a range; the number is its exact time."""
        ...

    async def signs(self, entity_ids: Sequence[str], start_ns: int, end_ns: int) -> Iterable[EntityTime]:
        """The hours in a range in which these entities gave signs of life."""
        ...

    async def renames(self) -> Iterable[Rename]:
        """All renames."""
        ...

    async def service_sums(
        self, parts: Sequence[Part], names: tuple[str, ...], service: str | None
    ) -> dict[str, dict[str, float]]:
        """The sums of these metrics over the parts, by service and metric, of one service or of all."""
        ...

    async def level_means(self, service: str, start_ns: int, end_ns: int) -> dict[str, float]:
        """The means of a service's levels over a range, of all its instances together."""
        ...

    async def service_windows(
        self, service: str, name: str, parts: Sequence[Part], window_ns: int, *, is_summed: bool
    ) -> Iterable[tuple[int, float]]:
        """(a time in the window, the sum or the mean of a metric there), part by part."""
        ...

    async def newest_reports(self, start_ns: int, end_ns: int, service: str | None) -> list[FieldRow]:
        """The newest value of every field of every instance in a range."""
        ...

    async def gaps(self, start_ns: int, end_ns: int, home: str | None, *, reaching_ns: int | None) -> list[Gap]:
        """The gaps that begin in a range and (unless None) end after `reaching_ns`, in any order."""
        ...

    async def open_gaps(self, home: str | None) -> int:
        """How many gaps are open."""
        ...

    async def alerts(self, start_ns: int, end_ns: int, rule: str | None, *, reaching_ns: int | None) -> list[Alert]:
        """The alerts that begin in a range and (unless None) are active after `reaching_ns`, in any order."""
        ...

    async def weather(self, start_ns: int, end_ns: int, limit: int) -> list[WeatherObservation]:
        """The newest `limit` observations of a range, or more; those of the last one's nanosecond perhaps not all."""
        ...

    async def progress(self) -> dict[str, str]:
        """The texts of `rollup_progress` by their owner."""
        ...

    async def first_ns(self, measurement: str, start_ns: int, end_ns: int) -> int | None:
        """The time of the first point of a measurement in [start, end); None where there is none."""
        ...

    async def ping(self) -> None:
        """Return when a query is answered."""
        ...


class ExportLanguage(Protocol):
    """What a dialect asks to read everything. All raise what Language raises."""

    async def size(self, measurement: str, start_ns: int, end_ns: int) -> int:
        """About how many points of a measurement a range holds; 0 only where there is none."""
        ...

    async def events(self, start_ns: int, end_ns: int) -> list[EventPoint]:
        """All events of a range, in any order."""
        ...

    async def reports(self, start_ns: int, end_ns: int) -> list[ServiceMetricsPoint]:
        """All service_metrics of a range, in any order."""
        ...

    async def weather(self, start_ns: int, end_ns: int) -> list[WeatherObservation]:
        """All observations of the weather of a range, in any order."""
        ...


class Dialect(Language, Protocol):
    """A language, and how its version is written to and administered."""

    @property
    def capabilities(self) -> DialectCapabilities:
        """What this dialect can do."""
        ...

    @property
    def administrator(self) -> Administrator:
        """What is there, and who may do what."""
        ...

    @property
    def exports(self) -> ExportLanguage:
        """Everything, range by range."""
        ...

    def write_target(self, *, rollups: bool) -> WriteTarget:
        """Where lines of raw points, or of rollups, go."""
        ...

    async def settle(self) -> None:
        """Find out where the events are, once; raises StoreUnavailableError."""
        ...

    async def delete_event(self, key: SeriesKey, time_ns: int) -> None:
        """Delete one event that has all four tags."""
        ...

    async def close(self) -> None:
        """Let go of connections of its own."""
        ...
