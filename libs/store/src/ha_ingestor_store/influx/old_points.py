"""Recognises a bucket whose events were written before the first release, in a form that nothing reads any more."""

from __future__ import annotations

from ha_ingestor_store.checkup import Finding, good, problem
from ha_ingestor_store.influx.influxql.client import Ask
from ha_ingestor_store.influx.influxql.statements import EVENTS_NAME, question
from ha_ingestor_store.influx.schema import EVENTS

STORED = "stored events"

_OLD_FIELDS = frozenset({"unit", "friendly_name", "area", "device", "device_class", "empty"})
"""What an event had as fields of its own; since the first release they are in `entities`."""
_ADVICE = (
    f"use another bucket (INFLUXDB_BUCKET), or delete the measurement {EVENTS} and the rollups. "
    "No release has written such events, and none reads them"
)


async def check_stored_events(ask: Ask) -> Finding:
    """Return whether the events have the form that this release reads."""
    fields = {str(row.values["fieldKey"]) for row in await ask(question(f"SHOW FIELD KEYS FROM {EVENTS_NAME}"))}
    if old := sorted(fields & _OLD_FIELDS):
        message = f"some were written before the first release (fields {', '.join(old)}): they have no names and units"
        return problem(STORED, message, _ADVICE)
    return good(STORED, "this release reads them" if fields else "there are none yet")
