"""States as events, byte for byte."""

from __future__ import annotations

import json
from typing import Any

import pytest
from ha_ingestor_core.events import decode_event, decode_state_change
from msgspec import UNSET, Raw
from websocket_ingestion.states.snapshot import read_snapshot, snapshot_event


def test_every_recorded_state_becomes_an_event_of_that_state(recorded: list[dict[str, Any]]) -> None:
    states = next(message["result"] for message in recorded if message.get("id") == 3)
    raw = Raw(json.dumps(states, ensure_ascii=False).encode())
    events = [event for slice_ in read_snapshot(raw).events() for event in slice_]
    assert len(events) == len(states) > 50
    for event, state in zip(events, states, strict=True):
        change = decode_state_change(decode_event(event).data)
        assert change.new_state is not None
        assert (change.new_state.entity_id, change.new_state.state) == (state["entity_id"], state["state"])
        assert change.old_state is UNSET
        assert json.loads(bytes(event))["data"]["new_state"] == state
        assert json.loads(bytes(event))["time_fired"] == state["last_updated"]
        assert json.loads(bytes(event))["context"] == state["context"]


def test_the_state_itself_is_not_written_anew() -> None:
    state = b'{ "entity_id":"a.b", "state":"1.0", "attributes":{"n":1.0e0}, "last_updated":"2026-11-24T08:00:00+00:00"}'
    assert state in bytes(snapshot_event(Raw(state)))
    assert decode_event(snapshot_event(Raw(state))).context is None


@pytest.mark.parametrize("state", [b"7", b"null", b'"text"', b"{}", b'{"entity_id":"a.b","state":"on"}'])
def test_an_unreadable_state_is_passed_on_unchanged(state: bytes) -> None:
    assert bytes(snapshot_event(Raw(state))) == state


@pytest.mark.parametrize("answer", [b"null", b'{"a":1}', b""])
def test_an_answer_that_is_no_list_is_passed_on_unchanged(answer: bytes) -> None:
    assert [[bytes(event) for event in slice_] for slice_ in read_snapshot(Raw(answer)).events()] == [[answer]]


def test_thousands_of_states_come_in_slices() -> None:
    sizes = [len(slice_) for slice_ in read_snapshot(Raw(b"[" + b",".join([b"7"] * 1200) + b"]")).events()]
    assert sizes == [500, 500, 200]


def a_state(entity_id: str, time: str, **attributes: Any) -> dict[str, Any]:
    return {"entity_id": entity_id, "state": "unavailable", "attributes": attributes, "last_updated": time}


def test_what_home_assistant_only_remembers_after_a_restart_is_no_event() -> None:
    states = [
        a_state("sensor.gone", "2026-11-24T08:00:02+00:00", restored=True),
        a_state("sensor.there", "2026-11-24T08:00:01+00:00", restored=False, note='"restored": true'),
        a_state("sensor.odd", "2026-11-24T08:00:00+00:00", restored="yes"),
    ]
    snapshot = read_snapshot(Raw(json.dumps(states).encode()))
    assert snapshot.restored == {"sensor.gone"}
    assert [json.loads(bytes(state))["entity_id"] for state in snapshot.states] == ["sensor.there", "sensor.odd"]
    assert snapshot.updated["sensor.gone"] == 1_795_507_202_000_000_000
