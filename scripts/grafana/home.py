"""The dashboard of the home: InfluxQL queries, which InfluxDB 1.x and 2.x both support."""

from __future__ import annotations

from scripts.grafana.panels import ANY, Json, Query, Row, Source, dashboard, lines, number, states, table, variable

_SOURCE = Source("influxdb")
_EVENTS = '"home_assistant_events"'
_ENTITIES = '"entities"'
_HOME = '"home" =~ /^(?:${home:regex})$/'
_WHERE = f"WHERE $timeFilter AND {_HOME}"
_CHOSEN = f'{_WHERE} AND "entity_id" =~ /^(?:${{entity:regex}})$/'
_AT_LAST = f'SELECT last("state") AS "state" FROM {_EVENTS} {_WHERE} GROUP BY "entity_id"'

_VARIABLES = [
    variable(_SOURCE, "home", "Home", f'SHOW TAG VALUES FROM {_EVENTS} WITH KEY = "home"', **ANY),
    # All names that entities have or had, and behind them the entities that bear them.
    variable(_SOURCE, "name", "Entity", f'SELECT "friendly_name" FROM {_ENTITIES} WHERE {_HOME}', multi=True),
    variable(
        _SOURCE,
        "entity",
        "Entity ID",
        f'SELECT "entity_id", "friendly_name" FROM {_ENTITIES} WHERE {_HOME} '
        'AND "friendly_name" =~ /^(?:${name:regex})$/',
        is_hidden=True,
        multi=True,
        includeAll=True,
        current={"text": ["All"], "value": ["$__all"]},
    ),
]

_CHOICE = Row(
    "$name",
    [
        lines(
            "Values",
            "The last value of each interval, of numeric states and of states such as on and off.",
            Query(
                f'SELECT last("value") FROM {_EVENTS} {_CHOSEN} GROUP BY time($__interval), "entity_id" fill(none)',
                "$tag_entity_id",
            ),
            width=12,
            defaults={"custom": {"lineInterpolation": "stepAfter", "showPoints": "auto", "lineWidth": 1}},
        ),
        states(
            "States",
            "The last state of each interval, as sent by Home Assistant; a shorter period shows more states.",
            Query(
                f'SELECT last("state") FROM {_EVENTS} {_CHOSEN} GROUP BY time($__interval), "entity_id" fill(none)',
                "$tag_entity_id",
            ),
            width=12,
        ),
        table(
            "Newest state",
            "The newest state in this period, with the properties of the entity.",
            Query(
                f'SELECT last("state") AS "state", "unit", "friendly_name", "area", "device" FROM {_EVENTS} {_CHOSEN} '
                'GROUP BY "entity_id"'
            ),
            width=12,
        ),
        table(
            "Events",
            "The newest 200 events in this period.",
            Query(
                f'SELECT "entity_id", "old_state", "state", "origin_kind" FROM {_EVENTS} {_CHOSEN} '
                "ORDER BY time DESC LIMIT 200"
            ),
            width=8,
        ),
    ],
)

_ALL = Row(
    "The whole home",
    [
        number(
            "Events",
            "Number of events in this period.",
            Query(f'SELECT sum("count") FROM {_EVENTS} {_WHERE}', "events"),
        ),
        lines(
            "Events by domain",
            "Number of events in each interval.",
            Query(
                f'SELECT sum("count") FROM {_EVENTS} {_WHERE} GROUP BY time($__interval), "domain" fill(0)',
                "$tag_domain",
            ),
            stacked=True,
            width=10,
        ),
        lines(
            "Weather",
            "Outside temperature stored with the events.",
            Query(
                f'SELECT mean("temperature_c") FROM "weather" {_WHERE} GROUP BY time($__interval), "source" fill(none)',
                "$tag_source",
            ),
            unit="celsius",
            defaults={},
            width=10,
        ),
        table(
            "Busiest entities",
            "The 20 entities with the most events in this period.",
            Query(
                f'SELECT top("events", "entity_id", 20) AS "events" FROM '
                f'(SELECT sum("count") AS "events" FROM {_EVENTS} {_WHERE} GROUP BY "entity_id")'
            ),
            width=8,
        ),
        table(
            "Unavailable",
            "Entities whose newest state in this period is unavailable or unknown.",
            Query(
                f'SELECT "entity_id", "state" FROM ({_AT_LAST}) '
                """WHERE "state" = 'unavailable' OR "state" = 'unknown'"""
            ),
            width=8,
        ),
        table(
            "Gaps",
            "Gaps that began in this period, and the changes recovered from the history of Home Assistant.",
            Query(f'SELECT "status", "entities", "recovered", "known", "lost" FROM "gaps" {_WHERE} ORDER BY time DESC'),
            width=8,
        ),
    ],
)


def build() -> Json:
    """The dashboard."""
    return dashboard(
        "ha-ingestor-home",
        "HA Ingestor: the home",
        "Values and states of any entity, selected by name, and the home as a whole.",
        source=_SOURCE,
        variables=_VARIABLES,
        rows=[_CHOICE, _ALL],
        period="24h",
    )
