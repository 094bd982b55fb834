"""InfluxQL of a copy to the letter."""

from __future__ import annotations

from ha_ingestor_store.influx_influxql.exports import sizes, whole_points


def test_events_are_counted_by_the_field_that_all_have() -> None:
    text = 'SELECT count("count") FROM "home_assistant_events" WHERE time >= 5 AND time < 7'
    assert sizes("home_assistant_events", 5, 7).text == text


def test_other_points_are_counted_field_by_field() -> None:
    assert sizes("service_metrics", 5, 7).text == 'SELECT count(*) FROM "service_metrics" WHERE time >= 5 AND time < 7'


def test_whole_points_of_a_range() -> None:
    text = 'SELECT * FROM "weather" WHERE time >= -5 AND time < 7'
    assert whole_points("weather", -5, 7).text == text
