"""What a query of InfluxDB yields: counts, sums, keys and times, as rows of plain values."""

from __future__ import annotations

from typing import NamedTuple

from ha_ingestor_core.events import OriginKind

from ha_ingestor_store.points import SeriesKey


class Counted(NamedTuple):
    """A count by the tags that were selected, in that order; None is a tag that is left out."""

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
