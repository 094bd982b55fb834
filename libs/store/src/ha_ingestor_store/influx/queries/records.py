"""Tags and fields of a point of InfluxDB, as points and answers of the store."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from ha_ingestor_core.alerts import Alert, AlertLevel
from ha_ingestor_core.events import OriginKind
from ha_ingestor_core.gaps import Gap, GapReason, GapStatus
from ha_ingestor_core.service_metrics import LATENCY_SUM, ServiceMetricsPoint

from ha_ingestor_store.answers import HistoryPoint, KnownEntity
from ha_ingestor_store.influx.entity_facts import NO_FACTS, FactsName
from ha_ingestor_store.influx.schema import ABSENT, FACTS_HASH, HOLDS, LEVEL_METRICS, SUMMED_METRICS, USUAL_ORIGIN
from ha_ingestor_store.influx.tags import decode_tag
from ha_ingestor_store.points import (
    FACTS,
    WEATHER_HOLDS_NS,
    EventPoint,
    Facts,
    SeriesKey,
    Weather,
    WeatherObservation,
)

_UNIT = FACTS.index("unit")
_COUNTERS = tuple(name for name in SUMMED_METRICS if name != LATENCY_SUM)


def facts_name(values: Mapping[str, Any]) -> FactsName | None:
    """What an event refers to; None where it has no facts."""
    named = values.get(FACTS_HASH)
    return FactsName(decode_tag(values["home"]), _tag(values.get("entity_id")), named) if named else None


def known_entity(values: Mapping[str, Any], home: str, entity_id: str, time_ns: int, facts: Facts) -> KnownEntity:
    """The entity that its newest state change and the facts of it tell."""
    named = dict(zip(FACTS, facts, strict=True))
    del named["attributes"]
    state = None if "state" in _absent(values) else values.get("state")
    return KnownEntity(home, entity_id, time_ns, state=state, removed=bool(values.get("removed")), **named)


def series_key(tags: Mapping[str, Any]) -> SeriesKey:
    """The key of an event's series; a tag that is absent or empty is None."""
    return (
        decode_tag(tags["home"]),
        decode_tag(tags["event_type"]),
        _tag(tags.get("domain")),
        _tag(tags.get("entity_id")),
    )


def event_point(
    values: Mapping[str, Any], time_ns: int, facts: Facts = NO_FACTS, weather: Weather | None = None
) -> EventPoint:
    """The event that tags and fields tell, with its facts; a field that is absent is None, an empty text is not."""
    home, event_type, domain, entity_id = series_key(values)
    unit, friendly_name, area, device, device_class, attributes, floor, labels, integration = facts
    absent = _absent(values)
    if absent:
        values = {name: value for name, value in values.items() if name not in absent}
    value, own_attributes, origin = values.get("value"), values.get("attributes"), values.get("origin")
    if origin is None and "origin" not in absent:
        origin = USUAL_ORIGIN
    return EventPoint(
        home=home,
        event_type=event_type,
        time_ns=time_ns,
        domain=domain,
        entity_id=entity_id,
        state=values.get("state"),
        value=None if value is None else float(value),
        old_state=values.get("old_state"),
        unit=unit,
        friendly_name=friendly_name,
        area=area,
        device=device,
        device_class=device_class,
        attributes=attributes if own_attributes is None else own_attributes,
        data=values.get("data"),
        removed=bool(values.get("removed")),
        context_id=values.get("context_id"),
        context_parent_id=values.get("context_parent_id"),
        context_user_id=values.get("context_user_id"),
        origin=origin,
        origin_kind=origin_kind(values),
        weather=weather,
        floor=floor,
        labels=labels,
        integration=integration,
    )


def origin_kind(values: Mapping[str, Any]) -> OriginKind:
    """How an event came; live is the usual, and not written."""
    return OriginKind(values.get("origin_kind") or OriginKind.LIVE)


def weather_observation(values: Mapping[str, Any], time_ns: int) -> WeatherObservation | None:
    """The observation that tags and fields tell; None where they tell none of ours."""
    weather = _weather(values)
    if weather is None:
        return None
    home, source = _tag(values.get("home")) or "", _tag(values.get("source")) or ""
    return WeatherObservation(home, source, time_ns, weather, values.get(HOLDS) or WEATHER_HOLDS_NS)


def gap(values: Mapping[str, Any], time_ns: int) -> Gap:
    """The gap that tags and fields tell."""
    return Gap(
        home=decode_tag(values["home"]),
        start_ns=time_ns,
        end_ns=values["end_ns"],
        reason=GapReason(values["reason"]),
        status=GapStatus(values["status"]),
        entities=values["entities"],
        recovered=values["recovered"],
        known=values["known"],
        lost=msgspec.json.decode(values["lost"], type=list[str]),
        found_ns=values["found_ns"],
        closed_ns=values["closed_ns"] or None,
    )


def alert(values: Mapping[str, Any], time_ns: int) -> Alert:
    """The alert that tags and fields tell."""
    acknowledged_ns = values.get("acknowledged_ns") or None
    return Alert(
        rule=decode_tag(values["rule"]),
        service=decode_tag(values["service"]),
        level=AlertLevel(values["level"]),
        message=values["message"],
        since_ns=time_ns,
        raised_ns=values["raised_ns"],
        cleared_ns=values["cleared_ns"] or None,
        acknowledged_ns=acknowledged_ns,
        acknowledged_by=values.get("acknowledged_by") if acknowledged_ns else None,
    )


def service_metrics_point(values: Mapping[str, Any], service: str, instance: str, time_ns: int) -> ServiceMetricsPoint:
    """The report that the fields of ours tell; somebody else's are left out."""
    levels = (LATENCY_SUM, *LEVEL_METRICS)
    return ServiceMetricsPoint(
        service=service,
        time_ns=time_ns,
        instance=instance,
        counters={name: int(values[name]) for name in _COUNTERS if values.get(name) is not None},
        levels={name: float(values[name]) for name in levels if values.get(name) is not None},
    )


def history_point(values: Mapping[str, Any], time_ns: int, facts: Facts) -> HistoryPoint:
    """The state that fields and facts tell."""
    absent = _absent(values)
    state = None if "state" in absent else values.get("state")
    value = None if "value" in absent else values.get("value")
    return HistoryPoint(time_ns, state, None if value is None else float(value), facts[_UNIT])


def _absent(values: Mapping[str, Any]) -> Sequence[str]:
    named: str | None = values.get(ABSENT)
    return named.split(",") if named else ()


def _weather(values: Mapping[str, Any]) -> Weather | None:
    condition = values.get("condition")
    numbers = {name: values.get(name) for name in _WEATHER_NUMBERS}
    if condition is None and all(number is None for number in numbers.values()):
        return None
    return Weather(condition, **{name: None if number is None else float(number) for name, number in numbers.items()})


_WEATHER_NUMBERS = tuple(name for name in Weather.__struct_fields__ if name != "condition")


def _tag(value: str | None) -> str | None:
    return decode_tag(value) if value else None
