"""The weather that a `weather.*` entity of Home Assistant tells in its state and attributes."""

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
    """The weather of a state of a weather entity; None where it does not tell a plausible present temperature.

    An entity that only forecasts, or is unavailable, does not. A number without a unit that we know is left out, and so
    is one that can't be (`units.PLAUSIBLE`).
    """
    if state is None or attributes is None:
        return None
    try:
        told = _decoder.decode(attributes)
    except DECODE_ERRORS:
        return None
    temperature = units.celsius(told.temperature, told.temperature_unit)
    weather = Weather(
        condition=None if state in _NO_CONDITION else state,
        temperature_c=temperature,
        humidity_percent=units.number(told.humidity),
        pressure_hpa=units.hectopascals(told.pressure, told.pressure_unit),
        wind_speed_kmh=units.kilometres_per_hour(told.wind_speed, told.wind_speed_unit),
        wind_bearing_deg=units.bearing_degrees(told.wind_bearing),
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
