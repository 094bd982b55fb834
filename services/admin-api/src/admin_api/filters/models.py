"""Models of the answers about filters."""

from __future__ import annotations

from datetime import datetime

from ha_ingestor_core.event_filter import FilterRule
from ha_ingestor_core.filters import EXPECTED_PATTERNS, FilterSource
from pydantic import Field

from admin_api.events.models import Event
from admin_api.http.models import TIME_EXAMPLE, Model


class FilterListsBody(Model):
    """Ids, and globs of `*` and `?`; a list that is left out is empty."""

    entities: list[str] = Field(
        default=[], description=EXPECTED_PATTERNS["entities"], examples=[["light.kitchen", "*_battery"]]
    )
    domains: list[str] = Field(default=[], description=EXPECTED_PATTERNS["domains"], examples=[["automation"]])
    event_types: list[str] = Field(default=[], description=EXPECTED_PATTERNS["event_types"], examples=[["zha_*"]])


class FilterLists(FilterListsBody):
    """Ids, and globs of `*` and `?`; an entry with a wildcard is a glob."""


class FiltersBody(Model):
    """Which events are kept; with empty lists every event is."""

    include: FilterListsBody = FilterListsBody()
    exclude: FilterListsBody = FilterListsBody()


class FiltersAnswer(Model):
    """The filters in force; with the source `environment` they can't be changed at run time."""

    include: FilterLists
    exclude: FilterLists
    source: FilterSource
    variables: list[str] = Field(
        description="The environment variables that set them", examples=[["FILTER_EXCLUDE_ENTITIES"]]
    )


class NameCount(Model):
    """How many events an entity, or an event type, had."""

    name: str = Field(examples=["sensor.phone_battery"])
    friendly_name: str | None = Field(description="Of an entity", examples=["Phone battery"])
    count: int = Field(examples=[42])


class DroppedByRule(Model):
    """What one rule would have left out: how many events, whose most, and the newest."""

    rule: FilterRule = Field(examples=[FilterRule.EXCLUDED_ENTITY])
    count: int = Field(examples=[42])
    busiest: list[NameCount]
    examples: list[Event]


class FilterPreviewAnswer(Model):
    """What filters would have left out of the events from `start` to `end`, the rule with the most events first."""

    period: str = Field(examples=["1h"])
    start: datetime = Field(examples=[TIME_EXAMPLE])
    end: datetime = Field(examples=[TIME_EXAMPLE])
    complete: bool = Field(description="Whether all events of the period were looked at, or the newest 10,000")
    events: int = Field(description="How many were looked at", examples=[3600])
    kept: int = Field(examples=[3558])
    dropped: list[DroppedByRule]
