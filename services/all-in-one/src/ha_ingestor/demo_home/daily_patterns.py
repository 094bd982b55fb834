"""Daily patterns as pure functions of the local hour (0-24)."""

from __future__ import annotations

import math


def sun_elevation(hour: float) -> float:
    """Return the elevation of the sun in degrees: rises at 6, highest at 12, sets at 18."""
    return 48.0 * math.sin((hour - 6.0) / 12.0 * math.pi)


def daylight(hour: float) -> float:
    """Return the daylight, from 0 at night to 1 at noon."""
    return max(0.0, math.sin((hour - 6.0) / 12.0 * math.pi))


def is_dark(hour: float) -> bool:
    """Return whether it is dark enough for lights."""
    return daylight(hour) < 0.2


def outdoor_temperature(hour: float) -> float:
    """Return the outside temperature in °C: coldest at 4, warmest at 16."""
    return 10.0 + 5.5 * math.sin((hour - 10.0) / 24.0 * 2.0 * math.pi)


def comfort_temperature(hour: float) -> float:
    """Return the target temperature in °C, lower at night."""
    return 21.0 if 6.0 <= hour < 22.5 else 17.5


def activity(hour: float) -> float:
    """Return the activity of people from 0 to 1: asleep at night, highest in the morning and the evening."""
    return 0.25 if hour < 6.0 else 0.55 + 0.45 * abs(math.cos((hour - 7.0) / 12.0 * math.pi))


def household_load(hour: float) -> float:
    """Return the base load of the house in watts."""
    return 140.0 + 420.0 * activity(hour) ** 2
