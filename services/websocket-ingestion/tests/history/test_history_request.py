"""A row of the history becomes the event of the stream: the same time, state and attributes."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest
from ha_ingestor.demo_home import House
from ha_ingestor.demo_home.commands import run_command
from ha_ingestor_core.clock import NS_PER_US, datetime_to_ns
from ha_ingestor_core.events import decode_event, decode_state_change
from hypothesis import given
from hypothesis import strategies as st
from msgspec import UNSET, Raw
from websocket_ingestion.history.history_request import (
    Change,
    HistoryRow,
    changes_in,
    history_event,
    history_request,
    read_answer,
)

NEW_YEAR_NS = 1_798_761_600_000_000_000


def as_answer(rows: dict[str, list[dict[str, Any]]]) -> Any:
    return read_answer(Raw(json.dumps(rows).encode()))


def changes(rows: dict[str, list[dict[str, Any]]], start_ns: int, end_ns: int, states: Any = None) -> list[Change]:
    return list(changes_in(as_answer(rows), start_ns, end_ns, {} if states is None else states))


@given(micros=st.lists(st.integers(0, 10**10), min_size=1, max_size=20, unique=True))
def test_every_microsecond_comes_back(micros: list[int]) -> None:
    house, live = House(), []
    house.listen(lambda _, event: live.append(json.loads(event)["data"]["new_state"]["last_updated"]))
    for n, micro in enumerate(sorted(micros)):
        house.set_state("sensor.a", str(n), {}, time_ns=NEW_YEAR_NS + micro * NS_PER_US)
    end_ns = NEW_YEAR_NS + 10**10 * NS_PER_US + 1
    asked = history_request(["sensor.a"], NEW_YEAR_NS, end_ns)
    answer = msgspec.json.encode(run_command(house, {"type": "history/history_during_period", **asked}))
    found = list(changes_in(read_answer(Raw(answer)), NEW_YEAR_NS, end_ns, {}))
    updated = []
    for change in found:
        new = decode_state_change(decode_event(change.event).data).new_state
        assert new is not None
        updated.append(new.last_updated.isoformat())
        assert datetime_to_ns(new.last_updated) == change.time_ns
    assert updated == live


def test_both_ends_and_all_between_are_requested_and_nothing_else_is_taken() -> None:
    start_ns, end_ns = NEW_YEAR_NS, NEW_YEAR_NS + 1_000_000_000
    rows = [{"s": str(n), "a": {}, "lu": start_ns / 1e9 + n / 2} for n in range(-1, 4)]
    assert [change.state for change in changes({"a.b": rows}, start_ns, end_ns)] == ["0", "1"]
    question = history_request(["a.b"], start_ns, end_ns)
    assert question["start_time"] < "2027-01-01T00:00:00" < "2027-01-01T00:00:01" < question["end_time"]
    assert [value for value in question.values() if isinstance(value, bool)] == [False] * 4


def test_the_old_state_is_that_of_the_row_before_also_across_answers() -> None:
    states: dict[str, str | None] = {}
    rows: dict[str, list[dict[str, Any]]] = {"a.b": [{"s": "1", "a": {}, "lu": 1.0}, {"s": None, "a": {}, "lu": 2.0}]}
    told = [decode_state_change(decode_event(c.event).data) for c in changes(rows, 0, 10**10, states)]
    told += [
        decode_state_change(decode_event(c.event).data)
        for c in changes({"a.b": [{"s": "2", "a": {}, "lu": 3.0}]}, 0, 10**10, states)
    ]
    assert told[0].old_state is UNSET
    assert told[1].old_state is not None
    assert told[1].old_state is not UNSET
    assert told[1].old_state.state == "1"
    assert (told[1].new_state, told[2].old_state) == (None, None)


def test_a_removal_is_dated_by_its_event() -> None:
    event = json.loads(bytes(history_event("a.b", HistoryRow(s=None, lu=1.5), "on")))
    assert event == {
        "event_type": "state_changed",
        "data": {"entity_id": "a.b", "new_state": None, "old_state": {"state": "on"}},
        "time_fired": "1970-01-01T00:00:01.500000Z",
    }


def test_attributes_stay_byte_for_byte_and_may_be_missing() -> None:
    answer = read_answer(Raw(b'{"a.b":[{"s":"1","a":{"n": 1.0e0},"lu":1.0},{"s":"2","lu":2.0,"lc":1.0}]}'))
    first, second = changes_in(answer, 0, 10**10, {})
    assert b'{"n": 1.0e0}' in bytes(first.event)
    new = json.loads(bytes(second.event))["data"]["new_state"]
    assert (new["attributes"], new["last_changed"]) == ({}, "1970-01-01T00:00:01Z")


@pytest.mark.parametrize("answer", [b"null", b"[]", b'{"a.b":[{"s":1,"lu":1.0}]}', b""])
def test_an_answer_that_is_none_is_an_error(answer: bytes) -> None:
    with pytest.raises(msgspec.MsgspecError):
        read_answer(Raw(answer))
