"""The last captured state of each entity; a comparison with a snapshot finds changes that Home Assistant never sent.

Home Assistant sends no event for a change whose attributes cannot be JSON, nor for the next one, which has that state
as its old one; `get_states` omits an entity while its state is such a one.
"""

from __future__ import annotations

from collections.abc import Container

import msgspec
from ha_ingestor_core.clock import datetime_to_ns
from ha_ingestor_core.events import STATE_CHANGED, AwareDatetime
from msgspec import Raw, Struct

from websocket_ingestion.states.snapshot import Snapshot


class _State(Struct, gc=False):
    last_updated: Raw


class _Data(Struct, gc=False):
    entity_id: str = ""
    new_state: _State | None = None


class _Event(Struct, gc=False):
    event_type: str
    data: _Data


_event_decoder = msgspec.json.Decoder(_Event)
_time_decoder = msgspec.json.Decoder(AwareDatetime)
_UNREADABLE = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError)


class CapturedStates:
    """Updated with every event and every snapshot, in their order."""

    def __init__(self) -> None:
        self._updated: dict[str, bytes | int] = {}

    @property
    def entities(self) -> frozenset[str]:
        """The entities that have a state."""
        return frozenset(self._updated)

    def add(self, events: list[Raw]) -> None:
        """Add events; their times are decoded when they are compared, which avoids most of the work."""
        for body in events:
            try:
                event = _event_decoder.decode(body)
            except _UNREADABLE:
                continue
            if event.event_type != STATE_CHANGED:
                continue
            if event.data.new_state is None:
                self._updated.pop(event.data.entity_id, None)
            else:
                self._updated[event.data.entity_id] = bytes(event.data.new_state.last_updated)

    def add_snapshot(self, snapshot: Snapshot) -> None:
        """Add the states of a snapshot; newer ones stay."""
        for entity_id, updated_ns in snapshot.updated.items():
            if (self.updated_ns(entity_id) or 0) <= updated_ns:
                self._updated[entity_id] = updated_ns

    def forget(self, entities: Container[str]) -> None:
        """Remove the states of entities."""
        self._updated = {entity: updated for entity, updated in self._updated.items() if entity not in entities}

    def newer_in(self, snapshot: Snapshot) -> dict[str, int]:
        """Return the entities whose state in a snapshot is newer than the captured one, and when it was updated."""
        return {
            entity_id: updated_ns
            for entity_id, updated_ns in snapshot.updated.items()
            if entity_id not in snapshot.restored and (self.updated_ns(entity_id) or 0) < updated_ns
        }

    def updated_ns(self, entity_id: str) -> int | None:
        """Return when the captured state of an entity was updated; None where there is none."""
        updated = self._updated.get(entity_id)
        if isinstance(updated, bytes):
            try:
                updated = datetime_to_ns(_time_decoder.decode(updated))
            except _UNREADABLE:
                return None
            self._updated[entity_id] = updated
        return updated
