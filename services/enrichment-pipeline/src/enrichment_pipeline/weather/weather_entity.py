"""Reads the weather from the state and the attributes of a `weather.*` entity."""

from __future__ import annotations

from typing import Any

import msgspec
from ha_ingestor_store.points import Weather
from msgspec import Struct

from enrichment_pipeline.validation.decode_errors import DECODE_ERRORS
from enrichment_pipeline.weather import units

DOMAIN = "weather"

_NO_CONDITION = frozenset({"", "unknown", "unavailable"})


def read_weather(state: str | None, attributes: str | None) -> Weather | None:
    """Return the weather of a state; None where it has no plausible current temperature.

    An entity with forecasts alone, or an unavailable one, has none. Numbers with an unknown unit and implausible ones
    (`units.PLAUSIBLE`) are ignored.
    """
    if state is None or attributes is None:
        return None
    try:
        decoded = _decoder.decode(attributes)
    except DECODE_ERRORS:
        return None
    temperature = units.celsius(decoded.temperature, decoded.temperature_unit)
    weather = Weather(
        condition=None if state in _NO_CONDITION else state,
        temperature_c=temperature,
        humidity_percent=units.number(decoded.humidity),
        pressure_hpa=units.hectopascals(decoded.pressure, decoded.pressure_unit),
        wind_speed_kmh=units.kilometres_per_hour(decoded.wind_speed, decoded.wind_speed_unit),
        wind_bearing_deg=units.bearing_degrees(decoded.wind_bearing),
    )
    weather = units.plausible(weather)
    return None if weather.temperature_c is None else weather


class _Attributes(Struct):
    temperature: Any = None
    temperature_unit: Any = None
    humidity: Any = None
    pressure: Any = None
    pressure_unit: Any = None
    wind_speed: Any = None
    wind_speed_unit: Any = None
    wind_bearing: Any = None


_decoder = msgspec.json.Decoder(_Attributes)
