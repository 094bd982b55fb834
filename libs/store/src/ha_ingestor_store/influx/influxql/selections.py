"""What a question selects: a range of a measurement, some events, an entity."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from ha_ingestor_store.influx.entity_facts import FactsName
from ha_ingestor_store.influx.schema import WITH_THE_EVENTS
from ha_ingestor_store.questions import EVERY_HOME, Homes


class Part(NamedTuple):
    """A range of one measurement; `is_rollup` says that it lies with the rollups, apart from the events."""

    measurement: str
    is_rollup: bool
    start_ns: int
    end_ns: int


def part_of(measurement: str, start_ns: int, end_ns: int) -> Part:
    """Return a range of a measurement, wherever it is kept."""
    return Part(measurement, measurement not in WITH_THE_EVENTS, start_ns, end_ns)


def with_length(parts: Iterable[Part]) -> list[Part]:
    """Return the parts that are not empty: at the edge of what InfluxDB can hold some are."""
    return [part for part in parts if part.start_ns < part.end_ns]


class AreaSets(NamedTuple):
    """What is in an area: entities of which all sets of facts name it, and sets of the others that do."""

    entities: tuple[str, ...] = ()
    sets: tuple[FactsName, ...] = ()


NOTHING_IN_AREA = AreaSets()


class EventFilter(NamedTuple):
    """Which events are selected; None is any. `entity_id` is a glob, the others are exact.

    `in_area` is what is in the area, once it was looked up.
    """

    entity_id: str | None = None
    domain: str | None = None
    event_type: str | None = None
    homes: Homes = EVERY_HOME
    area: str | None = None
    in_area: AreaSets | None = None


class Entity(NamedTuple):
    """An entity of some homes."""

    entity_id: str
    homes: Homes = EVERY_HOME
