"""Flux, to the letter: quoting, times, several results in one request."""

from __future__ import annotations

import pytest
from ha_ingestor_store.influx.reading.language import Entity, EventFilter, Part
from ha_ingestor_store.influx.schema import LEVEL_METRICS, MAX_TIME_NS, MIN_TIME_NS, SUMMED_METRICS
from ha_ingestor_store.influx_flux.queries import Queries
from ha_ingestor_store.questions import Homes
from ha_ingestor_store.time_range import DAY_NS, HOUR_NS, MINUTE_NS

BUCKET, ROLLUPS = 'events "of" mine', "mine_rollups"
HOSTILE = 'a"b\\c$"${d}\n\r\t\x00\x7f%/[.*]é😀'
RAW = Part("home_assistant_events", False, 0, 1_795_000_000_123_456_789)
ROLLUP = Part("events_1h", True, -3_600_000_000_000, 0)
SERVICES = Part("service_metrics", False, 1, 2)
QUERIES = Queries(BUCKET, ROLLUPS)

IMPORT = 'import "json"\n'
FROM = 'from(bucket: "events \\"of\\" mine")'
FROM_ROLLUPS = 'from(bucket: "mine_rollups")'
EVER = "range(start: 1678-01-01T00:00:00.000000000Z, stop: 2262-01-01T00:00:00.000000000Z)"
DROP = 'drop(columns: ["_start", "_stop", "_measurement"])'
EXACT_TIME = "map(fn: (r) => ({r with _time: int(v: r._time)}))"
EXACT = "map(fn: (r) => ({r with _time: int(v: r._time), _value: string(v: json.encode(v: r._value))}))"


def piped(*steps: str) -> str:
    return " |> ".join(steps)


def fields(*names: str) -> str:
    return f"({' or '.join(f'r._field == {chr(34)}{name}{chr(34)}' for name in names)})"


def where(*conditions: str) -> str:
    return f"filter(fn: (r) => {' and '.join(conditions)})"


OF_EVENTS = where('r._measurement == "home_assistant_events"')
OF_GAPS = where('r._measurement == "gaps"')
OF_ALERTS = where('r._measurement == "alerts"')
ROWS = 'pivot(rowKey: ["_time"], columnKey: ["_field"], valueColumn: "_value")'
LEVELS = fields(*LEVEL_METRICS)
KNOWN = fields(*SUMMED_METRICS, *LEVEL_METRICS)


