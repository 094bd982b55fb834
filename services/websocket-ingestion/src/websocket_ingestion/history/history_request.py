"""Home Assistant's history as events: the request, its answer, and each row as the live event would have been."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
from ha_ingestor_core.clock import datetime_to_ns, ns_to_datetime
from msgspec import UNSET, Raw, Struct, UnsetType

from websocket_ingestion.registries.renames import Rename, id_at

HISTORY = "history/history_during_period"

_OVERLAP = timedelta(milliseconds=1)


class HistoryRow(Struct, gc=False):
    """One compressed state; a removal is a row without a state. Some rows come without attributes."""

    s: str | None
    lu: float
    a: Raw = Raw(b"{}")
    lc: float | None = None

    @property
    def updated(self) -> datetime:
        """`last_updated`, to the microsecond of the live event."""
        return datetime.fromtimestamp(self.lu, UTC)


class Change(Struct, frozen=True, gc=False):
    """One recovered change of an entity, by its current id."""

    entity_id: str
    time_ns: int
    state: str | None
    event: Raw


Answer = dict[str, list[HistoryRow]]

_answer_decoder: msgspec.json.Decoder[Answer] = msgspec.json.Decoder(Answer)


def history_request(entity_ids: list[str], start_ns: int, end_ns: int) -> dict[str, Any]:
    """Return the arguments of the command that requests all changes in [start, end).

    Home Assistant excludes both ends, so a little more is requested; `changes_in` drops what is outside.
    """
    return {
        "start_time": (ns_to_datetime(start_ns) - _OVERLAP).isoformat(),
        "end_time": (ns_to_datetime(end_ns) + _OVERLAP).isoformat(),
        "entity_ids": entity_ids,
        "include_start_time_state": False,
        "significant_changes_only": False,
        "minimal_response": False,
        "no_attributes": False,
    }


def read_answer(result: Raw) -> Answer:
    """Return the rows of each entity, oldest first; raises msgspec.MsgspecError."""
    return _answer_decoder.decode(result)


def changes_in(
    answer: Answer, start_ns: int, end_ns: int, states: dict[str, str | None], renames: Sequence[Rename] = ()
) -> Iterator[Change]:
    """Return the changes of an answer in [start, end), entity by entity.

    `states` holds the state that each entity had before, where that is known, and is updated to the last one.
    Home Assistant reports changes before a rename under the new id; their events have the id at their time.
    """
    for entity_id, rows in answer.items():
        for row in rows:
            time_ns = datetime_to_ns(row.updated)
            if start_ns <= time_ns < end_ns:
                id_then = id_at(entity_id, time_ns, renames)
                event = history_event(id_then, row, states.get(entity_id, UNSET))
                yield Change(entity_id, time_ns, row.s, event)
            if time_ns < end_ns:
                states[entity_id] = row.s


class _NewState(Struct):
    entity_id: str
    state: str
    attributes: Raw
    last_changed: datetime
    last_updated: datetime


class _OldState(Struct):
    state: str


class _Data(Struct, omit_defaults=True):
    entity_id: str
    new_state: _NewState | None
    old_state: _OldState | UnsetType | None = UNSET


class _Event(Struct):
    event_type: str
    data: _Data
    time_fired: datetime


def history_event(entity_id: str, row: HistoryRow, old_state: str | UnsetType | None) -> Raw:
    """Return the `state_changed` event of a row, without a context: the history has none."""
    new = None
    if row.s is not None:
        changed = row.updated if row.lc is None else datetime.fromtimestamp(row.lc, UTC)
        new = _NewState(entity_id, row.s, row.a, changed, row.updated)
    old = _OldState(old_state) if isinstance(old_state, str) else old_state
    return Raw(msgspec.json.encode(_Event("state_changed", _Data(entity_id, new, old), row.updated)))
