"""Which observation is the weather of an event, and what is asked for it."""

from __future__ import annotations

from ha_ingestor_store.influx.queries.event_weather import near_ranges, weather_at
from ha_ingestor_store.points import WEATHER_HOLDS_NS, Weather, WeatherObservation
from ha_ingestor_store.time_range import HOUR_NS

SUNNY, RAINY = Weather("sunny"), Weather("rainy")


def observed(time_ns: int, weather: Weather, home: str = "home", source: str = "weather.home") -> WeatherObservation:
    return WeatherObservation(home, source, time_ns, weather)


def test_the_last_observation_before_an_event_is_its_weather() -> None:
    told = [observed(20, RAINY), observed(10, SUNNY)]
    moments = [("home", 9), ("home", 10), ("home", 19), ("home", 20), ("home", 99)]
    assert weather_at(told, moments) == [None, SUNNY, SUNNY, RAINY, RAINY]


def test_an_observation_holds_for_its_time_and_an_older_one_does_not_take_its_place() -> None:
    brief = WeatherObservation("home", "open-meteo", 10, RAINY, holds_ns=5)
    told = [observed(0, SUNNY), brief]
    assert weather_at(told, [("home", 15), ("home", 16)]) == [RAINY, None]
    usual = [("home", WEATHER_HOLDS_NS), ("home", WEATHER_HOLDS_NS + 1)]
    assert weather_at([observed(0, SUNNY)], usual) == [SUNNY, None]


def test_homes_have_their_own_weather() -> None:
    told = [observed(10, SUNNY), observed(10, RAINY, home="cabin")]
    assert weather_at(told, [("cabin", 11), ("home", 11), ("boat", 11)]) == [RAINY, SUNNY, None]


def test_of_two_sources_in_one_nanosecond_the_later_by_name_counts() -> None:
    told = [observed(10, RAINY, source="weather.b"), observed(10, SUNNY, source="weather.a")]
    assert weather_at(told, [("home", 10)]) == weather_at(told[::-1], [("home", 10)]) == [RAINY]


def test_events_that_are_near_are_asked_for_together() -> None:
    assert near_ranges([]) == []
    assert near_ranges([5, 3, HOUR_NS, 5 * HOUR_NS]) == [(3, HOUR_NS + 1), (5 * HOUR_NS, 5 * HOUR_NS + 1)]
