"""Which events the filters keep: against a plain reading of Home Assistant's own rules."""

from __future__ import annotations

import itertools
from collections.abc import Callable

import pytest
from ha_ingestor_core.filters import event_filter as module
from ha_ingestor_core.filters.event_filter import KEEP_ALL, EventFilter, EventFilteredError, FilterRule
from ha_ingestor_core.filters.rules import FilterLists, Filters
from hypothesis import given
from hypothesis import strategies as st

IDS = ["light.kitchen", "light.hall", "sensor.kitchen", "sensor.a", "sun.sun", "light", "odd[.id]"]
ENTRIES = ["light.kitchen", "light.hall", "sensor.a", "light.*", "*.kitchen", "sensor.?", "*", "s*n.*"]
DOMAINS = ["light", "sensor", "s*", "?un", "*"]
TYPES = ["state_changed", "call_service", "zha_event", "c*", "*_event", "[a]"]


def lists() -> st.SearchStrategy[FilterLists]:
    return st.builds(
        FilterLists,
        entities=st.lists(st.sampled_from(ENTRIES), max_size=3),
        domains=st.lists(st.sampled_from(DOMAINS), max_size=2),
        event_types=st.lists(st.sampled_from(TYPES), max_size=2),
    )


def matches(pattern: str, text: str) -> bool:
    """A glob, read letter by letter."""
    if not pattern:
        return not text
    if pattern[0] == "*":
        return any(matches(pattern[1:], text[at:]) for at in range(len(text) + 1))
    return bool(text) and pattern[0] in ("?", text[0]) and matches(pattern[1:], text[1:])


def keeps_as_home_assistant_does(filters: Filters, entity_id: str) -> bool:
    """The six cases in the words of Home Assistant's documentation of the recorder."""
    domain = entity_id.split(".")[0]

    def listed(side: FilterLists) -> bool:
        return entity_id in side.entities

    def matches_glob(side: FilterLists) -> bool:
        return any(matches(entry, entity_id) for entry in side.entities if "*" in entry or "?" in entry)

    def matches_domain(side: FilterLists) -> bool:
        return any(matches(entry, domain) for entry in side.domains)

    def is_broad(side: FilterLists) -> bool:
        return bool(side.domains) or any("*" in entry or "?" in entry for entry in side.entities)

    def is_empty(side: FilterLists) -> bool:
        return not side.entities and not side.domains

    include, exclude = filters.include, filters.exclude
    if is_empty(include) and is_empty(exclude):  # 1. no filter
        return True
    if is_empty(exclude):  # 2. only includes
        return listed(include) or matches_domain(include) or matches_glob(include)
    if is_empty(include):  # 3. only excludes
        return not (listed(exclude) or matches_domain(exclude) or matches_glob(exclude))
    if is_broad(include):  # 4. domain and/or glob includes
        if listed(include) or listed(exclude):
            return listed(include)
        if matches_glob(include) or matches_glob(exclude):
            return matches_glob(include)
        return matches_domain(include)
    if is_broad(exclude):  # 5. domain and/or glob excludes
        return listed(include) or not (listed(exclude) or matches_glob(exclude) or matches_domain(exclude))
    return listed(include)  # 6. neither


def rule_of(check: Callable[[str], None], name: str) -> FilterRule | None:
    try:
        check(name)
    except EventFilteredError as err:
        return err.rule
    return None


@given(st.builds(Filters, lists(), lists()))
def test_entities_are_kept_as_home_assistants_recorder_keeps_them(filters: Filters) -> None:
    event_filter = EventFilter(filters)
    for entity_id in (*IDS, *IDS):  # the second time from what is remembered
        kept = rule_of(event_filter.check_entity, entity_id) is None
        assert kept == keeps_as_home_assistant_does(filters, entity_id), entity_id


@given(st.builds(Filters, lists(), lists()))
def test_an_event_type_is_kept_when_it_is_included_and_not_excluded(filters: Filters) -> None:
    event_filter = EventFilter(filters)
    for event_type in TYPES:
        excluded = any(matches(entry, event_type) for entry in filters.exclude.event_types)
        included = any(matches(entry, event_type) for entry in filters.include.event_types)
        if excluded:
            expected: FilterRule | None = FilterRule.EXCLUDED_EVENT_TYPE
        else:
            not_included = bool(filters.include.event_types) and not included
            expected = FilterRule.NOT_INCLUDED_EVENT_TYPE if not_included else None
        assert rule_of(event_filter.check_event_type, event_type) is expected


@pytest.mark.parametrize(
    ("entity_id", "rule"),
    [
        ("light.kitchen", FilterRule.EXCLUDED_ENTITY),
        ("sensor.x_debug", FilterRule.EXCLUDED_ENTITY),
        ("automation.x", FilterRule.EXCLUDED_DOMAIN),
        ("light.hall", None),
    ],
)
def test_the_rule_says_what_was_excluded(entity_id: str, rule: FilterRule | None) -> None:
    exclude = FilterLists(entities=["light.kitchen", "*_debug"], domains=["auto*"])
    assert rule_of(EventFilter(Filters(exclude=exclude)).check_entity, entity_id) is rule


def test_what_no_list_names_is_not_included() -> None:
    event_filter = EventFilter(Filters(include=FilterLists(domains=["light"])))
    assert rule_of(event_filter.check_entity, "sensor.a") is FilterRule.NOT_INCLUDED


def test_by_default_everything_is_kept() -> None:
    KEEP_ALL.check_event_type("anything")
    KEEP_ALL.check_entity("no id at all")


def test_what_is_remembered_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_REMEMBERED", 10)
    event_filter = EventFilter(Filters(exclude=FilterLists(entities=["sensor.1*"])))
    for number, _ in itertools.product(range(50), range(2)):
        expected = FilterRule.EXCLUDED_ENTITY if str(number).startswith("1") else None
        assert rule_of(event_filter.check_entity, f"sensor.{number}") is expected
    assert len(event_filter._entities) <= 10
