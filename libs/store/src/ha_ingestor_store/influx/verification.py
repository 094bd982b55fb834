"""Verifies what an InfluxDB holds: every event finds the facts that it names."""

from __future__ import annotations

from collections.abc import AsyncIterator
from functools import partial
from itertools import islice

from ha_ingestor_core.clock import Clock

from ha_ingestor_store.checkup import CheckRun, Finding, good, problem
from ha_ingestor_store.influx.entity_facts import FactsName
from ha_ingestor_store.influx.influxql.client import Ask, Row
from ha_ingestor_store.influx.influxql.facts_queries import FactsQueries
from ha_ingestor_store.influx.influxql.statements import Question
from ha_ingestor_store.influx.queries.records import facts_name
from ha_ingestor_store.influx.reading.oldest import slices_until
from ha_ingestor_store.influx.server.http import Server
from ha_ingestor_store.influx.server.versions import supported
from ha_ingestor_store.influx.settings import InfluxSettings

FACTS = "facts"

_ENTITIES_NAMED = 5
_ADVICE = (
    "Points of the measurement entities were deleted or not restored. Restore them from a backup, and restart the "
    "enrichment-pipeline, which writes the present ones again"
)


async def verify_influxdb(settings: InfluxSettings, *, clock: Clock) -> AsyncIterator[Finding]:
    """Yield each finding about the stored data; nothing is changed, and no error is raised."""
    server = Server(settings)
    try:
        yield await CheckRun().run(
            FACTS, partial(_verify_facts, server, settings, clock), advice="Run ha-ingestor doctor"
        )
    finally:
        await server.close()


async def _verify_facts(server: Server, settings: InfluxSettings, clock: Clock) -> Finding:
    version = supported(await server.version(), server, settings)
    await version.settle()
    named, missing = await missing_facts(version.influxql, clock)
    if not missing:
        return good(FACTS, f"no facts are missing ({named:,} sets)")
    entities = sorted({name.entity_id or "" for name in missing})
    listed = ", ".join(islice(entities, _ENTITIES_NAMED)) + (", …" if len(entities) > _ENTITIES_NAMED else "")
    message = f"{len(missing):,} of {named:,} sets of facts are missing ({listed})"
    return problem(FACTS, f"{message}: the events that refer to them have no name, unit and area", _ADVICE)


async def missing_facts(ask: Ask, clock: Clock) -> tuple[int, list[FactsName]]:
    """Return how many sets of facts events name, and those of them that the store lacks."""
    queries = FactsQueries()
    stored = await _names(ask, queries.all_names())
    named: set[FactsName] = set()
    for start_ns, end_ns in slices_until(clock.now_ns()):
        named |= await _names(ask, queries.names_in_events(start_ns, end_ns))
    return len(named), sorted(named - stored, key=lambda name: (name.entity_id or "", name.home, name.hash))


async def _names(ask: Ask, question: Question) -> set[FactsName]:
    rows: list[Row] = await ask(question)
    return {name for row in rows if (name := facts_name({**row.tags, **row.values})) is not None}
