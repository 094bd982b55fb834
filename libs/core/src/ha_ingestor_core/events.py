"""The event model: what Home Assistant sends, decoded by msgspec straight from its frames."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Literal

import msgspec
from msgspec import UNSET, Meta, Raw, Struct, UnsetType

STATE_CHANGED = "state_changed"

AwareDatetime = Annotated[datetime, Meta(tz=True)]
"""A time with an offset; one without is refused, since nobody could say which moment it means."""


class OriginKind(StrEnum):
    """How an event reached us. One key, two versions: live beats snapshot beats backfill."""

    LIVE = "live"
    SNAPSHOT = "snapshot"
    BACKFILL = "backfill"

    @property
    def rank(self) -> int:
        """The greater rank wins when two versions of one event meet."""
        return _RANKS[self]


_RANKS = {OriginKind.BACKFILL: 0, OriginKind.SNAPSHOT: 1, OriginKind.LIVE: 2}


class Context(Struct, frozen=True, gc=False):
    """Who caused an event; `parent_id` links it to the event that led to it."""

    id: str | None = None
    parent_id: str | None = None
    user_id: str | None = None


class State(Struct, frozen=True):
    """One state of one entity; `attributes` stays the JSON that came."""

    entity_id: str
    state: str
    last_updated: AwareDatetime
    attributes: Raw = Raw(b"{}")
    context: Context | None = None


class OldState(Struct, frozen=True, gc=False):
    """The part of the previous state that anybody reads."""

    state: str


class StateChange(Struct, frozen=True):
    """The data of a `state_changed` event: `old_state` null = added, `new_state` null = removed.

    In a snapshot the old state is not told at all, which is not the same as null.
    """

    entity_id: str
    new_state: State | None
    old_state: OldState | UnsetType | None = UNSET


class Event(Struct, frozen=True):
    """One event of Home Assistant's bus; `data` stays JSON until the event type is known."""

    event_type: str
    time_fired: AwareDatetime
    data: Raw = Raw(b"{}")
    origin: str | None = None
    context: Context | None = None


class StateChangedEvent(Struct, frozen=True):
    """A `state_changed` event with its data understood: what nearly every event is."""

    event_type: Literal["state_changed"]
    time_fired: AwareDatetime
    data: StateChange
    origin: str | None = None
    context: Context | None = None


class RawEvent(Struct, frozen=True, gc=False):
    """One event as it was captured, before anybody has understood it.

    `event` is the JSON object that Home Assistant sent. A frame that was no JSON is kept as one JSON string: it will be
    rejected with its reason, not lost. `received_ns` is the wall time of its arrival.
    """

    event: Raw
    received_ns: int
    kind: OriginKind = OriginKind.LIVE


class EventBatch(Struct, frozen=True):
    """Events of one home on their way to the enrichment-pipeline, oldest first.

    `registry_version` names the registries that were valid when the batch was sent; None where none are known.
    """

    home: str
    events: list[RawEvent]
    registry_version: str | None = None


class Location(Struct, frozen=True):
    """Where a home is, in degrees."""

    latitude: float
    longitude: float


class Registries(Struct, frozen=True):
    """What Home Assistant's registries list, as it sent them: JSON arrays, `[]` where a release has no such command.

    `location` is where it says that the home is, if it does.
    """

    home: str
    version: str
    entities: Raw = Raw(b"[]")
    devices: Raw = Raw(b"[]")
    areas: Raw = Raw(b"[]")
    location: Location | None = None
    floors: Raw = Raw(b"[]")
    labels: Raw = Raw(b"[]")


decode_event: Callable[[Raw | bytes], Event] = msgspec.json.Decoder(Event).decode
"""Return the event in a JSON object; raises msgspec.MsgspecError that names the invalid field."""

decode_state_changed_event: Callable[[Raw | bytes], StateChangedEvent] = msgspec.json.Decoder(StateChangedEvent).decode
"""Return a `state_changed` event with its data decoded, too; raises msgspec.MsgspecError for any other event."""

decode_state_change: Callable[[Raw | bytes], StateChange] = msgspec.json.Decoder(StateChange).decode
"""Return the data of a `state_changed` event; raises msgspec.MsgspecError that names the invalid field."""
