"""Renames found by comparing two lists of entities."""

from __future__ import annotations

import json
from typing import Any

import pytest
from ha_ingestor_core.events import Registries
from msgspec import Raw
from websocket_ingestion.registries.renames import Rename, current_id, id_at, missed_renames, rename_event

SECOND_NS = 1_000_000_000


def registries(*entities: Any) -> Registries:
    return Registries("home", "v", entities=Raw(json.dumps(entities).encode()))


def entry(entity_id: Any, **fields: Any) -> Any:
    return {"entity_id": entity_id, "id": "1", "platform": "zha", "unique_id": "u", **fields}


@pytest.mark.parametrize(
    ("before", "now"),
    [
        (entry("light.a"), entry("light.b")),
        (entry("light.a", unique_id=None), entry("light.b", unique_id="other")),
        (entry("light.a", id=None), entry("light.b")),
    ],
)
def test_an_entity_is_known_by_the_registrys_id_or_the_integrations(before: Any, now: Any) -> None:
    found = missed_renames(registries(before), registries(now), 5)
    assert found == [Rename("light.a", "light.b", 1_000)]


@pytest.mark.parametrize(
    ("before", "now"),
    [
        (entry("light.a"), entry("light.a")),
        (entry("light.a"), entry("light.b", id="2", unique_id="w")),
        (entry("light.a", id=None), entry("switch.b", id=None)),
        (entry("light.a", id=None, unique_id=None), entry("light.b", id=None, unique_id=None)),
        (entry(7), entry("light.b")),
        ("odd", entry("light.b")),
    ],
)
def test_others_are_not_renamed(before: Any, now: Any) -> None:
    assert missed_renames(registries(before), registries(now), 5) == []


@pytest.mark.parametrize("modified_at", [4.0, -1, None, "7", 1e300, [7.0]])
def test_without_modified_at_the_time_follows_the_captured_one(modified_at: Any) -> None:
    now = registries(entry("light.b", modified_at=modified_at))
    (found,) = missed_renames(registries(entry("light.a")), now, 5 * SECOND_NS)
    assert found.time_ns == 5 * SECOND_NS + 1_000


def test_the_time_is_that_of_the_entrys_change_to_the_microsecond() -> None:
    changed_ns = 1_795_562_221_954_891_000
    for later_ns in range(0, 1_000_000, 1_000):
        now = registries(entry("light.b", modified_at=(changed_ns + later_ns) / SECOND_NS))
        (found,) = missed_renames(registries(entry("light.a")), now, 5 * SECOND_NS)
        assert found.time_ns == changed_ns + later_ns


def test_what_happened_in_the_last_microsecond_that_is_known_had_the_old_id() -> None:
    event_ns = 5 * SECOND_NS + 999  # the digits below the microsecond tell events apart
    renames = missed_renames(registries(entry("light.a")), registries(entry("light.b")), 5 * SECOND_NS)
    assert id_at("light.b", event_ns, renames) == "light.a"


@pytest.mark.parametrize(
    ("ids", "told", "old_id"),
    [
        (["a"], [], "a"),
        (["a"], [("a", "b")], "b"),
        (["a"], [("a", "b"), ("b", "c")], "c"),
        (["a"], [("z", "a")], "a"),  # read after it
        (["a", "b"], [("a", "b"), ("c", "a")], "a"),  # read after both: the name was given up, and taken again
    ],
)
def test_a_missed_rename_begins_at_the_id_that_was_reported_after_the_list(
    ids: list[str], told: list[tuple[str, str]], old_id: str
) -> None:
    before = registries(*(entry(f"light.{name}", id=name, unique_id=name) for name in ids))
    now = registries(entry("light.new", id="a", unique_id="a"))
    known = [Rename(f"light.{old}", f"light.{new}", n) for n, (old, new) in enumerate(told)]
    (found,) = missed_renames(before, now, 5, known)
    assert found.old_id == f"light.{old_id}"


def test_a_swap_is_two_renames_and_a_list_that_is_none_is_empty() -> None:
    a, b = entry("light.a"), entry("light.b", id="2", unique_id="w")
    swapped = ({**a, "entity_id": "light.b"}, {**b, "entity_id": "light.a"})
    assert len(missed_renames(registries(a, b), registries(*swapped), 5)) == 2
    assert missed_renames(Registries("home", "v", entities=Raw(b"{")), registries(a), 5) == []


def test_a_rename_becomes_the_event_of_home_assistant() -> None:
    event = json.loads(bytes(rename_event(Rename("light.a", "light.b", 5 * SECOND_NS))))
    assert event["event_type"] == "entity_registry_updated"
    assert (event["data"]["old_entity_id"], event["data"]["entity_id"]) == ("light.a", "light.b")
    assert event["time_fired"] == "1970-01-01T00:00:05.000000+00:00"


def test_an_id_of_today_was_another_before() -> None:
    renames = [Rename("light.a", "light.b", 5), Rename("light.b", "light.c", 9)]
    assert [id_at("light.c", time_ns, renames) for time_ns in (4, 5, 8, 9)] == [
        "light.a",
        "light.b",
        "light.b",
        "light.c",
    ]
    assert id_at("light.b", 4, renames) == "light.a"
    assert id_at("light.x", 4, renames) == "light.x"
    assert (current_id("light.a", renames), current_id("light.b", renames)) == ("light.c", "light.c")


def test_an_id_may_be_given_back() -> None:
    renames = [Rename("light.a", "light.b", 5), Rename("light.b", "light.a", 9)]
    assert [id_at("light.a", time_ns, renames) for time_ns in (4, 6, 9)] == ["light.a", "light.b", "light.a"]
    assert current_id("light.a", renames) == "light.a"
