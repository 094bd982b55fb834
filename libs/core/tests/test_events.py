"""Decoding of Home Assistant's events."""

from __future__ import annotations

import json
from pathlib import Path

import msgspec
import pytest
from ha_ingestor_core.events import OriginKind, decode_event, decode_state_change

SESSION = Path(__file__).parents[3] / "tests" / "data" / "home-assistant-2024.3-session.jsonl"


def recorded_events() -> list[bytes]:
    messages = [json.loads(line)["msg"] for line in SESSION.read_text(encoding="utf-8").splitlines()]
    return [json.dumps(m["event"]).encode() for m in messages if m.get("type") == "event"]


def test_every_recorded_event_decodes_and_keeps_its_data() -> None:
    for raw in recorded_events():
        event, truth = decode_event(raw), json.loads(raw)
        assert event.event_type == truth["event_type"]
        assert json.loads(bytes(event.data)) == truth["data"]
        assert event.time_fired.isoformat() == truth["time_fired"]


def test_every_recorded_state_change_keeps_state_and_attributes() -> None:
    changes = [raw for raw in recorded_events() if json.loads(raw)["event_type"] == "state_changed"]
    assert changes
    for raw in changes:
        truth = json.loads(raw)["data"]
        change = decode_state_change(decode_event(raw).data)
        assert change.entity_id == truth["entity_id"]
        if truth["new_state"] is None:
            assert change.new_state is None
        else:
            assert change.new_state is not None
            assert change.new_state.state == truth["new_state"]["state"]
            assert json.loads(bytes(change.new_state.attributes)) == truth["new_state"]["attributes"]


def test_a_missing_old_state_differs_from_null() -> None:
    reported = decode_state_change(b'{"entity_id":"a.b","old_state":null,"new_state":null}')
    untold = decode_state_change(b'{"entity_id":"a.b","new_state":null}')
    assert reported.old_state is None
    assert untold.old_state is msgspec.UNSET


@pytest.mark.parametrize(
    ("raw", "named"),
    [
        (b'{"time_fired":"2026-11-24T00:00:00+00:00"}', "event_type"),
        (b'{"event_type":"x","time_fired":"2026-11-24T00:00:00"}', "time_fired"),
        (b'{"event_type":7,"time_fired":"2026-11-24T00:00:00+00:00"}', "event_type"),
        (b'"not an event"', "object"),
    ],
)
def test_what_is_no_event_is_refused_by_the_name_of_its_field(raw: bytes, named: str) -> None:
    with pytest.raises(msgspec.MsgspecError, match=named):
        decode_event(raw)


def test_live_beats_snapshot_beats_backfill() -> None:
    assert OriginKind.LIVE.rank > OriginKind.SNAPSHOT.rank > OriginKind.BACKFILL.rank
