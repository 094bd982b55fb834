"""From a captured event to the point that is stored; its key comes from the event alone, never from a registry."""

from __future__ import annotations

import msgspec
from ha_ingestor_core.events import STATE_CHANGED, Context, Event, RawEvent, State, StateChange, StateChangedEvent
from ha_ingestor_core.filters.event_filter import KEEP_ALL, EventFilter
from ha_ingestor_store.points import EventPoint, key_digits
from msgspec import Raw, Struct

from enrichment_pipeline.points.registries import NO_FACTS, Entities
from enrichment_pipeline.validation.attributes import AttributesCache, string_in
from enrichment_pipeline.validation.decode_errors import DECODE_ERRORS, explain
from enrichment_pipeline.validation.event_reader import (
    InvalidEventError,
    read_event,
    read_state_change,
    read_state_changed_event,
    read_text,
    read_time,
)
from enrichment_pipeline.validation.normalise import numeric_value
from enrichment_pipeline.weather.home_weather import NO_WEATHER, HomeWeather

AnyEvent = Event | StateChangedEvent

_NO_CONTEXT = Context()


def to_point(
    home: str,
    raw: RawEvent,
    entities: Entities,
    attributes: AttributesCache,
    filters: EventFilter = KEEP_ALL,
    weather: HomeWeather = NO_WEATHER,
) -> EventPoint:
    """The point of one event; raises InvalidEventError that says what is wrong with it, and EventFilteredError."""
    whole = read_state_changed_event(raw.event)
    if whole is not None:
        filters.check_event_type(STATE_CHANGED)
        return _of_entity(home, raw, whole, whole.data, entities, attributes, filters, weather)
    event = read_event(raw.event)
    filters.check_event_type(event.event_type)
    if event.event_type != STATE_CHANGED:
        return _other_event(home, raw, event, entities, filters, weather)
    return _of_entity(home, raw, event, read_state_change(event.data), entities, attributes, filters, weather)


def _of_entity(
    home: str,
    raw: RawEvent,
    event: AnyEvent,
    change: StateChange,
    entities: Entities,
    attributes: AttributesCache,
    filters: EventFilter,
    weather: HomeWeather,
) -> EventPoint:
    filters.check_entity(change.entity_id)
    if change.new_state is None:
        return _removal(home, raw, event, change, entities, weather)
    return _state_change(home, raw, event, change, change.new_state, entities, attributes, weather)


class _KnownData(Struct, frozen=True):
    entity_id: Raw = Raw(b"null")
    domain: Raw = Raw(b"null")


_data_decoder: msgspec.json.Decoder[_KnownData | None] = msgspec.json.Decoder(_KnownData | None)


def _state_change(
    home: str,
    raw: RawEvent,
    event: AnyEvent,
    change: StateChange,
    new: State,
    entities: Entities,
    attributes: AttributesCache,
    weather: HomeWeather,
) -> EventPoint:
    entity_id, state = change.entity_id, new.state
    known = attributes.read(entity_id, new.attributes)
    facts = entities.get(entity_id, NO_FACTS)
    context = new.context or event.context or _NO_CONTEXT
    time_ns = read_time(new.last_updated, "data.new_state.last_updated") + key_digits(state.encode())
    return EventPoint(
        home=home,
        event_type=STATE_CHANGED,
        time_ns=time_ns,
        domain=domain_of(entity_id),
        entity_id=entity_id,
        state=state,
        value=numeric_value(state),
        old_state=change.old_state.state if change.old_state else None,
        unit=known.unit,
        friendly_name=known.friendly_name or facts.name,
        area=facts.area,
        device=facts.device,
        device_class=known.device_class or facts.device_class,
        attributes=known.text,
        context_id=context.id,
        context_parent_id=context.parent_id,
        context_user_id=context.user_id,
        origin=event.origin,
        origin_kind=raw.kind,
        weather=weather.at(time_ns),
        floor=facts.floor,
        labels=facts.labels,
        integration=facts.integration,
    )


def _removal(
    home: str, raw: RawEvent, event: AnyEvent, change: StateChange, entities: Entities, weather: HomeWeather
) -> EventPoint:
    """An entity that is gone has no `last_updated`; only the event's own time is left."""
    facts = entities.get(change.entity_id, NO_FACTS)
    context = event.context or _NO_CONTEXT
    time_ns = read_time(event.time_fired, "time_fired") + key_digits(b"")
    return EventPoint(
        home=home,
        event_type=STATE_CHANGED,
        time_ns=time_ns,
        domain=domain_of(change.entity_id),
        entity_id=change.entity_id,
        old_state=change.old_state.state if change.old_state else None,
        friendly_name=facts.name,
        area=facts.area,
        device=facts.device,
        device_class=facts.device_class,
        removed=True,
        context_id=context.id,
        context_parent_id=context.parent_id,
        context_user_id=context.user_id,
        origin=event.origin,
        origin_kind=raw.kind,
        weather=weather.at(time_ns),
        floor=facts.floor,
        labels=facts.labels,
        integration=facts.integration,
    )


def _other_event(
    home: str, raw: RawEvent, event: Event, entities: Entities, filters: EventFilter, weather: HomeWeather
) -> EventPoint:
    text = read_text(event.data, "data")
    known = _read_data(text)
    entity_id = string_in(known.entity_id) if known else None
    if entity_id is not None:
        filters.check_entity(entity_id)
    facts = entities.get(entity_id, NO_FACTS) if entity_id else NO_FACTS
    context = event.context or _NO_CONTEXT
    time_ns = read_time(event.time_fired, "time_fired") + key_digits((context.id or "").encode() + text.encode())
    return EventPoint(
        home=home,
        event_type=event.event_type,
        time_ns=time_ns,
        domain=(domain_of(entity_id) if entity_id else None) or (string_in(known.domain) if known else None),
        entity_id=entity_id,
        friendly_name=facts.name,
        area=facts.area,
        device=facts.device,
        device_class=facts.device_class,
        data=text if known else None,
        context_id=context.id,
        context_parent_id=context.parent_id,
        context_user_id=context.user_id,
        origin=event.origin,
        origin_kind=raw.kind,
        weather=weather.at(time_ns),
        floor=facts.floor,
        labels=facts.labels,
        integration=facts.integration,
    )


def domain_of(entity_id: str) -> str | None:
    """What stands before the first dot; None without a dot, or with nothing before it."""
    domain, dot, _ = entity_id.partition(".")
    return domain or None if dot else None


def _read_data(text: str) -> _KnownData | None:
    try:
        return _data_decoder.decode(text)
    except DECODE_ERRORS as err:
        raise InvalidEventError(explain(err, "data")) from err
