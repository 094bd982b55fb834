"""What callers may send as filters."""

from __future__ import annotations

import pytest
from ha_ingestor_core.errors import InvalidInputError
from ha_ingestor_core.filters.rules import MAX_PATTERNS, FilterLists, Filters, check_filters


def test_ids_and_globs_are_taken() -> None:
    lists = FilterLists(
        entities=["light.kitchen", "light.*", "*_battery", "sensor.?", "*"],
        domains=["light", "*_sensor"],
        event_types=["state_changed", "zha_*", "Ereignis-Ü"],
    )
    check_filters(Filters(include=lists, exclude=lists))


@pytest.mark.parametrize(
    ("name", "wrong"),
    [
        ("entities", "kitchen"),
        ("entities", "kitchen?"),
        ("entities", "Light.kitchen"),
        ("entities", "light.kitchen, light.hall"),
        ("entities", "light.[ab]"),
        ("entities", ""),
        ("entities", "*" * 256),
        ("domains", "light.kitchen"),
        ("domains", ""),
        ("event_types", "two words"),
        ("event_types", "a,b"),
        ("event_types", "[ab]"),
        ("event_types", ""),
    ],
)
def test_what_could_never_match_is_refused_by_name(name: str, wrong: str) -> None:
    with pytest.raises(InvalidInputError) as caught:
        check_filters(Filters(exclude=FilterLists(**{name: ["*", wrong]})))
    assert caught.value.detail["field"] == f"exclude.{name}"
    assert caught.value.detail["expected"] in caught.value.message
    assert caught.value.message.endswith(f"got {wrong!r}")


def test_endless_lists_are_refused() -> None:
    with pytest.raises(InvalidInputError, match=f"include.domains must be at most {MAX_PATTERNS} entries"):
        check_filters(Filters(include=FilterLists(domains=["light"] * (MAX_PATTERNS + 1))))
