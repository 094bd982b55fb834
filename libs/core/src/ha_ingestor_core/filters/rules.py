"""Which events are kept: lists of globs to include and to exclude, as callers send them, and how they are checked."""

from __future__ import annotations

import re
from enum import StrEnum
from typing import Protocol

from msgspec import Struct

from ha_ingestor_core.errors import InvalidInputError

MAX_PATTERNS = 1_000
"""Patterns in one list, at most."""

_ENTITY = re.compile(r"[a-z0-9_*?]+\.[a-z0-9_*?]+|(?=[^*]*\*)[a-z0-9_*?.]+")
_DOMAIN = re.compile(r"[a-z0-9_*?]+")
_EVENT_TYPE = re.compile(r"[^\s,\[\]]{1,128}")
_LONGEST = 255

EXPECTED_PATTERNS = {
    "entities": "entity ids or globs of * and ?, such as sensor.kitchen, light.* or *_battery (lower-case letters, "
    "digits, _ and one dot)",
    "domains": "domains or globs of * and ?, such as light or *_sensor (lower-case letters, digits and _)",
    "event_types": "event types or globs of * and ?, such as call_service or zha_* (no spaces, commas or brackets)",
}
"""What may be in each list."""

_PATTERNS = {"entities": _ENTITY, "domains": _DOMAIN, "event_types": _EVENT_TYPE}


class FilterLists(Struct, frozen=True, forbid_unknown_fields=True):
    """Entity ids, domains and event types; each entry may be a glob of `*` and `?`, which match case-sensitively."""

    entities: list[str] = []
    domains: list[str] = []
    event_types: list[str] = []


class Filters(Struct, frozen=True, forbid_unknown_fields=True):
    """What is kept and what is not; with empty lists everything is kept."""

    include: FilterLists = FilterLists()
    exclude: FilterLists = FilterLists()


class FilterSource(StrEnum):
    """Where the filters in force come from."""

    DEFAULT = "default"
    STORED = "stored"
    ENVIRONMENT = "environment"


class FiltersInForce(Struct, frozen=True):
    """The filters, where they come from, and by which environment variables, if by any."""

    include: FilterLists
    exclude: FilterLists
    source: FilterSource
    variables: list[str] = []


class EventFilters(Protocol):
    """The filters of the enrichment-pipeline, read and changed while it runs."""

    async def filters(self) -> FiltersInForce:
        """The filters in force."""
        ...

    async def set_filters(self, filters: Filters) -> FiltersInForce:
        """Put other filters in force, for the batches that come from now on, and keep them over a restart.

        Raises InvalidInputError that names the list and what was expected, and FixedByEnvironmentError.
        """
        ...


def check_filters(filters: Filters) -> None:
    """Raise InvalidInputError where an entry is none that could ever match."""
    for side in ("include", "exclude"):
        for name in _PATTERNS:
            check_patterns(f"{side}.{name}", name, getattr(getattr(filters, side), name))


def check_patterns(field: str, name: str, patterns: list[str]) -> None:
    """Raise InvalidInputError that names `field` where an entry does not belong into the list `name`."""
    if len(patterns) > MAX_PATTERNS:
        expected = f"at most {MAX_PATTERNS} entries"
        raise InvalidInputError(f"{field} must be {expected}, got {len(patterns)}", field=field, expected=expected)
    for pattern in patterns:
        if len(pattern) > _LONGEST or not _PATTERNS[name].fullmatch(pattern):
            expected = EXPECTED_PATTERNS[name]
            raise InvalidInputError(f"{field} must be {expected}, got {pattern!r}", field=field, expected=expected)
