"""The answer to `get_states`: its states as events, byte for byte, and when each was last updated."""

from __future__ import annotations

from collections.abc import Container, Iterator

import msgspec
from ha_ingestor_core.clock import datetime_to_ns
from ha_ingestor_core.events import AwareDatetime
from msgspec import Raw, Struct

_SLICE = 500

_UNREADABLE = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError)

_states_decoder = msgspec.json.Decoder(list[Raw])


class Snapshot(Struct, frozen=True):
    """The states that become events, and the time at which each entity's state was last updated.

    `restored` are entities that Home Assistant only restored from its registry after a restart: their `unavailable` is
    no event, because no state has changed.
    """

    states: list[Raw]
    updated: dict[str, int]
    restored: frozenset[str] = frozenset()

    def of(self, entities: Container[str]) -> Snapshot:
        """Return the part about some entities."""
        states = [state for state in self.states if _entity_of(state) in entities]
        return Snapshot(states, {entity: time_ns for entity, time_ns in self.updated.items() if entity in entities})

    def events(self) -> Iterator[list[Raw]]:
        """Return the states as bodies of `state_changed` events, in slices."""
        for start in range(0, len(self.states), _SLICE):
            yield [snapshot_event(piece) for piece in self.states[start : start + _SLICE]]


class _SnapshotState(Struct, gc=False):
    entity_id: Raw
    last_updated: Raw
    context: Raw = Raw(b"null")


class _Attributes(Struct, gc=False):
    restored: bool = False


class _Identity(Struct, gc=False):
    entity_id: str
    last_updated: AwareDatetime


class _Restored(Struct, gc=False):
    attributes: _Attributes


_state_decoder = msgspec.json.Decoder(_SnapshotState)
_identity_decoder = msgspec.json.Decoder(_Identity)
_restored_decoder = msgspec.json.Decoder(_Restored)


def read_snapshot(answer: Raw) -> Snapshot:
    """Return the states of an answer; one that is no list, or an unreadable state, is kept unchanged."""
    try:
        pieces = _states_decoder.decode(answer)
    except _UNREADABLE:
        return Snapshot([answer], {})
    updated: dict[str, int] = {}
    restored: set[str] = set()
    states: list[Raw] = []
    for piece in pieces:
        try:
            identity = _identity_decoder.decode(piece)
        except _UNREADABLE:
            states.append(piece)
            continue
        updated[identity.entity_id] = datetime_to_ns(identity.last_updated)
        if _is_restored(piece):
            restored.add(identity.entity_id)
        else:
            states.append(piece)
    return Snapshot(states, updated, frozenset(restored))


def snapshot_event(state: Raw) -> Raw:
    """Return the event that leads to a state, without an old state; an unreadable state is kept unchanged.

    The state itself is kept byte for byte: a later delivery of the same state must be equal to it.
    """
    try:
        parts = _state_decoder.decode(state)
    except (msgspec.MsgspecError, RecursionError):
        return Raw(bytes(state))
    return Raw(
        b'{"event_type":"state_changed","data":{"entity_id":%b,"new_state":%b},"time_fired":%b,"context":%b}'
        % (parts.entity_id, state, parts.last_updated, parts.context)
    )


def _entity_of(state: Raw) -> str | None:
    try:
        return _identity_decoder.decode(state).entity_id
    except _UNREADABLE:
        return None


def _is_restored(state: Raw) -> bool:
    if b'"restored"' not in bytes(state):  # avoids decoding nearly all of them
        return False
    try:
        return _restored_decoder.decode(state).attributes.restored
    except _UNREADABLE:
        return False
