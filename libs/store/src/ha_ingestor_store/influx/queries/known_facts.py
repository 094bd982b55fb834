"""The facts that events name, looked up once and kept: what rarely changes is rarely asked for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from ha_ingestor_store.influx.entity_facts import NO_FACTS, FactsName, facts_in
from ha_ingestor_store.influx.influxql.client import Ask
from ha_ingestor_store.influx.influxql.facts_queries import FactsQueries
from ha_ingestor_store.influx.queries.records import facts_name
from ha_ingestor_store.points import Facts

_NAMES_A_QUESTION = 200
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
        missing = sorted((name for name in wanted if name not in found), key=lambda name: (name.entity_id or "", name))
        for start in range(0, len(missing), _NAMES_A_QUESTION):
            rows = await self._ask(self._queries.facts(missing[start : start + _NAMES_A_QUESTION]))
            looked_up = {name: facts_in(row.values) for row in rows if (name := facts_name(row.values)) is not None}
            self._keep(looked_up)
            found |= looked_up
        return {None: NO_FACTS, **{name: found.get(name, NO_FACTS) for name in wanted}}

    async def named(self, field: str, value: str | None = None, entity_id: str | None = None) -> list[FactsName]:
        """Return the names of the sets in which a field has a value, or any; of one entity or of all."""
        rows = await self._ask(self._queries.sets_with(field, value, entity_id))
        found = (facts_name({**row.tags, **row.values}) for row in rows if row.values.get(field) is not None)
        return [name for name in found if name is not None]

    def _keep(self, looked_up: Mapping[FactsName, Facts]) -> None:
        self._characters += sum(len(part) for facts in looked_up.values() for part in facts if part)
        if len(self._known) + len(looked_up) > _SETS_KEPT or self._characters > _CHARACTERS_KEPT:
            self._known.clear()
            self._characters = 0
        self._known |= looked_up
