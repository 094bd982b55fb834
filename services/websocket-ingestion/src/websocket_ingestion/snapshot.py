"""The answer to `get_states` as events, built from the bytes that came."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec
from msgspec import Raw, Struct

_SLICE = 500

_states_decoder = msgspec.json.Decoder(list[Raw])


class _SnapshotState(Struct, gc=False):
    entity_id: Raw
    last_updated: Raw
    context: Raw = Raw(b"null")


_state_decoder = msgspec.json.Decoder(_SnapshotState)


def snapshot_events(states: Raw) -> Iterator[list[Raw]]:
    """The states as bodies of `state_changed` events, in slices; an answer that is no list is handed on as it came."""
    try:
        pieces = _states_decoder.decode(states)
    except (msgspec.MsgspecError, RecursionError):
        pieces = [states]
    for start in range(0, len(pieces), _SLICE):
        yield [snapshot_event(piece) for piece in pieces[start : start + _SLICE]]


def snapshot_event(state: Raw) -> Raw:
    """The event that would have led to a state, its old state untold; a state too odd for that as it came.

    The state itself stays byte for byte: it is what a later delivery of the same state must be equal to.
    """
    try:
        parts = _state_decoder.decode(state)
    except (msgspec.MsgspecError, RecursionError):
        return Raw(bytes(state))
    return Raw(
        b'{"event_type":"state_changed","data":{"entity_id":%b,"new_state":%b},"time_fired":%b,"context":%b}'
        % (parts.entity_id, state, parts.last_updated, parts.context)
    )
