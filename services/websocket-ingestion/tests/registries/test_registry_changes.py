"""What events change for the capture; unreadable ones change nothing, and stay events."""

from __future__ import annotations

import json
from typing import Any

import pytest
from msgspec import Raw
from websocket_ingestion.registries.registry_changes import RegistryChanges, read_changes
from websocket_ingestion.registries.renames import Rename

TIME = "2026-01-01T00:00:00.000001+00:00"
TIME_NS = 1_767_225_600_000_001_000


def compact(value: Any) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode()


def changed(old: Any, new: Any) -> dict[str, Any]:
    return {"event_type": "state_changed", "data": {"entity_id": "a.b", "old_state": old, "new_state": new}}


def state(**attributes: Any) -> dict[str, Any]:
    return {"state": "unavailable", "last_updated": TIME, "attributes": attributes}


def news_of(*events: Any) -> tuple[int, RegistryChanges | None]:
    """How many of the events are left, and their changes."""
    bodies = [Raw(compact(event)) for event in events]
    kept, changes = read_changes(compact(events), bodies)
    return len(kept), changes


def test_an_ordinary_change_has_no_registry_changes() -> None:
    assert news_of(changed(state(), state(restored=True))) == (1, None)


def test_entities_come_and_go() -> None:
    kept, changes = news_of(changed(None, state()), changed(state(), None))
    assert (kept, changes) == (2, RegistryChanges(added=["a.b"], removed=["a.b"]))


def test_what_home_assistant_only_remembers_is_no_event() -> None:
    kept, changes = news_of(changed(None, state(restored=True)))
    assert (kept, changes) == (0, RegistryChanges(added=["a.b"], restored=[("a.b", TIME_NS)]))


def test_a_rename_is_read_with_its_time() -> None:
    data = {"action": "update", "entity_id": "a.c", "old_entity_id": "a.b", "changes": {}}
    kept, changes = news_of({"event_type": "entity_registry_updated", "data": data, "time_fired": TIME})
    assert (kept, changes) == (1, RegistryChanges(touches_registries=True, renamed=[Rename("a.b", "a.c", TIME_NS)]))


@pytest.mark.parametrize(
    "event",
    [
        {"event_type": "state_changed", "data": "x_registry_updated"},
        {"event_type": "state_changed", "data": {"entity_id": 7, "old_state": None}},
        {"event_type": "other", "data": {"entity_id": "a.b", "old_state": None, "new_state": state(restored=True)}},
        {"data": {"old_state": None}},
        7,
        "_registry_updated",
    ],
)
def test_unreadable_events_have_no_changes(event: Any) -> None:
    kept, changes = news_of(event)
    assert kept == 1
    assert not changes or changes == RegistryChanges()


@pytest.mark.parametrize(
    "odd", [{"restored": "yes"}, {"restored": 1}, {"restored": False}, {"text": '"restored":true'}]
)
def test_only_a_true_checkpoint_makes_a_memory(odd: dict[str, Any]) -> None:
    assert news_of(changed(None, state(**odd))) == (1, RegistryChanges(added=["a.b"]))
