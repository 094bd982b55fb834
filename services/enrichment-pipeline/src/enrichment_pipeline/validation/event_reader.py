"""Reads captured events; each is a valid event, or an error with the reason of its rejection or filtering."""

from __future__ import annotations

import msgspec
from ha_ingestor_core.events import (
    STATE_CHANGED,
    Context,
    Event,
    StateChange,
    StateChangedEvent,
    decode_event,
    decode_state_change,
    decode_state_changed_event,
)
from ha_ingestor_core.filters.event_filter import EventFilter
from ha_ingestor_store.points import key_digits
from msgspec import Raw, Struct

from enrichment_pipeline.validation.attributes import NO_ATTRIBUTES, Attributes, AttributesCache, string_in
from enrichment_pipeline.validation.decode_errors import (
    DECODE_ERRORS,
    InvalidEventError,
    empty_field,
    explain,
)
from enrichment_pipeline.validation.fields import read_text, read_time

_NO_CONTEXT = Context()


class ValidEvent(Struct, frozen=True, gc=False):
    """The content of one event, typed and in range. `time_ns` is derived from the event alone: it is part of its key.

    An event of another type than `state_changed` has `data` and no state; a removal has neither.
    """

    event_type: str
    time_ns: int
    entity_id: str | None
    domain: str | None
    context: Context
    origin: str | None
    state: str | None = None
    old_state: str | None = None
    attributes: Attributes = NO_ATTRIBUTES
    data: str | None = None
    removed: bool = False


class EventReader:
    """Decodes, filters and validates events."""

    def __init__(self, filters: EventFilter, attributes: AttributesCache) -> None:
        self._filters = filters
        self._attributes = attributes

    def read(self, raw: Raw) -> ValidEvent:
        """Return the event in a JSON object; raises InvalidEventError and EventFilteredError."""
        try:
            # Nearly all events are valid state changes; decoding both layers at once takes half the time.
            event = decode_state_changed_event(raw)
        except DECODE_ERRORS:
            return self._read_in_layers(raw)
        if not event.data.entity_id:
            return self._read_in_layers(raw)
        self._filters.check_event_type(STATE_CHANGED)
        return self._state_change(event, event.data)

    def _read_in_layers(self, raw: Raw) -> ValidEvent:
        """Read any event layer by layer, which shows what is invalid."""
        event = _decode_event(raw)
        self._filters.check_event_type(event.event_type)
        if event.event_type == STATE_CHANGED:
            return self._state_change(event, _decode_change(event.data))
        return self._other_event(event)

    def _state_change(self, event: Event | StateChangedEvent, change: StateChange) -> ValidEvent:
        entity_id, new = change.entity_id, change.new_state
        self._filters.check_entity(entity_id)
        old_state = change.old_state.state if change.old_state else None
        if new is None:  # a removal has no `last_updated`, only the time of the event
            return ValidEvent(
                event_type=STATE_CHANGED,
                time_ns=read_time(event.time_fired, "time_fired") + key_digits(b""),
                entity_id=entity_id,
                domain=domain_of(entity_id),
                context=event.context or _NO_CONTEXT,
                origin=event.origin,
                old_state=old_state,
                removed=True,
            )
        attributes = self._attributes.read(entity_id, new.attributes)
        return ValidEvent(
            event_type=STATE_CHANGED,
            time_ns=read_time(new.last_updated, "data.new_state.last_updated") + key_digits(new.state.encode()),
            entity_id=entity_id,
            domain=domain_of(entity_id),
            context=new.context or event.context or _NO_CONTEXT,
            origin=event.origin,
            state=new.state,
            old_state=old_state,
            attributes=attributes,
        )

    def _other_event(self, event: Event) -> ValidEvent:
        text = read_text(event.data, "data")
        known = _read_data(text) or _NO_DATA
        entity_id = string_in(known.entity_id)
        if entity_id is not None:
            self._filters.check_entity(entity_id)
        context = event.context or _NO_CONTEXT
        identity = (context.id or "").encode() + text.encode()
        return ValidEvent(
            event_type=event.event_type,
            time_ns=read_time(event.time_fired, "time_fired") + key_digits(identity),
            entity_id=entity_id,
            domain=(domain_of(entity_id) if entity_id else None) or string_in(known.domain),
            context=context,
            origin=event.origin,
            data=None if known is _NO_DATA else text,
        )


def domain_of(entity_id: str) -> str | None:
    """The part before the first dot; None without a dot, and where that part is empty."""
    domain, dot, _ = entity_id.partition(".")
    return domain or None if dot else None


def _decode_event(raw: Raw) -> Event:
    try:
        event = decode_event(raw)
    except DECODE_ERRORS as err:
        raise InvalidEventError(explain(err, "event")) from err
    if not event.event_type:
        raise InvalidEventError(empty_field("event_type"))
    return event


def _decode_change(data: Raw) -> StateChange:
    try:
        change = decode_state_change(data)
    except DECODE_ERRORS as err:
        raise InvalidEventError(explain(err, "data")) from err
    if not change.entity_id:
        raise InvalidEventError(empty_field("data.entity_id"))
    return change


class _KnownData(Struct, frozen=True):
    entity_id: Raw = Raw(b"null")
    domain: Raw = Raw(b"null")


_NO_DATA = _KnownData()
_data_decoder: msgspec.json.Decoder[_KnownData | None] = msgspec.json.Decoder(_KnownData | None)


def _read_data(text: str) -> _KnownData | None:
    try:
        return _data_decoder.decode(text)
    except DECODE_ERRORS as err:
        raise InvalidEventError(explain(err, "data")) from err
