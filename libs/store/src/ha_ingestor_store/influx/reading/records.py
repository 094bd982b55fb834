"""What InfluxDB tells of a point, as points of ours: the same for every dialect."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec
from ha_ingestor_core.alerts import Alert, AlertLevel
from ha_ingestor_core.events import OriginKind
from ha_ingestor_core.gaps import Gap, GapReason, GapStatus
from ha_ingestor_core.service_metrics import LATENCY_SUM, ServiceMetricsPoint

from ha_ingestor_store.answers import HistoryPoint, KnownEntity
from ha_ingestor_store.influx.influxql.event_queries import KNOWN_FIELDS
from ha_ingestor_store.influx.schema import EMPTY, LEVEL_METRICS, SUMMED_METRICS, WEATHER_PREFIX
from ha_ingestor_store.influx.tags import decode_tag
from ha_ingestor_store.points import EventPoint, SeriesKey, Weather, WeatherObservation

_COUNTERS = tuple(name for name in SUMMED_METRICS if name != LATENCY_SUM)


def known_entity(values: Mapping[str, Any], home: str, entity_id: str, time_ns: int) -> KnownEntity:
    """The entity that the fields of its newest state change tell."""
    if values.get(EMPTY):
        values = with_empty(values)
    facts = {name: values.get(name) for name in KNOWN_FIELDS if name != "removed"}
    return KnownEntity(home, entity_id, time_ns, removed=bool(values.get("removed")), **facts)


def series_key(tags: Mapping[str, Any]) -> SeriesKey:
    """The key of an event's series; a tag that is absent or empty is None."""
    return (
        decode_tag(tags["home"]),
        decode_tag(tags["event_type"]),
        _tag(tags.get("domain")),
        _tag(tags.get("entity_id")),
    )


def event_point(values: Mapping[str, Any], time_ns: int) -> EventPoint:
    """The event that tags and fields tell; a field that is absent is None, an empty text is not."""
    home, event_type, domain, entity_id = series_key(values)
    if values.get(EMPTY):
        values = with_empty(values)
    value = values.get("value")
    return EventPoint(
        home=home,
        event_type=event_type,
        time_ns=time_ns,
        domain=domain,
        entity_id=entity_id,
        state=values.get("state"),
        value=None if value is None else float(value),
        old_state=values.get("old_state"),
        unit=values.get("unit"),
        friendly_name=values.get("friendly_name"),
        area=values.get("area"),
        device=values.get("device"),
        device_class=values.get("device_class"),
        attributes=values.get("attributes"),
        data=values.get("data"),
        removed=bool(values.get("removed")),
        context_id=values.get("context_id"),
        context_parent_id=values.get("context_parent_id"),
        context_user_id=values.get("context_user_id"),
        origin=values.get("origin"),
        origin_kind=OriginKind(values.get("origin_kind") or OriginKind.LIVE),
        weather=_weather(values, WEATHER_PREFIX),
        floor=values.get("floor"),
        labels=values.get("labels"),
        integration=values.get("integration"),
    )


def weather_observation(values: Mapping[str, Any], time_ns: int) -> WeatherObservation | None:
    """The observation that tags and fields tell; None where they tell none of ours."""
    weather = _weather(values)
    if weather is None:
        return None
    return WeatherObservation(_tag(values.get("home")) or "", _tag(values.get("source")) or "", time_ns, weather)


def with_empty(values: Mapping[str, Any]) -> dict[str, Any]:
    """The fields with the texts that are empty."""
    named = (values.get(EMPTY) or "").split(",")
    return {**values, **{name: "" for name in named if name and values.get(name) is None}}


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


def history_point(values: Mapping[str, Any], time_ns: int) -> HistoryPoint:
    """The state that the fields `state`, `value`, `unit` and `empty` tell."""
    if values.get(EMPTY):
        values = with_empty(values)
    value = values.get("value")
    return HistoryPoint(time_ns, values.get("state"), None if value is None else float(value), values.get("unit"))


def _weather(values: Mapping[str, Any], prefix: str = "") -> Weather | None:
    condition = values.get(f"{prefix}condition")
    numbers = {name: values.get(f"{prefix}{name}") for name in _WEATHER_NUMBERS}
    if condition is None and all(number is None for number in numbers.values()):
        return None
    return Weather(condition, **{name: None if number is None else float(number) for name, number in numbers.items()})


_WEATHER_NUMBERS = tuple(name for name in Weather.__struct_fields__ if name != "condition")


def _tag(value: str | None) -> str | None:
    return decode_tag(value) if value else None