@pytest.mark.parametrize(
    ("query", "text"),
    [
        pytest.param(
            QUERIES.counts([RAW], ()),
            piped(
                FROM,
                "range(start: 1970-01-01T00:00:00.000000000Z, stop: 2026-11-18T11:06:40.123456789Z)",
                OF_EVENTS,
                where('r._field == "count"'),
                "group()",
                "sum()",
            ),
            id="counts one raw part without tags",
        ),
        pytest.param(
            QUERIES.counts([ROLLUP], ("event_type", "domain")),
            piped(
                FROM_ROLLUPS,
                "range(start: 1969-12-31T23:00:00.000000000Z, stop: 1970-01-01T00:00:00.000000000Z)",
                where('r._measurement == "events_1h"'),
                where('r._field == "count"'),
                'group(columns: ["event_type", "domain"])',
                "sum()",
            ),
            id="counts a rollup by tags",
        ),
        pytest.param(
            QUERIES.counts([RAW, ROLLUP], ()),
            piped(
                FROM,
                "range(start: 1970-01-01T00:00:00.000000000Z, stop: 2026-11-18T11:06:40.123456789Z)",
                OF_EVENTS,
                where('r._field == "count"'),
                "group()",
                "sum()",
                'yield(name: "parts0")',
            )
            + "\n"
            + piped(
                FROM_ROLLUPS,
                "range(start: 1969-12-31T23:00:00.000000000Z, stop: 1970-01-01T00:00:00.000000000Z)",
                where('r._measurement == "events_1h"'),
                where('r._field == "count"'),
                "group()",
                "sum()",
                'yield(name: "parts1")',
            ),
            id="counts several parts as several results",
        ),
        pytest.param(
            QUERIES.window_counts([RAW], 5 * MINUTE_NS),
            piped(
                FROM,
                "range(start: 1970-01-01T00:00:00.000000000Z, stop: 2026-11-18T11:06:40.123456789Z)",
                OF_EVENTS,
                where('r._field == "count"'),
                "group()",
                'aggregateWindow(every: 5m, fn: sum, createEmpty: false, timeSrc: "_start")',
            ),
            id="window counts",
        ),
        pytest.param(
            QUERIES.window_counts([RAW, ROLLUP], HOUR_NS),
            piped(
                FROM,
                "range(start: 1970-01-01T00:00:00.000000000Z, stop: 2026-11-18T11:06:40.123456789Z)",
                OF_EVENTS,
                where('r._field == "count"'),
                "group()",
                'aggregateWindow(every: 60m, fn: sum, createEmpty: false, timeSrc: "_start")',
                'yield(name: "parts0")',
            )
            + "\n"
            + piped(
                FROM_ROLLUPS,
                "range(start: 1969-12-31T23:00:00.000000000Z, stop: 1970-01-01T00:00:00.000000000Z)",
                where('r._measurement == "events_1h"'),
                where('r._field == "count"'),
                "group()",
                'aggregateWindow(every: 60m, fn: sum, createEmpty: false, timeSrc: "_start")',
                'yield(name: "parts1")',
            ),
            id="window counts of several parts",
        ),
        pytest.param(
            QUERIES.window_sums(RAW, MINUTE_NS, ("home", "event_type", "domain"), ("count",)),
            piped(
                FROM,
                "range(start: 1970-01-01T00:00:00.000000000Z, stop: 2026-11-18T11:06:40.123456789Z)",
                OF_EVENTS,
                where(fields("count")),
                'group(columns: ["home", "event_type", "domain", "_field"])',
                'aggregateWindow(every: 1m, fn: sum, createEmpty: false, timeSrc: "_start")',
            ),
            id="window sums of raw points by tags",
        ),
        pytest.param(
            QUERIES.window_sums(ROLLUP, DAY_NS, (), ("events_received", "processing_time_ms_le_1")),
            piped(
                FROM_ROLLUPS,
                "range(start: 1969-12-31T23:00:00.000000000Z, stop: 1970-01-01T00:00:00.000000000Z)",
                where('r._measurement == "events_1h"'),
                where(fields("events_received", "processing_time_ms_le_1")),
                'group(columns: ["_field"])',
                'aggregateWindow(every: 1440m, fn: sum, createEmpty: false, timeSrc: "_start")',
            ),
            id="window sums of a rollup without tags",
        ),
        pytest.param(
            QUERIES.event_counts(EventFilter(), [(1, 2)]),
            piped(
                FROM,
                "range(start: 1970-01-01T00:00:00.000000001Z, stop: 1970-01-01T00:00:00.000000002Z)",
                OF_EVENTS,
                where('r._field == "count"'),
                "group()",
                "count()",
            ),
            id="event counts of one range",
        ),
        pytest.param(
            QUERIES.event_counts(EventFilter("light.*", "light", "state_changed"), [(5, 6), (1, 5)]),
            piped(
                FROM,
                "range(start: 1970-01-01T00:00:00.000000005Z, stop: 1970-01-01T00:00:00.000000006Z)",
                OF_EVENTS,
                where("r.entity_id =~ /^light\\.(?s:.*)$/", 'r.domain == "light"', 'r.event_type == "state_changed"'),
                where('r._field == "count"'),
                "group()",
                "count()",
                'yield(name: "parts0")',
            )
            + "\n"
            + piped(
                FROM,
                "range(start: 1970-01-01T00:00:00.000000001Z, stop: 1970-01-01T00:00:00.000000005Z)",
                OF_EVENTS,
                where("r.entity_id =~ /^light\\.(?s:.*)$/", 'r.domain == "light"', 'r.event_type == "state_changed"'),
                where('r._field == "count"'),
                "group()",
                "count()",
                'yield(name: "parts1")',
            ),
            id="event counts of several ranges with a filter",
        ),
        pytest.param(
            QUERIES.event_times(EventFilter(domain="light"), 1, 2),
            piped(
                FROM,
                "range(start: 1970-01-01T00:00:00.000000001Z, stop: 1970-01-01T00:00:00.000000002Z)",
                OF_EVENTS,
                where('r.domain == "light"'),
                where('r._field == "count"'),
                "group()",
                EXACT_TIME,
            ),
            id="event times",
        ),
        pytest.param(
            QUERIES.event_times(EventFilter(domain="light", area="Küche"), 1, 2),
            piped(
                FROM,
                "range(start: 1970-01-01T00:00:00.000000001Z, stop: 1970-01-01T00:00:00.000000002Z)",
                OF_EVENTS,
                where('r.domain == "light"'),
                where('r._field == "area"', 'r._value == "Küche"'),
                "group()",
                EXACT_TIME,
            ),
            id="event times in an area",
        ),
        pytest.param(
            QUERIES.events(EventFilter(area="Küche"), 1, 2, ["light.a", "light.b"]),
            IMPORT
            + piped(
                FROM,
                "range(start: 1970-01-01T00:00:00.000000001Z, stop: 1970-01-01T00:00:00.000000002Z)",
                OF_EVENTS,
                where('(r.entity_id == "light.a" or r.entity_id == "light.b")'),
                DROP,
                EXACT,
                "group()",
            ),
            id="events of some entities",
        ),
        pytest.param(
            QUERIES.events(EventFilter(), 1, 2),
            IMPORT
            + piped(
                FROM,
                "range(start: 1970-01-01T00:00:00.000000001Z, stop: 1970-01-01T00:00:00.000000002Z)",
                OF_EVENTS,
                DROP,
                EXACT,
                "group()",
            ),
            id="events of any kind",
        ),
        pytest.param(
            QUERIES.events(EventFilter("[a/b].?(*)\\\n", HOSTILE, HOSTILE), 1, 2),
            IMPORT
            + piped(
                FROM,
                "range(start: 1970-01-01T00:00:00.000000001Z, stop: 1970-01-01T00:00:00.000000002Z)",
                OF_EVENTS,
                where(
                    "r.entity_id =~ /^\\[a\\/b\\]\\.(?:%[0-9A-F]{2}|[^%])\\((?s:.*)\\)%5C%0A$/",
                    'r.domain == "a\\"b%5Cc\\x24\\"\\x24{d}%0A%0D%09%00%7F%25/[.*]é😀"',
                    'r.event_type == "a\\"b%5Cc\\x24\\"\\x24{d}%0A%0D%09%00%7F%25/[.*]é😀"',
                ),
                DROP,
                EXACT,
                "group()",
            ),
            id="events by a hostile filter",
        ),
        pytest.param(
            QUERIES.events(EventFilter("*"), 1, 2),
            IMPORT
            + piped(
                FROM,
                "range(start: 1970-01-01T00:00:00.000000001Z, stop: 1970-01-01T00:00:00.000000002Z)",
                OF_EVENTS,
                where("r.entity_id =~ /^(?s:.+)$/"),
                DROP,
                EXACT,
                "group()",
            ),
            id="events of anything that has an entity",
        ),
        pytest.param(
            QUERIES.states(Entity("light.küche"), 1, 2, 11),
            IMPORT
            + piped(
                FROM,
                "range(start: 1970-01-01T00:00:00.000000001Z, stop: 1970-01-01T00:00:00.000000002Z)",
                OF_EVENTS,
                where('r.event_type == "state_changed"', 'r.entity_id == "light.küche"'),
                where(fields("state", "value", "removed", "unit", "empty")),
                'group(columns: ["_field"])',
                'sort(columns: ["_time"])',
                "limit(n: 11)",
                DROP,
                EXACT,
            ),
            id="states",
        ),
        pytest.param(
            QUERIES.states(Entity(HOSTILE), 1, 2, 11),
            IMPORT
            + piped(
                FROM,
                "range(start: 1970-01-01T00:00:00.000000001Z, stop: 1970-01-01T00:00:00.000000002Z)",
                OF_EVENTS,
                where(
                    'r.event_type == "state_changed"',
                    'r.entity_id == "a\\"b%5Cc\\x24\\"\\x24{d}%0A%0D%09%00%7F%25/[.*]é😀"',
                ),
                where(fields("state", "value", "removed", "unit", "empty")),
                'group(columns: ["_field"])',
                'sort(columns: ["_time"])',
                "limit(n: 11)",
                DROP,
                EXACT,
            ),
            id="states of a hostile entity",
        ),
        pytest.param(
            QUERIES.states(Entity("sensor.a", Homes(only="home")), 1, 2, 1, newest_first=True),
            IMPORT
            + piped(
                FROM,
                "range(start: 1970-01-01T00:00:00.000000001Z, stop: 1970-01-01T00:00:00.000000002Z)",
                OF_EVENTS,
                where('r.event_type == "state_changed"', 'r.entity_id == "sensor.a"', 'r.home == "home"'),
                where(fields("state", "value", "removed", "unit", "empty")),
                'group(columns: ["_field"])',
                'sort(columns: ["_time"], desc: true)',
                "limit(n: 1)",
                DROP,
                EXACT,
            ),
            id="newest state",
        ),
        pytest.param(
            QUERIES.last_unit(Entity("sensor.a"), MIN_TIME_NS, MAX_TIME_NS),
            IMPORT
            + piped(
                FROM,
                EVER,
                OF_EVENTS,
                where('r.event_type == "state_changed"', 'r.entity_id == "sensor.a"'),
                where('r._field == "unit"'),
                "last()",
                DROP,
                EXACT,
            ),
            id="newest unit",
        ),
        pytest.param(
            QUERIES.known_entities("sensor.a", Homes(only="home"), 1, 2),
            IMPORT
            + piped(
                FROM,
                "range(start: 1970-01-01T00:00:00.000000001Z, stop: 1970-01-01T00:00:00.000000002Z)",
                OF_EVENTS,
                where(
                    'r.event_type == "state_changed"',
                    fields(
                        "state",
                        "removed",
                        "unit",
                        "friendly_name",
                        "area",
                        "floor",
                        "labels",
                        "device",
                        "device_class",
                        "integration",
                        "empty",
                    ),
                    'r.entity_id == "sensor.a"',
                    'r.home == "home"',
                ),
                "last()",
                DROP,
                EXACT,
            ),
            id="what is known of an entity",
        ),
        pytest.param(
            QUERIES.heads(MIN_TIME_NS, MAX_TIME_NS),
            piped(FROM, EVER, OF_EVENTS, where('r._field == "origin_kind"'), "last()", DROP, EXACT_TIME),
            id="heads",
        ),
        pytest.param(
            QUERIES.keys(None, 1, 2),
            piped(
                FROM,
                "range(start: 1970-01-01T00:00:00.000000001Z, stop: 1970-01-01T00:00:00.000000002Z)",
                OF_EVENTS,
                where('r._field == "origin_kind"'),
                DROP,
                EXACT_TIME,
            ),
            id="keys of all",
        ),
        pytest.param(
            QUERIES.keys(["light.a", HOSTILE], 1, 2),
            piped(
                FROM,
                "range(start: 1970-01-01T00:00:00.000000001Z, stop: 1970-01-01T00:00:00.000000002Z)",
                OF_EVENTS,
                where(
                    'r._field == "origin_kind"',
                    '(r.entity_id == "light.a"'
                    ' or r.entity_id == "a\\"b%5Cc\\x24\\"\\x24{d}%0A%0D%09%00%7F%25/[.*]é😀")',
                ),
                DROP,
                EXACT_TIME,
            ),
            id="keys of some",
        ),
        pytest.param(
            QUERIES.entity_heads(MIN_TIME_NS, MAX_TIME_NS, None),
            piped(
                FROM,
                EVER,
                OF_EVENTS,
                where('r.event_type == "state_changed"', 'r._field == "removed"'),
                "last()",
                DROP,
                EXACT_TIME,
            ),
            id="entity heads",
        ),
        pytest.param(
            QUERIES.service_sums([SERVICES], ("write_attempts", "write_errors"), HOSTILE),
            piped(
                FROM,
                "range(start: 1970-01-01T00:00:00.000000001Z, stop: 1970-01-01T00:00:00.000000002Z)",
                where('r._measurement == "service_metrics"'),
                where(
                    fields("write_attempts", "write_errors"),
                    'r.service == "a\\"b%5Cc\\x24\\"\\x24{d}%0A%0D%09%00%7F%25/[.*]é😀"',
                ),
                'group(columns: ["service", "_field"])',
                "sum()",
            ),
            id="service sums of one",
        ),
        pytest.param(
            QUERIES.level_means("admin-api", 1, 2),
            piped(
                FROM,
                "range(start: 1970-01-01T00:00:00.000000001Z, stop: 1970-01-01T00:00:00.000000002Z)",
                where('r._measurement == "service_metrics"'),
                where('r.service == "admin-api"', LEVELS),
                'group(columns: ["_field"])',
                "mean()",
            ),
            id="level means",
        ),
        pytest.param(
            QUERIES.service_windows("admin-api", "events_received", [SERVICES], HOUR_NS, is_summed=True),
            piped(
                FROM,
                "range(start: 1970-01-01T00:00:00.000000001Z, stop: 1970-01-01T00:00:00.000000002Z)",
                where('r._measurement == "service_metrics"'),
                where('r.service == "admin-api"', 'r._field == "events_received"'),
                "group()",
                'aggregateWindow(every: 60m, fn: sum, createEmpty: false, timeSrc: "_start")',
            ),
            id="summed windows of a service",
        ),
        pytest.param(
            QUERIES.service_windows("admin-api", "queue_depth", [SERVICES], HOUR_NS, is_summed=False),
            piped(
                FROM,
                "range(start: 1970-01-01T00:00:00.000000001Z, stop: 1970-01-01T00:00:00.000000002Z)",
                where('r._measurement == "service_metrics"'),
                where('r.service == "admin-api"', 'r._field == "queue_depth"'),
                "group()",
                'aggregateWindow(every: 60m, fn: mean, createEmpty: false, timeSrc: "_start")',
            ),
            id="averaged windows of a service",
        ),
        pytest.param(
            QUERIES.window_sums(SERVICES, HOUR_NS, ("service",), ("events_received", "queue_depth", "lag_s")),
            "\n".join(
                piped(
                    FROM,
                    "range(start: 1970-01-01T00:00:00.000000001Z, stop: 1970-01-01T00:00:00.000000002Z)",
                    where('r._measurement == "service_metrics"'),
                    where(fields(*names)),
                    'group(columns: ["service", "_field"])',
                    f'aggregateWindow(every: 60m, fn: {function}, createEmpty: false, timeSrc: "_start")',
                    f'yield(name: "parts{at}")',
                )
                for at, (names, function) in enumerate(
                    ((("events_received",), "sum"), (("queue_depth", "lag_s"), "max"))
                )
            ),
            id="sums and highest levels of services by window",
        ),
        pytest.param(
            QUERIES.newest_reports(MIN_TIME_NS, MAX_TIME_NS, None),
            piped(FROM, EVER, where('r._measurement == "service_metrics"'), where(KNOWN), "last()", DROP, EXACT_TIME),
            id="newest reports of all",
        ),
        pytest.param(
            QUERIES.newest_reports(MIN_TIME_NS, MAX_TIME_NS, HOSTILE),
            piped(
                FROM,
                EVER,
                where('r._measurement == "service_metrics"'),
                where('r.service == "a\\"b%5Cc\\x24\\"\\x24{d}%0A%0D%09%00%7F%25/[.*]é😀"'),
                where(KNOWN),
                "last()",
                DROP,
                EXACT_TIME,
            ),
            id="newest reports of one",
        ),
        pytest.param(
            QUERIES.gaps(0, 1, HOSTILE, -7),
            piped(
                FROM,
                "range(start: 1970-01-01T00:00:00.000000000Z, stop: 1970-01-01T00:00:00.000000001Z)",
                OF_GAPS,
                where('r.home == "a\\"b%5Cc\\x24\\"\\x24{d}%0A%0D%09%00%7F%25/[.*]é😀"'),
                ROWS,
                where("r.end_ns > -7"),
                DROP,
                EXACT_TIME,
            ),
            id="gaps of a home that reach into a range",
        ),
        pytest.param(
            QUERIES.gaps(0, 1, None, None),
            piped(
                FROM,
                "range(start: 1970-01-01T00:00:00.000000000Z, stop: 1970-01-01T00:00:00.000000001Z)",
                OF_GAPS,
                ROWS,
                DROP,
                EXACT_TIME,
            ),
            id="gaps that begin in a range",
        ),
        pytest.param(
            QUERIES.open_gaps(None),
            piped(FROM, EVER, OF_GAPS, where('r._field == "status"', 'r._value == "open"'), "group()", "count()"),
            id="open gaps",
        ),
        pytest.param(
            QUERIES.alerts(0, 1, HOSTILE, -7),
            piped(
                FROM,
                "range(start: 1970-01-01T00:00:00.000000000Z, stop: 1970-01-01T00:00:00.000000001Z)",
                OF_ALERTS,
                where('r.rule == "a\\"b%5Cc\\x24\\"\\x24{d}%0A%0D%09%00%7F%25/[.*]é😀"'),
                ROWS,
                where("(r.cleared_ns == 0 or r.cleared_ns > -7)"),
                DROP,
                EXACT_TIME,
            ),
            id="alerts of a rule that reach into a range",
        ),
        pytest.param(
            QUERIES.alerts(0, 1, None, None),
            piped(
                FROM,
                "range(start: 1970-01-01T00:00:00.000000000Z, stop: 1970-01-01T00:00:00.000000001Z)",
                OF_ALERTS,
                ROWS,
                DROP,
                EXACT_TIME,
            ),
            id="alerts that begin in a range",
        ),
        pytest.param(
            QUERIES.progress(),
            piped(
                FROM_ROLLUPS,
                "range(start: 2100-01-01T00:00:00.000000000Z, stop: 2100-01-01T00:00:00.000000001Z)",
                where('r._measurement == "rollup_progress"'),
                DROP,
            ),
            id="progress",
        ),
        pytest.param(
            QUERIES.first("home_assistant_events", MIN_TIME_NS, MAX_TIME_NS),
            piped(
                FROM, EVER, OF_EVENTS, where('r._field == "count"'), "first()", 'keep(columns: ["_time"])', EXACT_TIME
            ),
            id="first event",
        ),
        pytest.param(
            QUERIES.first("weather", MIN_TIME_NS, MAX_TIME_NS),
            piped(
                FROM,
                EVER,
                where('r._measurement == "weather"'),
                "first()",
                'keep(columns: ["_time"])',
                EXACT_TIME,
            ),
            id="first of another measurement",
        ),
        pytest.param(
            QUERIES.nothing(),
            piped(
                FROM,
                "range(start: 1970-01-01T00:00:00.000000000Z, stop: 1970-01-01T00:00:00.000000001Z)",
                OF_EVENTS,
                where('r._field == "count"'),
                "limit(n: 1)",
            ),
            id="nothing",
        ),
    ],
)
def test_a_question_is_this_text(query: str, text: str) -> None:
    assert query == text
