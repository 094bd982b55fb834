"""The simulated recorder: a bounded history of states, and the answer to history/history_during_period."""

from __future__ import annotations

from bisect import bisect_right
from collections import deque
from collections.abc import Iterable, Mapping
from typing import Any

from msgspec import Struct

MAX_ROWS_PER_ENTITY = 5000
MAX_AGE_S = 24 * 3600.0

_SIGNIFICANT_DOMAINS = frozenset({"climate", "device_tracker", "humidifier", "water_heater"})
_DOMAINS_THAT_NEED_ATTRIBUTES = frozenset({"climate", "humidifier", "input_datetime", "water_heater"})
_UNRECORDED = frozenset({"attribution", "restored", "supported_features"})
_UNRECORDED_BY_DOMAIN = {
    "automation": _UNRECORDED | {"last_triggered", "mode", "current", "max", "id"},
    "climate": _UNRECORDED | {"hvac_modes", "min_temp", "max_temp", "target_temp_step", "preset_modes"},
    "light": _UNRECORDED | {"supported_color_modes", "min_mireds", "max_mireds"},
    "media_player": _UNRECORDED | {"entity_picture", "media_position", "media_position_updated_at", "source_list"},
    "person": _UNRECORDED | {"device_trackers"},
}


class Row(Struct, frozen=True, gc=False):
    """One recorded state; a removal is a row without a state. Times are epoch seconds."""

    state: str | None
    attributes: Mapping[str, Any]
    updated: float
    changed: float


class HistoryRequest(Struct, frozen=True):
    """The arguments of history/history_during_period, with Home Assistant's defaults; times are epoch seconds."""

    start: float
    end: float | None = None
    include_start_time_state: bool = True
    significant_changes_only: bool = True
    minimal_response: bool = False
    no_attributes: bool = False


class Recorder:
    """Records the newest states of each entity, limited by number and age."""

    def __init__(self, *, max_rows: int = MAX_ROWS_PER_ENTITY, max_age_s: float = MAX_AGE_S) -> None:
        self._max_rows = max_rows
        self._max_age_s = max_age_s
        self._rows: dict[str, deque[Row]] = {}

    def add(self, entity_id: str, row: Row) -> None:
        """Record a state and delete rows that are too old."""
        rows = self._rows.get(entity_id)
        if rows is None:
            rows = self._rows[entity_id] = deque()
        if rows and row.updated < rows[-1].updated:  # the clock was set back: the database orders rows by time
            rows.insert(bisect_right(rows, row.updated, key=lambda each: each.updated), row)
        else:
            rows.append(row)
        while len(rows) > self._max_rows or rows[0].updated < row.updated - self._max_age_s:
            rows.popleft()

    def rename(self, old_id: str, new_id: str) -> None:
        """Rename an entity in the history, as Home Assistant does, unless the new id exists."""
        if old_id in self._rows and new_id not in self._rows:
            self._rows[new_id] = self._rows.pop(old_id)

    def during(self, entity_ids: Iterable[str], request: HistoryRequest) -> dict[str, list[dict[str, Any]]]:
        """Return compressed states by entity, oldest first, without empty entities, as Home Assistant does."""
        answers = {e: compressed_states(e, list(self._rows.get(e, ())), request) for e in entity_ids}
        return {entity_id: states for entity_id, states in answers.items() if states}


def compressed_states(entity_id: str, rows: list[Row], request: HistoryRequest) -> list[dict[str, Any]]:
    """The rows strictly between start and end as {s, a, lu, lc}, of which lc is there only when it differs from lu and
    all changes are asked for.

    The start time state is invented, as Home Assistant does: the state before the start with the start as its time.
    """
    domain = entity_id.partition(".")[0]
    first = bisect_right(rows, request.start, key=lambda row: row.updated)
    inside = [row for row in rows[first:] if request.end is None or row.updated < request.end]
    if request.significant_changes_only and domain not in _SIGNIFICANT_DOMAINS:
        inside = [row for row in inside if row.changed == row.updated]
    if request.include_start_time_state and first:
        before = rows[first - 1]
        inside.insert(0, Row(before.state, before.attributes, updated=request.start, changed=request.start))
    if request.minimal_response and domain not in _DOMAINS_THAT_NEED_ATTRIBUTES:
        return _minimal(domain, inside, request)
    return [_compressed(domain, row, request) for row in inside]


def _minimal(domain: str, rows: list[Row], request: HistoryRequest) -> list[dict[str, Any]]:
    states: list[dict[str, Any]] = []
    for row in rows:
        if not states:
            states.append(_compressed(domain, row, request))
        elif row.state != states[-1]["s"]:
            states.append({"s": row.state, "lu": row.updated})
    if states and request.no_attributes:
        del states[0]["a"]
    return states


def _compressed(domain: str, row: Row, request: HistoryRequest) -> dict[str, Any]:
    unrecorded = _UNRECORDED_BY_DOMAIN.get(domain, _UNRECORDED)
    attributes = {} if request.no_attributes else row.attributes
    state: dict[str, Any] = {
        "s": row.state,
        "a": {name: value for name, value in attributes.items() if name not in unrecorded},
        "lu": row.updated,
    }
    if row.changed != row.updated and not request.significant_changes_only:
        state["lc"] = row.changed
    return state
