"""Which ids an entity had when."""

from __future__ import annotations

import json
from typing import Any

import pytest
from ha_ingestor_store.points import EventPoint
from ha_ingestor_store.questions import Homes
from ha_ingestor_store.renames import BEGIN_NS, END_NS, Rename, Renames, renames_in

Times = list[tuple[str, int, int]]


def id_ranges(entity_id: str, *renames: tuple[str, str, int]) -> Times:
    """Those of the home `h`."""
    known = Renames(Rename("h", *rename) for rename in renames)
    return [tuple(each[:3]) for each in known.id_ranges(entity_id, Homes(only="h"))]  # type: ignore[misc]


@pytest.mark.parametrize(
    ("entity_id", "renames", "expected"),
    [
        ("a", [], [("a", BEGIN_NS, END_NS)]),
        ("b", [("a", "b", 5)], [("b", 5, END_NS), ("a", BEGIN_NS, 5)]),
        ("a", [("a", "b", 5)], [("a", 5, END_NS)]),
        ("c", [("a", "b", 5), ("b", "c", 7)], [("c", 7, END_NS), ("b", 5, 7), ("a", BEGIN_NS, 5)]),
        # a comes back to its name, after another had it
        ("a", [("a", "b", 5), ("c", "a", 6), ("a", "d", 7), ("b", "a", 8)],
         [("a", 8, END_NS), ("b", 5, 8), ("a", BEGIN_NS, 5)]),
        # two swap their names
        ("a", [("a", "t", 1), ("b", "a", 2), ("t", "b", 3)], [("a", 2, END_NS), ("b", BEGIN_NS, 2)]),
        ("b", [("a", "t", 1), ("b", "a", 2), ("t", "b", 3)], [("b", 3, END_NS), ("t", 1, 3), ("a", BEGIN_NS, 1)]),
        # told twice
        ("b", [("a", "b", 5), ("a", "b", 6)], [("b", 5, END_NS), ("a", BEGIN_NS, 5)]),
        # there and back, twice
        ("a", [("a", "b", 1), ("b", "a", 2), ("a", "b", 3), ("b", "a", 4)],
         [("a", 4, END_NS), ("b", 3, 4), ("a", 2, 3), ("b", 1, 2), ("a", BEGIN_NS, 1)]),
    ],
)  # fmt: skip
def test_id_ranges_go_back_to_where_the_id_was_another_entitys(
    entity_id: str, renames: list[tuple[str, str, int]], expected: Times
) -> None:
    assert id_ranges(entity_id, *renames) == expected


def test_homes_without_a_rename_are_asked_together() -> None:
    found = Renames([Rename("h", "a", "b", 5)]).id_ranges("b")
    assert [(each.entity_id, each.homes) for each in found] == [
        ("b", Homes(only="h")),
        ("b", Homes(but=("h",))),
        ("a", Homes(only="h")),
    ]


def test_a_former_id_is_answered_with_the_current_id_of_its_entity() -> None:
    known = Renames([Rename("h", "a", "b", 5), Rename("h", "b", "c", 7)])
    assert [(s.start_ns, s.end_ns, name) for s, name in known.owners("h", "a", 0, 10)] == [(0, 5, "c"), (5, 10, "a")]
    assert [name for _, name in known.owners("elsewhere", "a", 0, 10)] == ["a"]


def event(data: Any, event_type: str = "entity_registry_updated") -> EventPoint:
    return EventPoint(
        home="h", event_type=event_type, time_ns=5, data=data if isinstance(data, str) else json.dumps(data)
    )


def test_renames_are_read_from_events() -> None:
    assert renames_in([event({"action": "update", "entity_id": "b", "old_entity_id": "a"})]) == [
        Rename("h", "a", "b", 5)
    ]


@pytest.mark.parametrize(
    "told",
    [
        event({"action": "update", "entity_id": "b", "changes": {}}),
        event({"action": "update", "entity_id": "a", "old_entity_id": "a"}),
        event({"action": "update", "entity_id": 7, "old_entity_id": "a"}),
        event({"action": "update", "entity_id": "b", "old_entity_id": None}),
        event('{"old_entity_id"'),
        event({"entity_id": "b", "old_entity_id": "a"}, "a_custom_event"),
        EventPoint(home="h", event_type="entity_registry_updated", time_ns=5),
    ],
)
def test_other_events_announce_no_rename(told: EventPoint) -> None:
    assert renames_in([told]) == []
