"""The sun and the weather follow the hour."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from ha_ingestor.demo_home import House
from ha_ingestor.demo_home.behaviours.outdoors import Sun, Weather
from ha_ingestor.demo_home.simulation import Thing

Live = Callable[..., float]


@pytest.mark.parametrize(("hour", "state"), [(0.0, "below_horizon"), (12.0, "above_horizon")])
def test_sun_follows_the_hour(house: House, live: Live, hour: float, state: str) -> None:
    live(Sun(Thing("sun.sun", {})), turns=1, hour=hour)
    assert [s.state for s in house.states()] == [state]


@pytest.mark.parametrize(("hour", "conditions"), [(0.0, {"sunny", "partlycloudy"}), (12.0, {"clear-night"})])
def test_weather_suits_the_hour(house: House, live: Live, hour: float, conditions: set[str]) -> None:
    seen: set[str] = set()
    house.listen(lambda *_: seen.add(house.states()[0].state))
    live(Weather(Thing("weather.a", {})), turns=200, hour=hour)
    assert len(seen) > 1
    assert not seen & conditions
