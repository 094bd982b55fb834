"""history/history_during_period answers as Home Assistant's recorder does."""

from __future__ import annotations

from typing import Any

import pytest
from ha_ingestor.demo_home.history import HistoryRequest, Recorder, Row, compressed_states

NAME = {"friendly_name": "Lampe"}
EVERYTHING: dict[str, Any] = {"include_start_time_state": False, "significant_changes_only": False}


def row(state: str, updated: float, changed: float | None = None, **attributes: Any) -> Row:
    return Row(state, attributes or NAME, updated=updated, changed=updated if changed is None else changed)


ROWS = [row("off", 10.0), row("on", 20.0), row("on", 30.0, 20.0, brightness=5), row("off", 40.0)]


def test_start_and_end_are_outside() -> None:
    states = compressed_states("light.a", ROWS, HistoryRequest(start=10.0, end=40.0, **EVERYTHING))
    assert [state["lu"] for state in states] == [20.0, 30.0]


def test_last_changed_is_told_only_where_it_differs() -> None:
    states = compressed_states("light.a", ROWS, HistoryRequest(start=15.0, end=35.0, **EVERYTHING))
    assert states == [{"s": "on", "a": NAME, "lu": 20.0}, {"s": "on", "a": {"brightness": 5}, "lu": 30.0, "lc": 20.0}]


def test_start_time_state_is_invented() -> None:
    states = compressed_states("light.a", ROWS, HistoryRequest(start=15.0, end=25.0))
    assert [(state["s"], state["lu"]) for state in states] == [("off", 15.0), ("on", 20.0)]


def test_significant_changes_leave_out_what_changed_attributes_only() -> None:
    states = compressed_states("light.a", ROWS, HistoryRequest(start=15.0, include_start_time_state=False))
    assert [state["lu"] for state in states] == [20.0, 40.0]


def test_attribute_changes_of_climate_are_significant() -> None:
    states = compressed_states("climate.a", ROWS, HistoryRequest(start=15.0, include_start_time_state=False))
    assert [state["lu"] for state in states] == [20.0, 30.0, 40.0]
    assert not any("lc" in state for state in states)


def test_minimal_response_has_attributes_in_its_first_state_only() -> None:
    states = compressed_states("light.a", ROWS, HistoryRequest(start=5.0, minimal_response=True, **EVERYTHING))
    assert states == [{"s": "off", "a": NAME, "lu": 10.0}, {"s": "on", "lu": 20.0}, {"s": "off", "lu": 40.0}]


def test_no_attributes_leaves_them_empty() -> None:
    states = compressed_states("light.a", ROWS, HistoryRequest(start=35.0, no_attributes=True, **EVERYTHING))
    assert states == [{"s": "off", "a": {}, "lu": 40.0}]


@pytest.mark.parametrize(("entity_id", "unrecorded"), [("light.a", "max_mireds"), ("sensor.a", "supported_features")])
def test_unrecorded_attributes_are_missing(entity_id: str, unrecorded: str) -> None:
    rows = [Row("on", {**NAME, unrecorded: 500}, updated=10.0, changed=10.0)]
    assert compressed_states(entity_id, rows, HistoryRequest(start=5.0, **EVERYTHING))[0]["a"] == NAME


def test_entities_without_states_are_left_out() -> None:
    recorder = Recorder()
    recorder.add("light.a", ROWS[0])
    assert list(recorder.during(["light.a", "light.b"], HistoryRequest(start=0.0))) == ["light.a"]


def test_memory_is_bounded_by_number_and_age() -> None:
    recorder = Recorder(max_rows=3, max_age_s=15.0)
    for updated in (0.0, 1.0, 2.0, 3.0, 17.0):
        recorder.add("light.a", row("on", updated))
    assert [state["lu"] for state in recorder.during(["light.a"], HistoryRequest(start=-1.0))["light.a"]] == [
        2.0,
        3.0,
        17.0,
    ]
