"""The compiled filters, with a cache of their decisions by entity and event type.

The rules are those of Home Assistant's recorder (docs/filters.md): the more specific entry takes precedence, and of two
equally specific ones the one that includes.
"""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Callable, Iterable
from enum import StrEnum

from ha_ingestor_core.filters.rules import Filters

_REMEMBERED = 20_000
_WILDCARDS = frozenset("*?")


class FilterRule(StrEnum):
    """Why an event is filtered; the label of the metric."""

    EXCLUDED_EVENT_TYPE = "excluded_event_type"
    NOT_INCLUDED_EVENT_TYPE = "not_included_event_type"
    EXCLUDED_ENTITY = "excluded_entity"
    EXCLUDED_DOMAIN = "excluded_domain"
    NOT_INCLUDED = "not_included"


class EventFilteredError(Exception):
    """The filters exclude the event."""

    def __init__(self, rule: FilterRule) -> None:
        super().__init__(rule.value)
        self.rule = rule


class EventFilter:
    """The compiled filters. A repeated check of an entity or an event type is one lookup."""

    def __init__(self, filters: Filters) -> None:
        include, exclude = filters.include, filters.exclude
        self._include = _Entities(include.entities, include.domains)
        self._exclude = _Entities(exclude.entities, exclude.domains)
        self._included_types = _matcher(include.event_types)
        self._excluded_types = _matcher(exclude.event_types)
        self._keeps_the_rest = not self._include.is_broad and (not self._include.ids or self._exclude.is_broad)
        self._types: dict[str, FilterRule | None] = {}
        self._entities: dict[str, FilterRule | None] = {}

    def check_event_type(self, event_type: str) -> None:
        """Raise EventFilteredError where events of this type are filtered."""
        try:
            rule = self._types[event_type]
        except KeyError:
            rule = _remember(self._types, event_type, self._event_type_rule(event_type))
        if rule is not None:
            raise EventFilteredError(rule)

    def check_entity(self, entity_id: str) -> None:
        """Raise EventFilteredError where events of this entity are filtered."""
        try:
            rule = self._entities[entity_id]
        except KeyError:
            rule = _remember(self._entities, entity_id, self._entity_rule(entity_id))
        if rule is not None:
            raise EventFilteredError(rule)

    def _event_type_rule(self, event_type: str) -> FilterRule | None:
        if self._excluded_types and self._excluded_types(event_type):
            return FilterRule.EXCLUDED_EVENT_TYPE
        if self._included_types and not self._included_types(event_type):
            return FilterRule.NOT_INCLUDED_EVENT_TYPE
        return None

    def _entity_rule(self, entity_id: str) -> FilterRule | None:
        domain = entity_id.partition(".")[0]
        include, exclude = self._include, self._exclude
        if entity_id in include.ids:
            return None
        if entity_id in exclude.ids:
            return FilterRule.EXCLUDED_ENTITY
        if include.globs and include.globs(entity_id):
            return None
        if exclude.globs and exclude.globs(entity_id):
            return FilterRule.EXCLUDED_ENTITY
        if include.domains and include.domains(domain):
            return None
        if exclude.domains and exclude.domains(domain):
            return FilterRule.EXCLUDED_DOMAIN
        return None if self._keeps_the_rest else FilterRule.NOT_INCLUDED


class _Entities:
    """The entities and domains of the include or the exclude lists; broad if they have globs or domains."""

    def __init__(self, entities: Iterable[str], domains: Iterable[str]) -> None:
        self.ids = frozenset(entry for entry in entities if not _WILDCARDS & set(entry))
        self.globs = _matcher([entry for entry in entities if entry not in self.ids])
        self.domains = _matcher(domains)
        self.is_broad = self.globs is not None or self.domains is not None


def _matcher(patterns: Iterable[str]) -> Callable[[str], object] | None:
    """Return the function that matches one of the globs; None without globs. `[` is literal, as in the Admin API."""
    expressions = [fnmatch.translate(pattern.replace("[", "[[]")) for pattern in patterns]
    return re.compile("|".join(expressions)).match if expressions else None


def _remember(known: dict[str, FilterRule | None], name: str, rule: FilterRule | None) -> FilterRule | None:
    if len(known) >= _REMEMBERED:
        known.clear()
    known[name] = rule
    return rule


KEEP_ALL = EventFilter(Filters())
