"""The house keeps states and fires events as Home Assistant's core does."""

from __future__ import annotations

import json
from typing import Any

import pytest
from ha_ingestor.demo_home import House
from ha_ingestor.demo_home.history import HistoryRequest
from ha_ingestor_core.clock import FakeClock
from ha_ingestor_core.events import decode_event, decode_state_change


@pytest.fixture
def events(house: House) -> list[dict[str, Any]]:
    fired: list[dict[str, Any]] = []
    house.listen(lambda _, event: fired.append(json.loads(event)))
    return fired


def test_first_state_has_no_old_state(house: House, events: list[dict[str, Any]]) -> None:
    house.set_state("light.a", "on", {"friendly_name": "客厅"})
    data = events[0]["data"]
    assert data["old_state"] is None
    assert data["new_state"]["attributes"] == {"friendly_name": "客厅"}


def test_same_state_again_fires_nothing(house: House, events: list[dict[str, Any]]) -> None:
    house.set_state("light.a", "on", {"brightness": 5})
    assert house.set_state("light.a", "on", {"brightness": 5}) is None
    assert len(events) == 1


def test_changed_attributes_leave_last_changed(house: House, clock: FakeClock, events: list[dict[str, Any]]) -> None:
    house.set_state("light.a", "on", {"brightness": 5})
    clock.advance(1)
    house.set_state("light.a", "on", {"brightness": 6})
    old, new = events[1]["data"]["old_state"], events[1]["data"]["new_state"]
    assert new["last_changed"] == old["last_changed"] == old["last_updated"]
    assert new["last_updated"] != old["last_updated"]


def test_history_knows_since_when_the_state_is_the_same(house: House) -> None:
    house.set_state("light.a", "on", {"brightness": 5}, time_ns=1_800_000_000_000_000_000)
    house.set_state("light.a", "on", {"brightness": 6}, time_ns=1_800_000_001_000_000_000)
    rows = house.recorder.during(["light.a"], HistoryRequest(start=0.0, significant_changes_only=False))
    assert [(row["lu"], row.get("lc")) for row in rows["light.a"]] == [(1.8e9, None), (1.8e9 + 1, 1.8e9)]


def test_left_out_attributes_stay(house: House) -> None:
    house.set_state("light.a", "on", {"brightness": 5})
    house.set_state("light.a", "off")
    state = house.get_state("light.a")
    assert state is not None
    assert state.attributes == {"brightness": 5}


def test_microseconds_are_left_out_when_zero(house: House, events: list[dict[str, Any]]) -> None:
    house.set_state("light.a", "on", time_ns=1_800_000_000_000_000_000)
    house.set_state("light.a", "off", time_ns=1_800_000_000_000_120_000)
    assert events[0]["time_fired"] == "2027-01-15T08:00:00+00:00"
    assert events[1]["time_fired"] == "2027-01-15T08:00:00.000120+00:00"


def test_removed_entity_has_no_new_state_and_leaves_null_in_history(house: House, events: list[dict[str, Any]]) -> None:
    house.set_state("light.a", "on")
    house.remove_state("light.a")
    assert events[1]["data"]["new_state"] is None
    assert house.states() == []
    rows = house.recorder.during(["light.a"], HistoryRequest(start=0.0, significant_changes_only=False))
    assert [state["s"] for state in rows["light.a"]] == ["on", None]


def test_any_event_can_be_fired(house: House, events: list[dict[str, Any]]) -> None:
    parent = house.fire("a.custom_event", {"list": [1, None, "é"]}, origin="REMOTE")
    house.fire("another", context=house.contexts.new(0, parent=parent))
    assert events[0]["data"] == {"list": [1, None, "é"]}
    assert events[0]["origin"] == "REMOTE"
    assert events[1]["context"]["parent_id"] == events[0]["context"]["id"]


def test_nothing_reaches_a_listener_that_left(house: House) -> None:
    heard: list[str] = []
    leave = house.listen(lambda event_type, _: heard.append(event_type))
    leave()
    house.fire("unheard")
    assert heard == []


def test_events_are_what_the_core_decodes(house: House) -> None:
    heard: list[bytes] = []
    house.listen(lambda _, event: heard.append(event))
    house.set_state("light.a", "on", {"friendly_name": "A"})
    change = decode_state_change(decode_event(heard[0]).data)
    assert change.new_state is not None
    assert (change.new_state.entity_id, change.new_state.state) == ("light.a", "on")
