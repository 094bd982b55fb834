"""InfluxQL of what rarely changes about entities: sets by their names, and which sets have a value."""

from __future__ import annotations

from collections.abc import Iterable

from ha_ingestor_store.influx.entity_facts import FACTS_WITHIN_NS, FactsName
from ha_ingestor_store.influx.influxql.selections import AreaSets
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
from ha_ingestor_store.influx.tags import any_of_expression

FACTS_FIELD = identifier(FACTS_HASH)
_FROM_ENTITIES = f"FROM {identifier(ENTITIES)} WHERE {between(FACTS_TIME_NS, FACTS_TIME_NS + FACTS_WITHIN_NS)}"


class FactsQueries:
    """Points of `entities`."""

    def facts(self, names: Iterable[FactsName]) -> Question:
        """The sets of some names; by the hash alone every point would be read."""
        statements = Statements()
        statements.add(f"SELECT * {_FROM_ENTITIES} AND {names_one_of(statements, names)}")
        return statements.question()

    def facts_of(self, entity_ids: Iterable[str]) -> Question:
        """All sets of some entities: by their names, the server compares each with each."""
        return question(f"SELECT * {_FROM_ENTITIES} AND {entity_is_any_of(entity_ids)}")

    def field_of_sets(self, field: str, entity_id: str | None = None) -> Question:
        """The names of all sets, or of those of an entity, with the value of a field, which may be missing."""
        statements = Statements()
        where = and_tag_is(statements, "entity_id", entity_id)
        statements.add(f"SELECT {FACTS_FIELD}, {identifier(field)} {_FROM_ENTITIES}{where}{group_by(ENTITY)}")
        return statements.question()

    def all_names(self) -> Question:
        """The names of all sets."""
        return question(f"SELECT {FACTS_FIELD} {_FROM_ENTITIES}{group_by(ENTITY)}")

    def names_in_events(self, start_ns: int, end_ns: int) -> Question:
        """The names of the sets that the events of a range name."""
        where = f"{between(start_ns, end_ns)}{group_by(ENTITY)}"
        return question(f"SELECT distinct({FACTS_FIELD}) AS {FACTS_FIELD} FROM {EVENTS_NAME} WHERE {where}")


def is_in(statements: Statements, area: AreaSets) -> str:
    """Return the condition that an event is in an area; one of hundreds of names would take seconds."""
    conditions = []
    if area.entities:
        conditions.append(f"({entity_is_any_of(area.entities)} AND {FACTS_FIELD} != '')")
    if area.sets:
        conditions.append(names_one_of(statements, area.sets))
    return f"({' OR '.join(conditions)})"


def entity_is_any_of(entity_ids: Iterable[str]) -> str:
    """Return the condition that the entity is one of some, by one expression."""
    return f'"entity_id" =~ /{any_of_expression(sorted(entity_ids))}/'


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
