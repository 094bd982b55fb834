"""The event model: the messages of Home Assistant, decoded by msgspec directly from its frames."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Literal

import msgspec
from msgspec import UNSET, Meta, Raw, Struct, UnsetType

STATE_CHANGED = "state_changed"

AwareDatetime = Annotated[datetime, Meta(tz=True)]
"""A time with an offset; one without is invalid, since it is ambiguous."""


class OriginKind(StrEnum):
    """How an event was received. Of two versions of one event, live takes precedence over snapshot over backfill."""

    LIVE = "live"
    SNAPSHOT = "snapshot"
    BACKFILL = "backfill"

    @property
    def rank(self) -> int:
        """Return the precedence: of two versions of one event, the higher one is stored."""
        return _RANKS[self]


_RANKS = {OriginKind.BACKFILL: 0, OriginKind.SNAPSHOT: 1, OriginKind.LIVE: 2}


class Context(Struct, frozen=True, gc=False):
    """The origin of an event; `parent_id` is the context of the event that caused it."""

    id: str | None = None
    parent_id: str | None = None
    user_id: str | None = None


class State(Struct, frozen=True):
    """One state of one entity; `attributes` is the JSON as received."""

    entity_id: str
    state: str
    last_updated: AwareDatetime
    attributes: Raw = Raw(b"{}")
    context: Context | None = None


class OldState(Struct, frozen=True, gc=False):
    """The part of the previous state that is used."""

    state: str


class StateChange(Struct, frozen=True):
    """The data of a `state_changed` event: `old_state` null = added, `new_state` null = removed.

    A snapshot has no `old_state`, which differs from null.
    """

    entity_id: str
    new_state: State | None
    old_state: OldState | UnsetType | None = UNSET


class Event(Struct, frozen=True):
    """One event of Home Assistant's bus; `data` is JSON, decoded by event type."""

    event_type: str
    time_fired: AwareDatetime
    data: Raw = Raw(b"{}")
    origin: str | None = None
    context: Context | None = None


class StateChangedEvent(Struct, frozen=True):
    """A `state_changed` event with decoded data: nearly all events are of this type."""

    event_type: Literal["state_changed"]
    time_fired: AwareDatetime
    data: StateChange
    origin: str | None = None
    context: Context | None = None


class RawEvent(Struct, frozen=True, gc=False):
    """One event as captured, not yet decoded.

    `event` is the JSON object that Home Assistant sent. A frame that is not JSON is kept as a JSON string and will be
    rejected with a reason. `received_ns` is the wall-clock time of its arrival.
    """

    event: Raw
    received_ns: int
    kind: OriginKind = OriginKind.LIVE


class EventBatch(Struct, frozen=True):
    """Events of one home on their way to the enrichment-pipeline, oldest first.

    `registry_version` is the version of the registries when the batch was sent; None where none are known.
    """

    home: str
    events: list[RawEvent]
    registry_version: str | None = None


class Location(Struct, frozen=True):
    """The location of a home, in degrees."""

    latitude: float
    longitude: float


class Registries(Struct, frozen=True):
    """The registries of Home Assistant as received: JSON arrays, `[]` where a release has no such registry.

    `location` is that of Home Assistant's configuration, if set.
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
