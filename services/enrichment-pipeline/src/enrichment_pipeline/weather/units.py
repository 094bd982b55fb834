"""Converts measurements of the weather to metric units."""

from __future__ import annotations

import math
from collections.abc import Mapping
from types import MappingProxyType

import msgspec
from ha_ingestor_core.units import conversion
from ha_ingestor_store.points import Weather

from enrichment_pipeline.validation.normalise import numeric_value

_COMPASS = ("N", "NNE", "NE", "ENE", "E", "ESE", "SE", "SSE", "S", "SSW", "SW", "WSW", "W", "WNW", "NW", "NNW")


PLAUSIBLE: Mapping[str, tuple[float, float]] = MappingProxyType(
    {
        "temperature_c": (-100.0, 70.0),
        "humidity_percent": (0.0, 100.0),
        "pressure_hpa": (500.0, 1100.0),
        "wind_speed_kmh": (0.0, 500.0),
        "wind_bearing_deg": (0.0, 360.0),
    }
)
"""The range of valid measurements, beyond the records (-89.2 and 56.7 °C, 870 and 1085 hPa at sea level, 408 km/h).

The minimum pressure is that at 5,500 m, since some stations report the pressure at their altitude.
"""


def plausible(weather: Weather) -> Weather:
    """Return the weather without values outside PLAUSIBLE, such as a pressure with a wrong unit."""
    wrong = {
        name: None
        for name, (least, most) in PLAUSIBLE.items()
        if (value := getattr(weather, name)) is not None and not least <= value <= most
    }
    return msgspec.structs.replace(weather, **wrong) if wrong else weather


def number(value: object) -> float | None:
    """Return a JSON value as a finite number, rounded to two digits; None where it is not one."""
    if isinstance(value, str):
        value = numeric_value(value)
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return None
    return round(float(value), 2)


def celsius(value: object, unit: object) -> float | None:
    """Return a temperature in °C; None where it is not a number, or the unit is unknown."""
    return _in_unit("°C", value, unit)


def hectopascals(value: object, unit: object) -> float | None:
    """Return a pressure in hPa; None where it is not a number, or the unit is unknown."""
    return _in_unit("hPa", value, unit)


def kilometres_per_hour(value: object, unit: object) -> float | None:
    """Return a speed in km/h; None where it is not a number, or the unit is unknown."""
    return _in_unit("km/h", value, unit)


def bearing_degrees(value: object) -> float | None:
    """Return the direction of the wind, 0 to 360; Home Assistant has degrees or points of the compass."""
    if isinstance(value, str) and value.upper() in _COMPASS:
        return _COMPASS.index(value.upper()) * 360 / len(_COMPASS)
    return number(value)


def _in_unit(wanted: str, value: object, unit: object) -> float | None:
    found, convert = number(value), conversion(unit, wanted) if isinstance(unit, str) else None
    return None if found is None or convert is None else number(convert(found))
