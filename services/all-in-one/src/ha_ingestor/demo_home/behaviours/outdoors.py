"""The weather entity and the sun."""

from __future__ import annotations

from ha_ingestor.demo_home.daily_patterns import outdoor_temperature, sun_elevation
from ha_ingestor.demo_home.simulation import Thing, Turn

_DAY_CONDITIONS = ("sunny", "partlycloudy", "cloudy", "rainy")
_NIGHT_CONDITIONS = ("clear-night", "cloudy", "rainy")


class Weather:
    """A weather entity whose condition stays for a while."""

    def __init__(self, weather: Thing) -> None:
        self._weather = weather
        self._luck = 0.0

    def take_turn(self, turn: Turn) -> float:
        """Report the weather."""
        conditions = _DAY_CONDITIONS if sun_elevation(turn.hour) > 0 else _NIGHT_CONDITIONS
        if turn.rng.random() < 0.1:
            self._luck = turn.rng.random()
        measured = {
            "temperature": round(outdoor_temperature(turn.hour), 1),
            "temperature_unit": "°C",
            "humidity": turn.rng.randrange(55, 75),
            "pressure": 1013.2,
            "pressure_unit": "hPa",
            "wind_speed": round(turn.rng.uniform(3, 16), 1),
            "wind_speed_unit": "km/h",
        }
        turn.set(self._weather, conditions[int(self._luck * len(conditions))], measured)
        return 60.0


class Sun:
    """The entity `sun.sun`."""

    def __init__(self, sun: Thing) -> None:
        self._sun = sun

    def take_turn(self, turn: Turn) -> float:
        """Report the position of the sun."""
        elevation = sun_elevation(turn.hour)
        attributes = {
            "elevation": round(elevation, 2),
            "azimuth": round(turn.hour * 15.0, 2),
            "rising": turn.hour < 12.0,
        }
        turn.set(self._sun, "above_horizon" if elevation > 0 else "below_horizon", attributes)
        return 60.0
