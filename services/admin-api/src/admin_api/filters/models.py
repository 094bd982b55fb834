"""Models of filters."""

from __future__ import annotations

from datetime import datetime

from ha_ingestor_core.filters.event_filter import FilterRule
from ha_ingestor_core.filters.rules import EXPECTED_PATTERNS, FilterSource
from pydantic import Field

from admin_api.events.models import Event
from admin_api.http.models import TIME_EXAMPLE, Model


class FilterListsBody(Model):
    """Ids, and globs with `*` and `?`; omitted lists are empty."""

    entities: list[str] = Field(
        default=[], description=EXPECTED_PATTERNS["entities"], examples=[["light.kitchen", "*_battery"]]
    )
    domains: list[str] = Field(default=[], description=EXPECTED_PATTERNS["domains"], examples=[["automation"]])
    event_types: list[str] = Field(default=[], description=EXPECTED_PATTERNS["event_types"], examples=[["zha_*"]])


class FilterLists(FilterListsBody):
    """Ids, and globs with `*` and `?`."""


class FiltersBody(Model):
    """The filters of events; empty lists keep every event."""

    include: FilterListsBody = FilterListsBody()
    exclude: FilterListsBody = FilterListsBody()


class FiltersAnswer(Model):
    """The effective filters; with the source `environment` they cannot be changed at run time."""

    include: FilterLists
    exclude: FilterLists
    source: FilterSource
    variables: list[str] = Field(
        description="Environment variables that set the filters", examples=[["FILTER_EXCLUDE_ENTITIES"]]
    )


class NameCount(Model):
    """An entity or event type, and its number of events."""

    name: str = Field(examples=["sensor.phone_battery"])
    friendly_name: str | None = Field(description="Friendly name of an entity", examples=["Phone battery"])
    count: int = Field(examples=[42])


class DroppedByRule(Model):
    """The events that a rule would drop: number, most frequent names, and newest examples."""

    rule: FilterRule = Field(examples=[FilterRule.EXCLUDED_ENTITY])
    count: int = Field(examples=[42])
    busiest: list[NameCount]
    examples: list[Event]


class FilterPreviewAnswer(Model):
    """The events from `start` to `end` that filters would drop, by rule, sorted by number."""

    period: str = Field(examples=["1h"])
    start: datetime = Field(examples=[TIME_EXAMPLE])
    end: datetime = Field(examples=[TIME_EXAMPLE])
    complete: bool = Field(description="Whether all events of the period were checked; false: only the newest 10,000")
    events: int = Field(description="Number of checked events", examples=[3600])
    kept: int = Field(examples=[3558])
    dropped: list[DroppedByRule]
