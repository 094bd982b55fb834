"""InfluxQL of what rarely changes about entities: sets by their names, and which sets have a value."""

from __future__ import annotations

from collections.abc import Iterable

from ha_ingestor_store.influx.entity_facts import FACTS_WITHIN_NS, FactsName
from ha_ingestor_store.influx.influxql.statements import (
    ENTITY,
    EVENTS_NAME,
    Question,
    Statements,
    and_tag_is,
    between,
    group_by,
    identifier,
    question,
    tag_is,
)
from ha_ingestor_store.influx.schema import ENTITIES, FACTS_HASH, FACTS_TIME_NS

FACTS_FIELD = identifier(FACTS_HASH)
_FROM_ENTITIES = f"FROM {identifier(ENTITIES)} WHERE {between(FACTS_TIME_NS, FACTS_TIME_NS + FACTS_WITHIN_NS)}"


class FactsQueries:
    """Points of `entities`."""

    def facts(self, names: Iterable[FactsName]) -> Question:
        """The sets of some names; by the hash alone every point would be read."""
        statements = Statements()
        statements.add(f"SELECT * {_FROM_ENTITIES} AND {names_one_of(statements, names)}")
        return statements.question()

    def sets_with(self, field: str, value: str | None = None, entity_id: str | None = None) -> Question:
        """The names of the sets in which a field has a value, or any; of one entity or of all."""
        statements = Statements()
        where = "" if value is None else f" AND {identifier(field)} = {statements.bind(value)}"
        where += and_tag_is(statements, "entity_id", entity_id)
        statements.add(f"SELECT {FACTS_FIELD}, {identifier(field)} {_FROM_ENTITIES}{where}{group_by(ENTITY)}")
        return statements.question()

    def all_names(self) -> Question:
        """The names of all sets."""
        return question(f"SELECT {FACTS_FIELD} {_FROM_ENTITIES}{group_by(ENTITY)}")

    def names_in_events(self, start_ns: int, end_ns: int) -> Question:
        """The names of the sets that the events of a range name."""
        where = f"{between(start_ns, end_ns)}{group_by(ENTITY)}"
        return question(f"SELECT distinct({FACTS_FIELD}) AS {FACTS_FIELD} FROM {EVENTS_NAME} WHERE {where}")


def names_one_of(statements: Statements, names: Iterable[FactsName]) -> str:
    """Return the condition that an entity names one of some sets, each entity once: its points alone are compared."""
    by_entity: dict[str, set[str]] = {}
    for name in names:
        by_entity.setdefault(name.entity_id or "", set()).add(name.hash)
    each = (
        f"({tag_is(statements, 'entity_id', entity_id)} AND {hash_is_one_of(statements, sorted(hashes))})"
        for entity_id, hashes in sorted(by_entity.items())
    )
    return f"({' OR '.join(each)})"


def hash_is_one_of(statements: Statements, hashes: Iterable[str]) -> str:
    """Return the condition that the hash is one of some."""
    return f"({' OR '.join(f'{FACTS_FIELD} = {statements.bind(each)}' for each in hashes)})"
