"""The tables of the file of rejected events, and the conversion of their rows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ha_ingestor_core.delivery import ReplayOutcome
from ha_ingestor_core.events import OriginKind
from ha_ingestor_store.points import RejectedEvent
from ha_ingestor_store.questions import RecentRejected
from msgspec.structs import replace

TABLES = """
CREATE TABLE IF NOT EXISTS rejected_events (
  id TEXT PRIMARY KEY, home TEXT NOT NULL, time_ns INTEGER NOT NULL, service TEXT NOT NULL, key TEXT NOT NULL,
  message TEXT NOT NULL, payload TEXT NOT NULL, origin_kind TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS rejected_by_time ON rejected_events (time_ns DESC, id, key, home, service);
CREATE TABLE IF NOT EXISTS replays (
  id TEXT PRIMARY KEY, replayed_ns INTEGER NOT NULL, outcome TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS expired_states (
  home TEXT, entity_id TEXT, time_ns INTEGER NOT NULL, PRIMARY KEY (home, entity_id)
) WITHOUT ROWID;
"""
"""Replays have a table of their own: marking an entry in place would write its payload again, for which a full file has
no room."""

ENTRIES = "rejected_events LEFT JOIN replays USING (id)"
_COLUMNS = RejectedEvent.__struct_fields__
COLUMNS = ", ".join(_COLUMNS)
COLUMNS_WITHOUT_PAYLOAD = COLUMNS.replace("payload", "''")
_INSERTED = [name for name in _COLUMNS if name not in ("replayed_ns", "outcome")]

INSERT = f"INSERT OR IGNORE INTO rejected_events ({', '.join(_INSERTED)}) VALUES ({', '.join('?' * len(_INSERTED))})"
WHERE = (
    "time_ns >= :start AND time_ns < :end AND (:home IS NULL OR home = :home) "
    "AND (:service IS NULL OR service = :service) AND (:key IS NULL OR key = :key) "
    "AND (:replayed IS NULL OR (outcome IS NOT NULL) = :replayed)"
)
PAGE = (
    f"SELECT {{columns}}, length(CAST(payload AS BLOB)) FROM {ENTRIES} WHERE {WHERE} AND (:cursor_ns IS NULL "
    "OR time_ns < :cursor_ns OR time_ns = :cursor_ns AND id > :cursor_id) ORDER BY time_ns DESC, id LIMIT :limit"
)


def row_of(event: RejectedEvent, max_payload_bytes: int) -> tuple[Any, ...]:
    """Return the values of INSERT; a payload that is too long is cut. The id stays that of the whole event."""
    payload = event.payload.encode(errors="backslashreplace")
    message = event.message
    if len(payload) > max_payload_bytes:
        message = f"{message} (the payload of {len(payload):,} bytes is cut to {max_payload_bytes:,})"
    cut = payload[:max_payload_bytes].decode(errors="ignore")
    stored = replace(event, id=event.id, message=message, payload=cut)
    return tuple(getattr(stored, name) for name in _INSERTED)


def event_of(row: Sequence[Any]) -> RejectedEvent:
    """Return the event in a row of COLUMNS."""
    values = dict(zip(_COLUMNS, row, strict=True))
    values["origin_kind"] = OriginKind(values["origin_kind"])
    values["outcome"] = ReplayOutcome(values["outcome"]) if values["outcome"] else None
    return RejectedEvent(**values)


def parameters_of(question: RecentRejected) -> dict[str, Any]:
    """Return the parameters of WHERE."""
    return {
        "start": question.time_range.start_ns,
        "end": question.time_range.end_ns,
        "home": question.home,
        "service": question.service,
        "key": question.key,
        "replayed": question.replayed,
    }


def page_parameters_of(question: RecentRejected) -> dict[str, Any]:
    """Return the parameters of PAGE: one row more than the page has tells whether another page follows."""
    cursor = question.cursor
    return parameters_of(question) | {
        "cursor_ns": cursor.time_ns if cursor else None,
        "cursor_id": cursor.id if cursor else None,
        "limit": question.limit + 1,
    }
