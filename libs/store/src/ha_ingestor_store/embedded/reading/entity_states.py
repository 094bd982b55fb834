"""The states of one entity, in a range of one of its ids; and which homes and entities have states."""

from __future__ import annotations

import sqlite3

from ha_ingestor_core.events import STATE_CHANGED

from ha_ingestor_store import answers
from ha_ingestor_store.embedded.file.sql import homes_condition
from ha_ingestor_store.embedded.reading import event_queries
from ha_ingestor_store.questions import Homes, KnownEntities
from ha_ingestor_store.renames import IdRange


def homes(db: sqlite3.Connection) -> list[str]:
    """Return the homes that have events, by name."""
    return [row[0] for row in db.execute("SELECT DISTINCT home FROM groups ORDER BY home")]


def known_entities(db: sqlite3.Connection, question: KnownEntities) -> list[answers.KnownEntity]:
    """Return the entities that had a state in the range, with a seek for each series."""
    condition, values = homes_condition(question.homes)
    bounds = (question.time_range.start_ns, question.time_range.end_ns)
    rows = db.execute(
        event_queries.known_entities(f"(?1 IS NULL OR entity_id = ?1) AND event_type = ?2{condition}"),
        (question.entity_id, STATE_CHANGED, *values, *bounds),
    )
    return [
        answers.KnownEntity(home, entity_id, time_ns, state, bool(removed), *facts)
        for home, entity_id, time_ns, state, removed, *facts in rows
    ]


def states(db: sqlite3.Connection, id_range: IdRange, limit: int) -> list[answers.HistoryPoint]:
    """Return at most `limit` states, oldest first."""
    series = _state_series(db, id_range.entity_id, id_range.homes)
    values = (*series, id_range.start_ns, id_range.end_ns, limit)
    return [answers.HistoryPoint(*row) for row in db.execute(event_queries.states(len(series)), values)]


def last_state(db: sqlite3.Connection, id_range: IdRange) -> answers.HistoryPoint | None:
    """Return the newest state."""
    series = _state_series(db, id_range.entity_id, id_range.homes)
    values = (*series, id_range.start_ns, id_range.end_ns, 1)
    row = db.execute(event_queries.states(len(series), newest_first=True), values).fetchone()
    return answers.HistoryPoint(*row) if row else None


def last_unit(db: sqlite3.Connection, id_range: IdRange) -> str | None:
    """Return the unit of the newest state that has one."""
    series = _state_series(db, id_range.entity_id, id_range.homes)
    series = [row[0] for row in db.execute(event_queries.series_with_unit(len(series)), series)]
    values = (*series, id_range.start_ns, id_range.end_ns)
    row = db.execute(event_queries.latest_unit(len(series)), values).fetchone()
    return row[0] if row else None


def _state_series(db: sqlite3.Connection, entity_id: str, homes: Homes) -> list[int]:
    condition, values = homes_condition(homes)
    rows = db.execute(
        "SELECT series.id FROM series JOIN groups ON groups.id = group_id "
        f"WHERE entity_id = ? AND event_type = ?{condition}",
        (entity_id, STATE_CHANGED, *values),
    )
    return [row[0] for row in rows]
