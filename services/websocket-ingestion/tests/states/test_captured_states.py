"""What was captured of each entity, compared with what Home Assistant shows."""

from __future__ import annotations

import json
from typing import Any

import pytest
from msgspec import Raw
from websocket_ingestion.states.captured_states import CapturedStates
from websocket_ingestion.states.snapshot import Snapshot, read_snapshot

SECOND_NS = 1_000_000_000


def state(second: int, **attributes: Any) -> dict[str, Any]:
    moment = f"1970-01-01T00:00:{second:02}+00:00"
    return {"entity_id": "a.b", "state": "1", "attributes": attributes, "last_updated": moment}


def event(new_state: Any) -> Raw:
    return Raw(
        json.dumps({"event_type": "state_changed", "data": {"entity_id": "a.b", "new_state": new_state}}).encode()
    )


def shown(*states: dict[str, Any]) -> Snapshot:
    return read_snapshot(Raw(json.dumps(states).encode()))


def captured(*events: Raw) -> CapturedStates:
    found = CapturedStates()
    found.add(list(events))
    return found


def test_what_came_is_not_missing() -> None:
    assert captured(event(state(5))).newer_in(shown(state(5))) == {}


def test_what_came_after_the_snapshot_was_made_is_no_difference() -> None:
    found = captured(event(state(6)))
    assert found.newer_in(shown(state(5))) == {}
    found.add_snapshot(shown(state(5)))
    assert found.newer_in(shown(state(6))) == {}


def test_a_newer_state_is_missing_until_it_is_taken() -> None:
    found = captured(event(state(5)))
    assert found.newer_in(shown(state(7))) == {"a.b": 7 * SECOND_NS}
    found.add_snapshot(shown(state(7)))
    assert found.newer_in(shown(state(7))) == {}


def test_an_entity_that_never_came_is_missing_and_one_that_is_only_remembered_is_not() -> None:
    assert captured().newer_in(shown(state(7))) == {"a.b": 7 * SECOND_NS}
    assert captured().newer_in(shown(state(7, restored=True))) == {}


def test_a_removed_entity_has_no_state() -> None:
    assert captured(event(state(5)), event(None)).entities == frozenset()


@pytest.mark.parametrize(
    "odd",
    [
        b"7",
        b"{}",
        b'{"event_type":"x","data":{"entity_id":7}}',
        b'{"event_type":"x","data":{"entity_id":"a.b"}}',
        b"\xff",
    ],
)
def test_other_events_and_odd_ones_are_passed_over(odd: bytes) -> None:
    found = captured(event(state(5)), Raw(odd))
    assert found.newer_in(shown(state(5))) == {}


def test_a_time_that_cannot_be_read_counts_as_none() -> None:
    found = captured(event({**state(5), "last_updated": "yesterday"}))
    assert found.newer_in(shown(state(5))) == {"a.b": 5 * SECOND_NS}
