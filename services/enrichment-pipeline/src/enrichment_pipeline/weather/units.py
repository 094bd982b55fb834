"""Measurements of the weather in metric units, whatever units a home uses."""

from __future__ import annotations

import math
from collections.abc import Mapping
from types import MappingProxyType

from enrichment_pipeline.normalise import numeric_value

_ZERO_CELSIUS_K = 273.15

_HECTOPASCALS: Mapping[str, float] = MappingProxyType(
    {
        "hPa": 1.0,
        "mbar": 1.0,
        "kPa": 10.0,
        "cbar": 10.0,
        "bar": 1000.0,
        "Pa": 0.01,
        "inHg": 33.8638866667,
        "mmHg": 1.3332239,
        "psi": 68.9475729,
    }
)
_KILOMETRES_PER_HOUR: Mapping[str, float] = MappingProxyType(
    {"km/h": 1.0, "m/s": 3.6, "mph": 1.609344, "kn": 1.852, "ft/s": 1.09728}
)
_COMPASS = ("N", "NNE", "NE", "ENE", "E", "ESE", "SE", "SSE", "S", "SSW", "SW", "WSW", "W", "WNW", "NW", "NNW")


def number(value: object) -> float | None:
    """The finite number that a JSON value is, rounded to two digits: more says nothing of the weather."""
    if isinstance(value, str):
        value = numeric_value(value)
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return None
    return round(float(value), 2)


def celsius(value: object, unit: object) -> float | None:
    """A temperature in °C; None where it is no number, or the unit is not known."""
    degrees = number(value)
    if degrees is None:
        return None
    match unit:
        case "°C":
            return degrees
        case "°F":
            return number((degrees - 32) / 1.8)
        case "K":
            return number(degrees - _ZERO_CELSIUS_K)
        case _:
            return None


def hectopascals(value: object, unit: object) -> float | None:
    """A pressure in hPa; None where it is no number, or the unit is not known."""
    return _scaled(value, unit, _HECTOPASCALS)


def kilometres_per_hour(value: object, unit: object) -> float | None:
    """A speed in km/h; None where it is no number, or the unit is not known."""
    return _scaled(value, unit, _KILOMETRES_PER_HOUR)


def bearing_degrees(value: object) -> float | None:
    """Where the wind comes from, 0 to 360; Home Assistant takes degrees and points of the compass."""
    if isinstance(value, str) and value.upper() in _COMPASS:
        return _COMPASS.index(value.upper()) * 360 / len(_COMPASS)
    return number(value)


def _scaled(value: object, unit: object, factors: Mapping[str, float]) -> float | None:
    found, factor = number(value), factors.get(unit) if isinstance(unit, str) else None
    return None if found is None or factor is None else number(found * factor)
