"""InfluxQL, to the letter: what is bound, what is quoted, and times as integers."""

from __future__ import annotations

import pytest
from ha_ingestor_store.influx.entity_facts import FactsName
from ha_ingestor_store.influx.influxql.event_queries import EventQueries
from ha_ingestor_store.influx.influxql.facts_queries import FactsQueries
from ha_ingestor_store.influx.influxql.record_queries import RecordQueries
from ha_ingestor_store.influx.influxql.selections import AreaSets, Entity, EventFilter, Part
from ha_ingestor_store.influx.influxql.statements import Question, identifier
from ha_ingestor_store.influx.influxql.window_queries import WindowQueries
from ha_ingestor_store.influx.schema import LEVEL_METRICS, MAX_TIME_NS, MIN_TIME_NS, SUMMED_METRICS
from ha_ingestor_store.questions import Homes
from ha_ingestor_store.time_range import DAY_NS, HOUR_NS, MINUTE_NS

HOSTILE = "a\"b\\c${d}\n\r\t\x00\x7f%/[.*]'é😀"
KEPT = "a\"b%5Cc${d}%0A%0D%09%00%7F%25/[.*]'é😀"
RAW = Part("home_assistant_events", False, 0, 1_795_000_000_123_456_789)
ROLLUP = Part("events_1h", True, -3_600_000_000_000, 0)
SERVICES = Part("service_metrics", False, 1, 2)
ROLLUPS = identifier('mine "rollups"') + "."
FACTS = FactsQueries()
WINDOWS, EVENTS, RECORDS = WindowQueries(ROLLUPS), EventQueries(), RecordQueries(ROLLUPS)

SETS = (FactsName("home", HOSTILE, "0b"), FactsName("home", HOSTILE, "0a"))
IN_AREA = AreaSets(("light.\\", "light.[a/b]"), (*SETS, FactsName("home", None, "0c")))
FIRST_HOUR_OF_2100 = "time >= 4102444800000000000 AND time < 4102448400000000000"
EVER = "time >= -9214560000000000000 AND time < 9214646400000000000"
SUMS = ", ".join(f'sum("{name}") AS "{name}"' for name in SUMMED_METRICS)
MEANS = ", ".join(f'mean("{name}") AS "{name}"' for name in LEVEL_METRICS)


