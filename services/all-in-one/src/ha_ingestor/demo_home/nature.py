"""What the hour of the day does to a house, as pure functions of the local hour (0-24)."""

from __future__ import annotations

import math


def sun_elevation(hour: float) -> float:
    """Degrees above the horizon: highest at 12, rising at 6, setting at 18."""
    return 48.0 * math.sin((hour - 6.0) / 12.0 * math.pi)


def daylight(hour: float) -> float:
    """0 in the night to 1 at noon."""
    return max(0.0, math.sin((hour - 6.0) / 12.0 * math.pi))


def is_dark(hour: float) -> bool:
    """True when people switch lights on."""
    return daylight(hour) < 0.2


def outdoor_temperature(hour: float) -> float:
    """°C: coldest at 4, warmest at 16."""
    return 10.0 + 5.5 * math.sin((hour - 10.0) / 24.0 * 2.0 * math.pi)


def comfort_temperature(hour: float) -> float:
    """°C that the heating aims at: lower while people sleep."""
    return 21.0 if 6.0 <= hour < 22.5 else 17.5


def activity(hour: float) -> float:
    """How busy people are, 0-1: asleep in the night, busiest in the morning and the evening."""
    return 0.25 if hour < 6.0 else 0.55 + 0.45 * abs(math.cos((hour - 7.0) / 12.0 * math.pi))


def household_load(hour: float) -> float:
    """Watts that the house draws without its big devices."""
    return 140.0 + 420.0 * activity(hour) ** 2
