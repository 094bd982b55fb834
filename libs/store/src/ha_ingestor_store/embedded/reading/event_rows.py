"""Converts rows of events and of weather observations to points."""

from __future__ import annotations

from typing import Any

import msgspec
from ha_ingestor_core.events import OriginKind

from ha_ingestor_store.embedded.file.schema import WEATHER_COLUMNS
from ha_ingestor_store.points import EventPoint, Weather, WeatherObservation

_KIND = {kind.rank: kind for kind in OriginKind}
_WEATHER_AT = -len(WEATHER_COLUMNS)


def event_point(row: tuple[Any, ...]) -> EventPoint:
    """Return the event of a row of `events_where`."""
    home, event_type, time_ns, domain, entity_id, *fields, rank, floor, labels, integration = row[:_WEATHER_AT]
    observed = row[_WEATHER_AT:]
    point = EventPoint(home, event_type, time_ns, domain or None, entity_id or None, *fields)
    weather = Weather(*observed) if any(each is not None for each in observed) else None
    return msgspec.structs.replace(
        point,
        removed=bool(point.removed),
        origin_kind=_KIND[rank],
        weather=weather,
        floor=floor,
        labels=labels,
        integration=integration,
    )


def observation(row: tuple[Any, ...]) -> WeatherObservation:
    """Return the observation of a row of `weather_observations`."""
    home, source, time_ns, *observed = row
    return WeatherObservation(home, source, time_ns, Weather(*observed))
