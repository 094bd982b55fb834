"""Day and night as functions of the hour."""

from __future__ import annotations

from ha_ingestor.demo_home import daily_patterns

HOURS = [quarter / 4 for quarter in range(96)]


def test_sun_is_up_from_six_to_six() -> None:
    assert daily_patterns.sun_elevation(5.9) < 0 < daily_patterns.sun_elevation(6.1)
    assert daily_patterns.sun_elevation(17.9) > 0 > daily_patterns.sun_elevation(18.1)


def test_nights_are_dark_and_noon_is_not() -> None:
    assert daily_patterns.is_dark(0.0)
    assert daily_patterns.is_dark(23.0)
    assert not daily_patterns.is_dark(12.0)


def test_afternoon_is_warmest_and_early_morning_coldest() -> None:
    assert max(HOURS, key=daily_patterns.outdoor_temperature) == 16.0
    assert min(HOURS, key=daily_patterns.outdoor_temperature) == 4.0


def test_people_sleep_in_the_night() -> None:
    assert daily_patterns.activity(3.0) < min(daily_patterns.activity(hour) for hour in HOURS if hour >= 6.0)
    assert daily_patterns.comfort_temperature(3.0) < daily_patterns.comfort_temperature(12.0)


def test_house_always_draws_power() -> None:
    assert all(100.0 < daily_patterns.household_load(hour) < 1000.0 for hour in HOURS)
