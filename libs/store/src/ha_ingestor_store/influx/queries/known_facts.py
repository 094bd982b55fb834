"""The facts that events name, looked up once and kept: what rarely changes is rarely asked for."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

from ha_ingestor_store.influx.entity_facts import NO_FACTS, FactsName, facts_in
from ha_ingestor_store.influx.influxql.client import Ask, Row
from ha_ingestor_store.influx.influxql.facts_queries import FactsQueries
from ha_ingestor_store.influx.influxql.selections import AreaSets
from ha_ingestor_store.influx.influxql.statements import Question
from ha_ingestor_store.influx.queries.records import facts_name
from ha_ingestor_store.points import Facts

_FEW_NAMES = 100
_NAMES_A_QUESTION = 50
"""What the server compares grows with their square: 50 names take 28 ms, 100 take 60 to 125, 800 four seconds."""
_ENTITIES_A_QUESTION = 500
_SETS_KEPT = 50_000
_CHARACTERS_KEPT = 16_000_000


class KnownFacts:
    """Looks facts up, and keeps them: a set never changes under its name."""

    def __init__(self, ask: Ask) -> None:
        self._ask = ask
        self._queries = FactsQueries()
        self._known: dict[FactsName, Facts] = {}
        self._characters = 0

    async def get(self, names: Iterable[FactsName | None]) -> Mapping[FactsName | None, Facts]:
        """Return the facts of each name; a set that the store lacks, and no name, have none."""
        wanted = {name for name in names if name is not None}
        found = {name: facts for name in wanted if (facts := self._known.get(name)) is not None}
        missing = [name for name in wanted if name not in found]
        for question in self._look_ups(missing):
            rows = await self._ask(question)
            looked_up = {name: facts_in(row.values) for row in rows if (name := facts_name(row.values)) is not None}
            self._keep(looked_up)
            found |= looked_up
        return {None: NO_FACTS, **{name: found.get(name, NO_FACTS) for name in wanted}}

    async def with_unit(self, entity_id: str) -> list[FactsName]:
        """Return the names of the sets of an entity that have a unit."""
        rows = await self._ask(self._queries.field_of_sets("unit", entity_id))
        return [name for name, unit in _fields(rows, "unit") if unit is not None]

    async def in_area(self, area: str) -> AreaSets:
        """Return what is in an area."""
        inside: dict[str | None, list[FactsName]] = defaultdict(list)
        outside: set[str | None] = {None}
        for name, found in _fields(await self._ask(self._queries.field_of_sets("area")), "area"):
            if found == area:
                inside[name.entity_id].append(name)
            else:
                outside.add(name.entity_id)
        entities = tuple(entity_id for entity_id in inside if entity_id and entity_id not in outside)
        return AreaSets(entities, tuple(name for each in outside & inside.keys() for name in inside[each]))

    def _look_ups(self, names: Sequence[FactsName]) -> Iterator[Question]:
        """A few sets are asked for by their names, many by their entities."""
        few = names if len(names) <= _FEW_NAMES else [name for name in names if name.entity_id is None]
        for start in range(0, len(few), _NAMES_A_QUESTION):
            yield self._queries.facts(few[start : start + _NAMES_A_QUESTION])
        entities = sorted({name.entity_id for name in names if name.entity_id}) if len(names) > _FEW_NAMES else []
        for start in range(0, len(entities), _ENTITIES_A_QUESTION):
            yield self._queries.facts_of(entities[start : start + _ENTITIES_A_QUESTION])

    def _keep(self, looked_up: Mapping[FactsName, Facts]) -> None:
        self._characters += sum(len(part) for facts in looked_up.values() for part in facts if part)
        if len(self._known) + len(looked_up) > _SETS_KEPT or self._characters > _CHARACTERS_KEPT:
            self._known.clear()
            self._characters = 0
        self._known |= looked_up


def _fields(rows: Iterable[Row], field: str) -> Iterator[tuple[FactsName, str | None]]:
    for row in rows:
        name = facts_name({**row.tags, **row.values})
        if name is not None:
            yield name, row.values.get(field)
