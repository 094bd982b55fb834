"""Flux to the letter: what is asked, with its bounds and its quoting. That it is valid, tests/flux says."""

from __future__ import annotations

import pytest
from ha_ingestor_store.influx.language import EventFilter, Part
from ha_ingestor_store.influx_flux.queries import Queries
from ha_ingestor_store.periods import HOUR_NS, MINUTE_NS

START, END = 1_795_478_400_123_456_789, 1_795_482_000_000_000_001
RANGE = "range(start: 2026-11-24T00:00:00.123456789Z, stop: 2026-11-24T01:00:00.000000001Z)"
EVER = "range(start: 1678-01-01T00:00:00.000000000Z, stop: 2262-01-01T00:00:00.000000000Z)"
EVENTS = 'filter(fn: (r) => r._measurement == "home_assistant_events")'
DROP = 'drop(columns: ["_start", "_stop", "_measurement"])'
EXACT_TIME = "map(fn: (r) => ({r with _time: int(v: r._time)}))"
EXACT = "map(fn: (r) => ({r with _time: int(v: r._time), _value: string(v: json.encode(v: r._value))}))"
RAW = Part("home_assistant_events", False, START, END)
HOURS = Part("events_1h", True, 0, HOUR_NS)

queries = Queries("b", "b_rollups")


def flow(*steps: str) -> str:
    """The steps of one question."""
    return " |> ".join(steps)


def test_one_part_is_one_unnamed_result() -> None:
    assert queries.counts([RAW], ()) == flow(
        'from(bucket: "b")', RANGE, EVENTS, 'filter(fn: (r) => r._field == "count")', "group()", "sum()"
    )


def test_parts_are_results_of_one_request_and_group_before_they_sum() -> None:
    first, second = queries.counts([HOURS, RAW], ("event_type", "domain")).splitlines()
    assert first == flow(
        'from(bucket: "b_rollups")',
        "range(start: 1970-01-01T00:00:00.000000000Z, stop: 1970-01-01T01:00:00.000000000Z)",
        'filter(fn: (r) => r._measurement == "events_1h")',
        'filter(fn: (r) => r._field == "count")',
        'group(columns: ["event_type", "domain"])',
        "sum()",
        'yield(name: "parts0")',
    )
    assert second.endswith('group(columns: ["event_type", "domain"]) |> sum() |> yield(name: "parts1")')


def test_windows_are_cut_after_grouping() -> None:
    assert queries.window_counts([RAW], 5 * MINUTE_NS).endswith(
        'group() |> aggregateWindow(every: 5m, fn: sum, createEmpty: false, timeSrc: "_start")'
    )


@pytest.mark.parametrize(
    ("wanted", "condition"),
    [
        (EventFilter("light.*", None, None), r"r.entity_id =~ /^light\.(?s:.*)$/"),
        (EventFilter("*", None, None), "r.entity_id =~ /^(?s:.+)$/"),
        (EventFilter("a[b]/?", None, None), r"r.entity_id =~ /^a\[b\]\/(?:%[0-9A-F]{2}|[^%])$/"),
        (EventFilter(None, 'do"main', None), r'r.domain == "do\"main"'),
        (EventFilter(None, None, "${x}"), r'r.event_type == "\${x}"'),
        (
            EventFilter(None, "back\\slash", "line\nbreak"),
            'r.domain == "back%5Cslash" and r.event_type == "line%0Abreak"',
        ),
    ],
)
def test_filters_hold_what_a_caller_sent_and_nothing_else(wanted: EventFilter, condition: str) -> None:
    assert queries.event_times(wanted, START, END) == flow(
        'from(bucket: "b")',
        RANGE,
        EVENTS,
        f"filter(fn: (r) => {condition})",
        'filter(fn: (r) => r._field == "count")',
        "group()",
        EXACT_TIME,
    )


def test_events_come_as_json_with_integer_times() -> None:
    assert queries.events(EventFilter(), START, END) == 'import "json"\n' + flow(
        'from(bucket: "b")', RANGE, EVENTS, DROP, EXACT, "group()"
    )


def test_states_come_field_by_field_and_the_unit_whenever_it_was() -> None:
    head, states, unit = queries.states("sensor.a", START, END, 3).splitlines()
    entity = 'filter(fn: (r) => r.event_type == "state_changed" and r.entity_id == "sensor.a")'
    names = ("state", "value", "removed", "empty")
    fields = f"filter(fn: (r) => ({' or '.join(f'r._field == {chr(34)}{name}{chr(34)}' for name in names)}))"
    assert head == 'import "json"'
    assert states == flow(
        'from(bucket: "b")', RANGE, EVENTS, entity, fields, 'group(columns: ["_field"])', 'sort(columns: ["_time"])',
        "limit(n: 3)", DROP, EXACT, 'yield(name: "parts")',
    )  # fmt: skip
    assert unit == flow(
        'from(bucket: "b")', EVER, EVENTS, entity, 'filter(fn: (r) => r._field == "unit")', "last()", DROP, EXACT,
        'yield(name: "unit")',
    )  # fmt: skip


def test_heads_are_pushed_down_as_last() -> None:
    assert queries.heads() == flow(
        'from(bucket: "b")', EVER, EVENTS, 'filter(fn: (r) => r._field == "origin_kind")', "last()", DROP, EXACT_TIME
    )


def test_progress_is_one_point_in_the_bucket_of_rollups() -> None:
    assert queries.progress() == flow(
        'from(bucket: "b_rollups")',
        "range(start: 2100-01-01T00:00:00.000000000Z, stop: 2100-01-01T00:00:00.000000001Z)",
        'filter(fn: (r) => r._measurement == "rollup_progress")',
        DROP,
    )
