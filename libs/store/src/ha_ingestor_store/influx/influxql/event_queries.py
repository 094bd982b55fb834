"""InfluxQL of events: who changed, whole events, states, keys."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ha_ingestor_core.events import STATE_CHANGED

from ha_ingestor_store.influx.influxql.facts_queries import FACTS_FIELD, hash_is_one_of, is_in
from ha_ingestor_store.influx.influxql.selections import Entity, EventFilter
from ha_ingestor_store.influx.influxql.statements import (
    COUNT_FIELD,
    ENTITY,
    EVENTS_NAME,
    Question,
    Statements,
    between,
    group_by,
    homes_are,
    identifier,
    one_of,
    question,
)
from ha_ingestor_store.influx.schema import ABSENT, EVENT_TAGS
from ha_ingestor_store.influx.tags import encode_tag, glob_expression
from ha_ingestor_store.questions import Homes

_ABSENT = identifier(ABSENT)
_LAST = f"last({COUNT_FIELD}) AS {COUNT_FIELD}"
_TAGS = '"home", "entity_id"'


class EventQueries:
    """Events, all of them raw points."""

    def whose(self, wanted: EventFilter, start_ns: int, end_ns: int, limit: int) -> Question:
        """The entities of events, newest first."""
        statements = Statements()
        where = _events_where(statements, wanted, start_ns, end_ns)
        statements.add(
            f'SELECT {COUNT_FIELD}, "entity_id" FROM {EVENTS_NAME} WHERE {where} ORDER BY time DESC LIMIT {limit}'
        )
        return statements.question()

    def events(self, wanted: EventFilter, start_ns: int, end_ns: int, entity_ids: Iterable[str]) -> Question:
        """Whole events of these entities; the empty one stands for none."""
        statements = Statements()
        where = _events_where(statements, wanted, start_ns, end_ns)
        statements.add(f"SELECT * FROM {EVENTS_NAME} WHERE {where} AND {one_of(statements, entity_ids)}")
        return statements.question()

    def count_events(self, wanted: EventFilter, ranges: Iterable[tuple[int, int]]) -> Question:
        """How many events each range holds."""
        statements = Statements()
        for start_ns, end_ns in ranges:
            where = _events_where(statements, wanted, start_ns, end_ns)
            statements.add(f"SELECT count({COUNT_FIELD}) AS {COUNT_FIELD} FROM {EVENTS_NAME} WHERE {where}")
        return statements.question()

    def states(self, entity: Entity, start_ns: int, end_ns: int, limit: int, *, newest_first: bool = False) -> Question:
        """States with the facts that they name, oldest first."""
        statements = Statements()
        where = _entity_is(statements, entity)
        order = " DESC" if newest_first else ""
        statements.add(
            f'SELECT {COUNT_FIELD}, "state", "value", {FACTS_FIELD}, {_ABSENT}, {_TAGS} FROM {EVENTS_NAME} '
            f"WHERE {where} AND {between(start_ns, end_ns)} ORDER BY time{order} LIMIT {limit}"
        )
        return statements.question()

    def last_facts(self, entity: Entity, start_ns: int, end_ns: int, hashes: Sequence[str] = ()) -> Question:
        """The facts that the newest state names: of all states, or of those that name one of some hashes."""
        statements = Statements()
        where = f"{_entity_is(statements, entity)} AND {between(start_ns, end_ns)}"
        where += f" AND {hash_is_one_of(statements, hashes)}" if hashes else ""
        statements.add(f"SELECT last({FACTS_FIELD}) AS {FACTS_FIELD}, {_TAGS} FROM {EVENTS_NAME} WHERE {where}")
        return statements.question()

    def known_entities(self, entity_id: str | None, homes: Homes, start_ns: int, end_ns: int) -> Question:
        """The newest state change of one entity or of all, with what is known of them."""
        statements = Statements()
        conditions = [f'"event_type" = {statements.bind(STATE_CHANGED)}', between(start_ns, end_ns)]
        if entity_id is not None:
            conditions.append(f'"entity_id" = {statements.bind(encode_tag(entity_id))}')
        where = " AND ".join([*conditions, *homes_are(statements, homes)])
        fields = f'{_LAST}, "state", "removed", {FACTS_FIELD}, {_ABSENT}'
        statements.add(f"SELECT {fields} FROM {EVENTS_NAME} WHERE {where}{group_by(ENTITY)}")
        return statements.question()

    def heads(self, start_ns: int, end_ns: int) -> Question:
        """The newest event of every series in a range."""
        where = between(start_ns, end_ns)
        return question(f'SELECT {_LAST}, "origin_kind" FROM {EVENTS_NAME} WHERE {where}{group_by(EVENT_TAGS)}')

    def keys(self, entity_ids: Sequence[str] | None, start_ns: int, end_ns: int) -> Question:
        """The events of a range, of some entities or of all."""
        statements = Statements()
        where = between(start_ns, end_ns)
        if entity_ids is not None:
            where += f" AND {one_of(statements, entity_ids)}"
        statements.add(f'SELECT {COUNT_FIELD}, "origin_kind" FROM {EVENTS_NAME} WHERE {where}{group_by(EVENT_TAGS)}')
        return statements.question()

    def entity_heads(self, start_ns: int, end_ns: int, entity_ids: Sequence[str] | None) -> Question:
        """The newest state change of every entity, or of some."""
        statements = Statements()
        where = f'"event_type" = {statements.bind(STATE_CHANGED)} AND {between(start_ns, end_ns)}'
        if entity_ids is not None:
            where += f" AND {one_of(statements, entity_ids)}"
        statements.add(f'SELECT {_LAST}, "removed" FROM {EVENTS_NAME} WHERE {where}{group_by(ENTITY)}')
        return statements.question()

    def nothing(self) -> Question:
        """A question that reads next to nothing."""
        return question(f"SELECT {COUNT_FIELD} FROM {EVENTS_NAME} WHERE {between(0, 1)} LIMIT 1")


def _events_where(statements: Statements, wanted: EventFilter, start_ns: int, end_ns: int) -> str:
    conditions = [between(start_ns, end_ns)]
    if wanted.entity_id is not None:
        conditions.append(f'"entity_id" =~ /{glob_expression(wanted.entity_id)}/')
    if wanted.domain is not None:
        conditions.append(f'"domain" = {statements.bind(encode_tag(wanted.domain))}')
    if wanted.event_type is not None:
        conditions.append(f'"event_type" = {statements.bind(encode_tag(wanted.event_type))}')
    if wanted.in_area is not None:
        conditions.append(is_in(statements, wanted.in_area))
    return " AND ".join([*conditions, *homes_are(statements, wanted.homes)])


def _entity_is(statements: Statements, entity: Entity) -> str:
    changed, entity_id = statements.bind(STATE_CHANGED), statements.bind(encode_tag(entity.entity_id))
    return " AND ".join(
        [f'"event_type" = {changed} AND "entity_id" = {entity_id}', *homes_are(statements, entity.homes)]
    )