@pytest.mark.parametrize(
    ("question", "statements", "params"),
    [
        pytest.param(
            WINDOWS.counts([RAW], ()),
            [
                'SELECT sum("count") AS "count" FROM "home_assistant_events"'
                " WHERE time >= 0 AND time < 1795000000123456789"
            ],
            {},
            id="counts one raw part without tags",
        ),
        pytest.param(
            WINDOWS.counts([ROLLUP], ("event_type", "domain")),
            [
                'SELECT sum("count") AS "count" FROM "mine \\"rollups\\""."events_1h"'
                ' WHERE time >= -3600000000000 AND time < 0 GROUP BY "event_type", "domain"'
            ],
            {},
            id="counts a rollup by tags",
        ),
        pytest.param(
            WINDOWS.counts([RAW, ROLLUP], ()),
            [
                'SELECT sum("count") AS "count" FROM "home_assistant_events"'
                " WHERE time >= 0 AND time < 1795000000123456789",
                'SELECT sum("count") AS "count" FROM "mine \\"rollups\\""."events_1h"'
                " WHERE time >= -3600000000000 AND time < 0",
            ],
            {},
            id="counts several parts",
        ),
        pytest.param(WINDOWS.counts([], ()), [], {}, id="counts of nothing"),
        pytest.param(
            WINDOWS.window_counts([RAW, ROLLUP], HOUR_NS),
            [
                'SELECT sum("count") AS "count" FROM "home_assistant_events"'
                " WHERE time >= 0 AND time < 1795000000123456789 GROUP BY time(60m) fill(none)",
                'SELECT sum("count") AS "count" FROM "mine \\"rollups\\""."events_1h"'
                " WHERE time >= -3600000000000 AND time < 0 GROUP BY time(60m) fill(none)",
            ],
            {},
            id="window counts of several parts",
        ),
        pytest.param(
            WINDOWS.window_sums(RAW, MINUTE_NS, ("home", "event_type", "domain"), ("count",)),
            [
                'SELECT sum("count") AS "count" FROM "home_assistant_events"'
                " WHERE time >= 0 AND time < 1795000000123456789"
                ' GROUP BY time(1m), "home", "event_type", "domain" fill(none)'
            ],
            {},
            id="window sums of raw points by tags",
        ),
        pytest.param(
            WINDOWS.window_sums(ROLLUP, DAY_NS, (), ("events_received", "processing_time_ms_le_1")),
            [
                'SELECT sum("events_received") AS "events_received",'
                ' sum("processing_time_ms_le_1") AS "processing_time_ms_le_1"'
                ' FROM "mine \\"rollups\\""."events_1h" WHERE time >= -3600000000000 AND time < 0'
                " GROUP BY time(1440m) fill(none)"
            ],
            {},
            id="window sums of a rollup without tags",
        ),
        pytest.param(
            EVENTS.whose(EventFilter(), 1, 2, 11),
            [
                'SELECT "count", "entity_id" FROM "home_assistant_events"'
                " WHERE time >= 1 AND time < 2 ORDER BY time DESC LIMIT 11"
            ],
            {},
            id="whose the newest events are",
        ),
        pytest.param(
            EVENTS.events(EventFilter(domain="light"), 1, 2, ["", HOSTILE]),
            [
                'SELECT * FROM "home_assistant_events"'
                ' WHERE time >= 1 AND time < 2 AND "domain" = $p0 AND ("entity_id" = $p1 OR "entity_id" = $p2)'
            ],
            {"p0": "light", "p1": "", "p2": KEPT},
            id="events of some entities, and of none",
        ),
        pytest.param(
            EVENTS.whose(EventFilter("[a/b].?(*)\\\n", HOSTILE, "x"), 1, 2, 11),
            [
                'SELECT "count", "entity_id" FROM "home_assistant_events"'
                " WHERE time >= 1 AND time < 2"
                ' AND "entity_id" =~ /^\\[a\\/b\\]\\.(?:%[0-9A-F]{2}|[^%])\\((?s:.*)\\)%5C%0A$/'
                ' AND "domain" = $p0 AND "event_type" = $p1'
                " ORDER BY time DESC LIMIT 11"
            ],
            {"p0": KEPT, "p1": "x"},
            id="newest events by a hostile filter",
        ),
        pytest.param(
            EVENTS.whose(EventFilter(area=HOSTILE, in_area=IN_AREA), 1, 2, 11),
            [
                'SELECT "count", "entity_id" FROM "home_assistant_events" WHERE time >= 1 AND time < 2'
                ' AND (("entity_id" =~ /^(light\\.\\[a\\/b\\]|light\\.%5C)$/ AND "facts" != \'\')'
                ' OR (("entity_id" = $p0 AND ("facts" = $p1))'
                ' OR ("entity_id" = $p2 AND ("facts" = $p3 OR "facts" = $p4)))) ORDER BY time DESC LIMIT 11'
            ],
            {"p0": "", "p1": "0c", "p2": KEPT, "p3": "0a", "p4": "0b"},
            id="newest events of an area, by its entities and by sets of others",
        ),
        pytest.param(
            EVENTS.whose(EventFilter("*"), 1, 2, 11),
            [
                'SELECT "count", "entity_id" FROM "home_assistant_events"'
                ' WHERE time >= 1 AND time < 2 AND "entity_id" =~ /^(?s:.+)$/'
                " ORDER BY time DESC LIMIT 11"
            ],
            {},
            id="newest events of anything that has an entity",
        ),
        pytest.param(
            EVENTS.count_events(EventFilter(domain="light"), [(5, 6), (1, 5)]),
            [
                'SELECT count("count") AS "count" FROM "home_assistant_events"'
                ' WHERE time >= 5 AND time < 6 AND "domain" = $p0',
                'SELECT count("count") AS "count" FROM "home_assistant_events"'
                ' WHERE time >= 1 AND time < 5 AND "domain" = $p0',
            ],
            {"p0": "light"},
            id="counts of events in several ranges",
        ),
        pytest.param(
            EVENTS.states(Entity("light.küche"), 1, 2, 11),
            [
                'SELECT "count", "state", "value", "facts", "absent", "home", "entity_id" FROM "home_assistant_events"'
                ' WHERE "event_type" = $p0 AND "entity_id" = $p1 AND time >= 1 AND time < 2'
                " ORDER BY time LIMIT 11",
            ],
            {"p0": "state_changed", "p1": "light.küche"},
            id="states",
        ),
        pytest.param(
            EVENTS.states(Entity(HOSTILE), 1, 2, 11),
            [
                'SELECT "count", "state", "value", "facts", "absent", "home", "entity_id" FROM "home_assistant_events"'
                ' WHERE "event_type" = $p0 AND "entity_id" = $p1 AND time >= 1 AND time < 2'
                " ORDER BY time LIMIT 11",
            ],
            {"p0": "state_changed", "p1": KEPT},
            id="states of a hostile entity",
        ),
        pytest.param(
            EVENTS.states(Entity("sensor.a", Homes(only="home")), 1, 2, 1, newest_first=True),
            [
                'SELECT "count", "state", "value", "facts", "absent", "home", "entity_id" FROM "home_assistant_events"'
                ' WHERE "event_type" = $p0 AND "entity_id" = $p1 AND "home" = $p2 AND time >= 1 AND time < 2'
                " ORDER BY time DESC LIMIT 1",
            ],
            {"p0": "state_changed", "p1": "sensor.a", "p2": "home"},
            id="newest state",
        ),
        pytest.param(
            EVENTS.last_facts(Entity("sensor.a"), MIN_TIME_NS, MAX_TIME_NS),
            [
                'SELECT last("facts") AS "facts", "home", "entity_id" FROM "home_assistant_events"'
                f' WHERE "event_type" = $p0 AND "entity_id" = $p1 AND {EVER}',
            ],
            {"p0": "state_changed", "p1": "sensor.a"},
            id="newest facts",
        ),
        pytest.param(
            EVENTS.last_facts(Entity("sensor.a"), 1, 2, ["0a", "0b"]),
            [
                'SELECT last("facts") AS "facts", "home", "entity_id" FROM "home_assistant_events"'
                ' WHERE "event_type" = $p0 AND "entity_id" = $p1 AND time >= 1 AND time < 2'
                ' AND ("facts" = $p2 OR "facts" = $p3)',
            ],
            {"p0": "state_changed", "p1": "sensor.a", "p2": "0a", "p3": "0b"},
            id="newest facts of some",
        ),
        pytest.param(
            FACTS.facts([*SETS, FactsName("cabin", HOSTILE, "0a")]),
            [
                f'SELECT * FROM "entities" WHERE {FIRST_HOUR_OF_2100}'
                ' AND (("entity_id" = $p0 AND ("facts" = $p1 OR "facts" = $p2)))'
            ],
            {"p0": KEPT, "p1": "0a", "p2": "0b"},
            id="sets of an entity, in any home",
        ),
        pytest.param(
            FACTS.facts_of(["light.b", "light.a"]),
            [f'SELECT * FROM "entities" WHERE {FIRST_HOUR_OF_2100} AND "entity_id" =~ /^(light\\.a|light\\.b)$/'],
            {},
            id="sets of many entities",
        ),
        pytest.param(
            FACTS.field_of_sets("area"),
            [f'SELECT "facts", "area" FROM "entities" WHERE {FIRST_HOUR_OF_2100} GROUP BY "home", "entity_id"'],
            {},
            id="areas of all sets",
        ),
        pytest.param(
            FACTS.field_of_sets("unit", HOSTILE),
            [
                f'SELECT "facts", "unit" FROM "entities" WHERE {FIRST_HOUR_OF_2100} AND "entity_id" = $p0'
                ' GROUP BY "home", "entity_id"'
            ],
            {"p0": KEPT},
            id="units of the sets of an entity",
        ),
        pytest.param(
            EVENTS.known_entities(HOSTILE, Homes(only="home"), 1, 2),
            [
                'SELECT last("count") AS "count", "state", "removed", "facts", "absent" FROM "home_assistant_events"'
                ' WHERE "event_type" = $p0 AND time >= 1 AND time < 2 AND "entity_id" = $p1 AND "home" = $p2'
                ' GROUP BY "home", "entity_id"',
            ],
            {"p0": "state_changed", "p1": KEPT, "p2": "home"},
            id="what is known of an entity",
        ),
        pytest.param(
            EVENTS.heads(MIN_TIME_NS, MAX_TIME_NS),
            [
                'SELECT last("count") AS "count", "origin_kind" FROM "home_assistant_events"'
                f" WHERE {EVER}"
                ' GROUP BY "home", "event_type", "domain", "entity_id"'
            ],
            {},
            id="heads",
        ),
        pytest.param(
            EVENTS.keys(None, 1, 2),
            [
                'SELECT "count", "origin_kind" FROM "home_assistant_events"'
                ' WHERE time >= 1 AND time < 2 GROUP BY "home", "event_type", "domain", "entity_id"'
            ],
            {},
            id="keys of all",
        ),
        pytest.param(
            EVENTS.keys(["light.a", HOSTILE, "light.a"], 1, 2),
            [
                'SELECT "count", "origin_kind" FROM "home_assistant_events"'
                ' WHERE time >= 1 AND time < 2 AND ("entity_id" = $p0 OR "entity_id" = $p1 OR "entity_id" = $p0)'
                ' GROUP BY "home", "event_type", "domain", "entity_id"'
            ],
            {"p0": "light.a", "p1": KEPT},
            id="keys of some",
        ),
        pytest.param(
            EVENTS.entity_heads(MIN_TIME_NS, MAX_TIME_NS, None),
            [
                'SELECT last("count") AS "count", "removed" FROM "home_assistant_events"'
                f' WHERE "event_type" = $p0 AND {EVER}'
                ' GROUP BY "home", "entity_id"'
            ],
            {"p0": "state_changed"},
            id="entity heads",
        ),
        pytest.param(
            WINDOWS.service_sums([SERVICES], SUMMED_METRICS, HOSTILE),
            [
                f"SELECT {SUMS}"
                ' FROM "service_metrics" WHERE time >= 1 AND time < 2 AND "service" = $p0'
                ' GROUP BY "service"',
            ],
            {"p0": KEPT},
            id="service sums of one",
        ),
        pytest.param(
            WINDOWS.level_means("admin-api", 1, 2),
            [f'SELECT {MEANS} FROM "service_metrics" WHERE time >= 1 AND time < 2 AND "service" = $p0'],
            {"p0": "admin-api"},
            id="level means",
        ),
        pytest.param(
            WINDOWS.service_windows("admin-api", "events_received", [ROLLUP, SERVICES], HOUR_NS, is_summed=True),
            [
                'SELECT sum("events_received") AS "metric" FROM "mine \\"rollups\\""."events_1h"'
                ' WHERE time >= -3600000000000 AND time < 0 AND "service" = $p0 GROUP BY time(60m) fill(none)',
                'SELECT sum("events_received") AS "metric" FROM "service_metrics"'
                ' WHERE time >= 1 AND time < 2 AND "service" = $p0 GROUP BY time(60m) fill(none)',
            ],
            {"p0": "admin-api"},
            id="summed windows of a service",
        ),
        pytest.param(
            WINDOWS.service_windows("admin-api", "queue_depth", [SERVICES], HOUR_NS, is_summed=False),
            [
                'SELECT mean("queue_depth") AS "metric" FROM "service_metrics"'
                ' WHERE time >= 1 AND time < 2 AND "service" = $p0 GROUP BY time(60m) fill(none)'
            ],
            {"p0": "admin-api"},
            id="averaged windows of a service",
        ),
        pytest.param(
            WINDOWS.window_sums(SERVICES, HOUR_NS, ("service",), ("events_received", "queue_depth", "lag_s")),
            [
                'SELECT sum("events_received") AS "events_received", max("queue_depth") AS "queue_depth",'
                ' max("lag_s") AS "lag_s" FROM "service_metrics" WHERE time >= 1 AND time < 2'
                ' GROUP BY time(60m), "service" fill(none)'
            ],
            {},
            id="sums and highest levels of services by window",
        ),
        pytest.param(
            WINDOWS.newest_reports(MIN_TIME_NS, MAX_TIME_NS, None),
            [f'SELECT * FROM "service_metrics" WHERE {EVER} GROUP BY "service", "instance" ORDER BY time DESC LIMIT 1'],
            {},
            id="newest reports of all",
        ),
        pytest.param(
            WINDOWS.newest_reports(MIN_TIME_NS, MAX_TIME_NS, "admin-api"),
            [
                'SELECT * FROM "service_metrics"'
                f' WHERE {EVER} AND "service" = $p0'
                ' GROUP BY "service", "instance" ORDER BY time DESC LIMIT 1'
            ],
            {"p0": "admin-api"},
            id="newest reports of one",
        ),
        pytest.param(
            RECORDS.gaps(3, 5, HOSTILE, 4),
            ['SELECT * FROM "gaps" WHERE time >= 3 AND time < 5 AND "end_ns" > 4 AND "home" = $p0'],
            {"p0": KEPT},
            id="gaps of a home that reach into a range",
        ),
        pytest.param(
            RECORDS.gaps(3, 5, None, None),
            ['SELECT * FROM "gaps" WHERE time >= 3 AND time < 5'],
            {},
            id="gaps that begin in a range",
        ),
        pytest.param(
            RECORDS.open_gaps("home"),
            [f'SELECT count("status") AS "count" FROM "gaps" WHERE "status" = $p0 AND {EVER} AND "home" = $p1'],
            {"p0": "open", "p1": "home"},
            id="open gaps",
        ),
        pytest.param(
            RECORDS.alerts(3, 5, HOSTILE, 4),
            [
                'SELECT * FROM "alerts" WHERE time >= 3 AND time < 5 AND ("cleared_ns" = 0 OR "cleared_ns" > 4) '
                'AND "rule" = $p0'
            ],
            {"p0": KEPT},
            id="alerts of a rule that reach into a range",
        ),
        pytest.param(
            RECORDS.alerts(3, 5, None, None),
            ['SELECT * FROM "alerts" WHERE time >= 3 AND time < 5'],
            {},
            id="alerts that begin in a range",
        ),
        pytest.param(
            FACTS.all_names(),
            [f'SELECT "facts" FROM "entities" WHERE {FIRST_HOUR_OF_2100} GROUP BY "home", "entity_id"'],
            {},
            id="names of all sets",
        ),
        pytest.param(
            FACTS.names_in_events(1, 2),
            [
                'SELECT distinct("facts") AS "facts" FROM "home_assistant_events" WHERE time >= 1 AND time < 2'
                ' GROUP BY "home", "entity_id"'
            ],
            {},
            id="names in events",
        ),
        pytest.param(
            RECORDS.weather_of_events([(DAY_NS + 5, DAY_NS + 9)]),
            [
                f'SELECT * FROM "weather" WHERE time >= 5 AND time < {DAY_NS + 5}'
                ' GROUP BY "home", "source" ORDER BY time DESC LIMIT 1',
                f'SELECT * FROM "weather" WHERE time >= {DAY_NS + 5} AND time < {DAY_NS + 9} GROUP BY "home", "source"',
            ],
            {},
            id="weather of events",
        ),
        pytest.param(
            RECORDS.progress(),
            [
                'SELECT "state" FROM "mine \\"rollups\\""."rollup_progress"'
                ' WHERE time = 4102444800000000000 GROUP BY "owner"'
            ],
            {},
            id="progress",
        ),
        pytest.param(
            RECORDS.first("home_assistant_events", 1, 2),
            ['SELECT "count" FROM "home_assistant_events" WHERE time >= 1 AND time < 2 ORDER BY time LIMIT 1'],
            {},
            id="first event",
        ),
        pytest.param(
            RECORDS.first("weather", 1, 2),
            ['SELECT * FROM "weather" WHERE time >= 1 AND time < 2 ORDER BY time LIMIT 1'],
            {},
            id="first of another measurement",
        ),
        pytest.param(
            EVENTS.nothing(),
            ['SELECT "count" FROM "home_assistant_events" WHERE time >= 0 AND time < 1 LIMIT 1'],
            {},
            id="nothing",
        ),
        pytest.param(
            RECORDS.size("home_assistant_events", 5, 7),
            ['SELECT count("count") FROM "home_assistant_events" WHERE time >= 5 AND time < 7'],
            {},
            id="events are counted by the field that all have",
        ),
        pytest.param(
            RECORDS.size("service_metrics", 5, 7),
            ['SELECT count(*) FROM "service_metrics" WHERE time >= 5 AND time < 7'],
            {},
            id="other points are counted field by field",
        ),
        pytest.param(
            RECORDS.whole_points("weather", -5, 7),
            ['SELECT * FROM "weather" WHERE time >= -5 AND time < 7'],
            {},
            id="whole points",
        ),
    ],
)
def test_a_question_is_this_text(question: Question, statements: list[str], params: dict[str, str]) -> None:
    assert list(question.statements) == statements
    assert question.params == params


@pytest.mark.parametrize(
    ("name", "quoted"), [("plain", '"plain"'), ('a"b', '"a\\"b"'), ("a\\", '"a\\\\"'), ("a b;--", '"a b;--"')]
)
def test_a_name_cannot_end_its_quotes(name: str, quoted: str) -> None:
    assert identifier(name) == quoted
