"""The lists of globs that include and exclude events, and their validation."""

from __future__ import annotations

import re
from enum import StrEnum
from typing import Protocol

from msgspec import Struct

from ha_ingestor_core.errors import InvalidInputError

MAX_PATTERNS = 1_000
"""Maximum number of patterns in a list."""

_ENTITY = re.compile(r"[a-z0-9_*?]+\.[a-z0-9_*?]+|(?=[^*]*\*)[a-z0-9_*?.]+")
_DOMAIN = re.compile(r"[a-z0-9_*?]+")
_EVENT_TYPE = re.compile(r"[^\s,\[\]]{1,128}")
_LONGEST = 255

EXPECTED_PATTERNS = {
    "entities": "entity IDs or globs of * and ?, such as sensor.kitchen, light.* or *_battery (lower-case letters, "
    "digits, _ and one dot)",
    "domains": "domains or globs of * and ?, such as light or *_sensor (lower-case letters, digits and _)",
    "event_types": "event types or globs of * and ?, such as call_service or zha_* (no spaces, commas or brackets)",
}
"""The valid entries of each list."""

_PATTERNS = {"entities": _ENTITY, "domains": _DOMAIN, "event_types": _EVENT_TYPE}


class FilterLists(Struct, frozen=True, forbid_unknown_fields=True):
    """Entity IDs, domains and event types; each entry can be a case-sensitive glob of `*` and `?`."""

    entities: list[str] = []
    domains: list[str] = []
    event_types: list[str] = []


class Filters(Struct, frozen=True, forbid_unknown_fields=True):
    """The events to include and to exclude; with empty lists all events are stored."""

    include: FilterLists = FilterLists()
    exclude: FilterLists = FilterLists()


class FilterSource(StrEnum):
    """The source of the filters in force."""

    DEFAULT = "default"
    STORED = "stored"
    ENVIRONMENT = "environment"


class FiltersInForce(Struct, frozen=True):
    """The filters in force, their source, and the environment variables that set them, if any."""

    include: FilterLists
    exclude: FilterLists
    source: FilterSource
    variables: list[str] = []


class EventFilters(Protocol):
    """Reads and changes the filters of the enrichment-pipeline at run time."""

    async def filters(self) -> FiltersInForce:
        """Return the filters in force."""
        ...

    async def set_filters(self, filters: Filters) -> FiltersInForce:
        """Replace the filters for all later batches, also after a restart; return the filters in force.

        Raises InvalidInputError and FixedByEnvironmentError.
        """
        ...


def check_filters(filters: Filters) -> None:
    """Raise InvalidInputError for entries that could never match."""
    for side in ("include", "exclude"):
        for name in _PATTERNS:
            check_patterns(f"{side}.{name}", name, getattr(getattr(filters, side), name))


def check_patterns(field: str, name: str, patterns: list[str]) -> None:
    """Raise InvalidInputError for `field` where an entry is invalid in the list `name`."""
    if len(patterns) > MAX_PATTERNS:
        expected = f"at most {MAX_PATTERNS} entries"
        raise InvalidInputError(f"{field} must be {expected}, got {len(patterns)}", field=field, expected=expected)
    for pattern in patterns:
        if len(pattern) > _LONGEST or not _PATTERNS[name].fullmatch(pattern):
            expected = EXPECTED_PATTERNS[name]
            raise InvalidInputError(f"{field} must be {expected}, got {pattern!r}", field=field, expected=expected)
