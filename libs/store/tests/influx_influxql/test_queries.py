"""InfluxQL to the letter: what is asked, with its bounds; what a caller sent is bound, or escaped in an expression."""

from __future__ import annotations

from ha_ingestor_store.influx.language import EventFilter, Part
from ha_ingestor_store.influx_influxql.queries import Queries, Question, identifier
from ha_ingestor_store.periods import HOUR_NS, MINUTE_NS

START, END = 1_795_478_400_123_456_789, 1_795_482_000_000_000_001
BETWEEN = f"time >= {START} AND time < {END}"
EVER = "time >= -9214560000000000000 AND time < 9214646400000000000"
RAW = Part("home_assistant_events", False, START, END)
HOURS = Part("events_1h", True, 0, HOUR_NS)

queries = Queries("b_rollups")


def test_parts_are_statements_of_one_request() -> None:
    assert queries.counts([HOURS, RAW], ("event_type", "domain")) == Question(
        'SELECT sum("count") AS "count" FROM "b_rollups"."events_1h" WHERE time >= 0 AND time < 3600000000000 '
        'GROUP BY "event_type", "domain"; '
        f'SELECT sum("count") AS "count" FROM "home_assistant_events" WHERE {BETWEEN} GROUP BY "event_type", "domain"'
    )


def test_windows_are_whole_minutes_without_the_empty_ones() -> None:
    assert queries.window_counts([RAW], 5 * MINUTE_NS).text.endswith("GROUP BY time(5m) fill(none)")


def test_filters_are_bound_and_globs_escaped() -> None:
    assert queries.newest_events(EventFilter("a*[?]/'", "d'x", "t\n"), START, END, 9) == Question(
        f'SELECT * FROM "home_assistant_events" WHERE {BETWEEN} '
        r'AND "entity_id" =~ /^a(?s:.*)\[(?:%[0-9A-F]{2}|[^%])\]\/'
        "'$/ "
        'AND "domain" = $p0 AND "event_type" = $p1 ORDER BY time DESC LIMIT 9',
        {"p0": "d'x", "p1": "t%0A"},
    )


def test_an_equal_value_is_bound_once() -> None:
    question = queries.newest_events(EventFilter(None, "same", "same"), START, END, 1)
    assert question.params == {"p0": "same"}


def test_states_and_the_latest_unit_are_one_request() -> None:
    entity = '"event_type" = $p0 AND "entity_id" = $p1'
    assert queries.states('x"y', START, END, 3) == Question(
        'SELECT "state", "value", "removed", "empty" FROM "home_assistant_events" '
        f"WHERE {entity} AND {BETWEEN} ORDER BY time LIMIT 3; "
        f'SELECT last("unit") AS "unit" FROM "home_assistant_events" WHERE {entity} AND {EVER}',
        {"p0": "state_changed", "p1": 'x"y'},
    )


def test_an_event_is_deleted_by_all_its_tags() -> None:
    assert queries.delete_event({"home": "h", "entity_id": "e'x"}, 5) == Question(
        'DELETE FROM "home_assistant_events" WHERE "home" = $p0 AND "entity_id" = $p1 AND time = 5',
        {"p0": "h", "p1": "e'x"},
    )


def test_progress_is_one_point_in_the_policy_of_rollups() -> None:
    assert queries.progress().text == (
        'SELECT "state" FROM "b_rollups"."rollup_progress" WHERE time = 4102444800000000000 GROUP BY "owner"'
    )


def test_identifiers_end_where_they_end() -> None:
    assert identifier('a"; DROP DATABASE "b') == r'"a\"; DROP DATABASE \"b"'
    assert identifier("back\\") == r'"back\\"'
