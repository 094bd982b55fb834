"""What weather an event takes."""

from __future__ import annotations

import bisect
from typing import Any

import pytest
from enrichment_pipeline.validation.attributes import Attributes
from enrichment_pipeline.validation.event_reader import ValidEvent
from enrichment_pipeline.weather import home_weather
from enrichment_pipeline.weather.home_weather import NO_WEATHER, HomeWeather, WeatherFromEntity
from ha_ingestor_core.events import Context
from ha_ingestor_store.points import Weather, WeatherObservation
from hypothesis import given
from hypothesis import strategies as st

HOUR = 3_600_000_000_000


def event(entity_id: str, time_ns: int, **rest: Any) -> ValidEvent:
    return ValidEvent("state_changed", time_ns, entity_id, "weather", Context(), "LOCAL", **rest)


def reported(entity_id: str, time_ns: int, degrees: float = 20.0, state: str = "sunny") -> ValidEvent:
    attributes = f'{{"temperature":{degrees},"temperature_unit":"°C"}}'
    return event(entity_id, time_ns, state=state, attributes=Attributes(attributes))


def heard(entity_id: str | None = None) -> WeatherFromEntity:
    return WeatherFromEntity("home", max_age_ns=2 * HOUR, entity_id=entity_id)


def degrees(weather: HomeWeather, time_ns: int) -> float | None:
    found = weather.at(time_ns)
    return None if found is None else found.temperature_c


@given(st.lists(st.integers(0, 50)), st.integers(-5, 60), st.integers(0, 20))
def test_an_event_takes_the_newest_observation_before_it_that_is_fresh_enough(
    times: list[int], asked: int, max_age: int
) -> None:
    weather = HomeWeather("home", max_age_ns=max_age)
    for time_ns in times:
        weather.add("s", time_ns, Weather(temperature_c=float(time_ns)))
    before = sorted(times)[: bisect.bisect_right(sorted(times), asked)]
    expected = float(before[-1]) if before and asked - before[-1] <= max_age else None
    assert degrees(weather, asked) == expected


def test_an_observation_says_how_long_it_holds() -> None:
    weather = HomeWeather("home", max_age_ns=HOUR)
    assert weather.add("s", 5, Weather("sunny")) == WeatherObservation("home", "s", 5, Weather("sunny"), HOUR)


def test_an_event_of_hours_ago_does_not_get_the_weather_of_now() -> None:
    weather = heard()
    weather.observe(reported("weather.home", 100 * HOUR))
    assert weather.at(95 * HOUR) is None
    weather.observe(reported("weather.home", 94 * HOUR, 3.0))  # from the history, later
    assert (degrees(weather, 95 * HOUR), degrees(weather, 100 * HOUR)) == (3.0, 20.0)


def test_a_repeated_observation_replaces_the_first() -> None:
    weather = heard()
    for each in (1.0, 2.0):
        weather.observe(reported("weather.home", HOUR, each))
    assert (degrees(weather, HOUR), len(weather._times)) == (2.0, 1)


def test_the_oldest_are_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(home_weather, "_OBSERVATIONS_KEPT", 3)
    weather = heard()
    for us in (5, 1, 4, 2, 3):
        weather.observe(reported("weather.home", us * 1000, float(us)))
    assert [degrees(weather, us * 1000) for us in (2, 3, 5)] == [None, 3.0, 5.0]


def test_the_only_entity_is_used() -> None:
    weather = heard()
    assert weather.observe(reported("weather.b", HOUR, 1.0)) is not None
    assert weather.problem is None
    assert degrees(weather, HOUR + 10) == 1.0


def test_of_several_entities_none_is_used_until_one_is_named() -> None:
    weather = heard()
    weather.observe(reported("weather.b", HOUR, 1.0))
    assert weather.observe(reported("weather.a", HOUR + 5000, 2.0)) is None
    assert weather.observe(reported("weather.b", HOUR + 9000, 3.0)) is None
    assert degrees(weather, HOUR + 10_000) is None
    assert weather.problem is not None
    assert "Set WEATHER_ENTITY to one of weather.a, weather.b." in weather.problem


def test_an_entity_is_the_only_one_again_when_the_other_falls_silent() -> None:
    weather = heard()
    weather.observe(reported("weather.a", HOUR, 1.0))
    assert weather.observe(reported("weather.b", 3 * HOUR, 2.0)) is None
    assert weather.observe(reported("weather.b", 3 * HOUR + 1000, 3.0)) is not None
    assert degrees(weather, 4 * HOUR) == 3.0
    assert weather.problem is None


def test_an_entity_is_the_only_one_again_when_the_other_is_removed() -> None:
    weather = heard()
    for entity_id in ("weather.a", "weather.b"):
        weather.observe(reported(entity_id, HOUR))
    weather.observe(event("weather.a", HOUR + 1000, removed=True))
    assert weather.observe(reported("weather.b", HOUR + 2000)) is not None


def test_an_old_report_of_another_entity_is_not_ambiguous() -> None:
    weather = heard()
    weather.observe(reported("weather.a", 9 * HOUR, 1.0))
    assert weather.observe(reported("weather.b", HOUR, 2.0)) is None
    assert (degrees(weather, 9 * HOUR), weather.problem) == (1.0, None)


def test_a_named_entity_is_the_only_one() -> None:
    weather = heard("weather.b")
    assert weather.observe(reported("weather.a", HOUR)) is None
    assert weather.observe(reported("weather.b", HOUR)) is not None
    assert weather.observe(reported("weather.c", 9 * HOUR)) is None


def test_an_event_of_the_same_microsecond_takes_it() -> None:
    weather = heard()
    observation = weather.observe(reported("weather.a", HOUR + 987))
    assert observation is not None
    assert observation.time_ns == HOUR
    assert degrees(weather, HOUR + 12) == 20.0


def test_an_unavailable_entity_changes_nothing() -> None:
    weather = heard()
    weather.observe(reported("weather.a", HOUR, 1.0))
    gone = event("weather.a", HOUR + 1000, state="unavailable", attributes=Attributes("{}"))
    assert weather.observe(gone) is None
    assert degrees(weather, HOUR + 2) == 1.0


def test_events_that_found_theirs_are_counted() -> None:
    weather = heard()
    weather.observe(reported("weather.a", HOUR))
    for time_ns in (HOUR, HOUR + 1000, 0, 9 * HOUR):
        weather.at(time_ns)
    assert weather.hits == 2


def test_no_weather_knows_nothing() -> None:
    assert NO_WEATHER.observe(reported("weather.a", 1)) is None
    assert NO_WEATHER.at(1) is None
