"""What events tell the capture itself: entities that come, go, are renamed or only remembered, changed registries."""

from __future__ import annotations

import re
from typing import Any

import msgspec
from ha_ingestor_core.clock import datetime_to_ns
from ha_ingestor_core.events import STATE_CHANGED, AwareDatetime
from msgspec import Raw, Struct

from websocket_ingestion.registries.renames import Rename


class RegistryChanges(Struct, gc=False):
    """What one frame told.

    `restored` are entities of which Home Assistant only remembers that they existed, since it was restarted, each with
    the time of the `unavailable` that it wrote for them: that happened to nobody, so it is no event.
    """

    touches_registries: bool = False
    added: list[str] = []
    removed: list[str] = []
    renamed: list[Rename] = []
    restored: list[tuple[str, int]] = []


_MAY_TELL = re.compile(rb'_state":null|_registry_updated')
_REGISTRY_EVENTS = frozenset(f"{kind}_registry_updated" for kind in ("entity", "device", "area", "floor", "label"))
_NULL = b"null"
_UNREADABLE = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError)


class _Data(Struct, gc=False):
    entity_id: Any = None
    old_entity_id: Any = None
    old_state: Raw = Raw(b"")
    new_state: Raw = Raw(b"")


class _Event(Struct, gc=False):
    event_type: str
    data: _Data
    time_fired: Raw = Raw(b"")


class _Attributes(Struct, gc=False):
    restored: Any = None


class _State(Struct, gc=False):
    last_updated: AwareDatetime
    attributes: _Attributes


_event_decoder = msgspec.json.Decoder(_Event)
_state_decoder = msgspec.json.Decoder(_State)
_time_decoder = msgspec.json.Decoder(AwareDatetime)


def read_changes(frame: bytes, events: list[Raw]) -> tuple[list[Raw], RegistryChanges | None]:
    """The events of a frame without those that are none, and what they tell; None where that is nothing.

    Looking for the bytes first spares the decoding of a second time for nearly every frame; one search for all of them
    takes 0.9 us a frame, where one for each took 2.4.
    """
    if _MAY_TELL.search(frame) is None:
        return events, None
    changes = RegistryChanges()
    return [body for body in events if _is_event(body, changes)], changes


def _is_event(body: Raw, changes: RegistryChanges) -> bool:
    """Note what an event tells; False where it only tells of a memory."""
    try:
        event = _event_decoder.decode(body)
    except _UNREADABLE:
        return True
    data = event.data
    if event.event_type in _REGISTRY_EVENTS:
        changes.touches_registries = True
        changes.renamed += _renames(event)
    elif event.event_type == STATE_CHANGED and isinstance(data.entity_id, str):
        if bytes(data.new_state) == _NULL:
            changes.removed.append(data.entity_id)
        elif bytes(data.old_state) == _NULL:
            changes.added.append(data.entity_id)
            if (remembered_ns := _remembered_ns(data.new_state)) is not None:
                changes.restored.append((data.entity_id, remembered_ns))
                return False
    return True


def _renames(event: _Event) -> list[Rename]:
    data = event.data
    if not isinstance(data.entity_id, str) or not isinstance(data.old_entity_id, str):
        return []
    try:
        return [Rename(data.old_entity_id, data.entity_id, datetime_to_ns(_time_decoder.decode(event.time_fired)))]
    except _UNREADABLE:
        return []


def _remembered_ns(state: Raw) -> int | None:
    if b'"restored"' not in bytes(state):
        return None
    try:
        told = _state_decoder.decode(state)
    except _UNREADABLE:
        return None
    return datetime_to_ns(told.last_updated) if told.attributes.restored is True else None
