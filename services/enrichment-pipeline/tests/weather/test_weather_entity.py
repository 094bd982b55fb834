"""Weather entities as Home Assistant reports them."""

from __future__ import annotations

import json
from typing import Any

import pytest
from enrichment_pipeline.weather.weather_entity import read_weather
from ha_ingestor_store.points import Weather

IMPERIAL = {
    "temperature": 59,
    "temperature_unit": "°F",
    "humidity": 64,
    "pressure": 30.0,
    "pressure_unit": "inHg",
    "wind_speed": 10,
    "wind_speed_unit": "mph",
    "wind_bearing": "NW",
    "attribution": "somebody",
}


def read(state: str | None, attributes: Any) -> Weather | None:
    text = attributes if isinstance(attributes, str) or attributes is None else json.dumps(attributes)
    return read_weather(state, text)


def test_imperial_units_are_converted_to_metric_ones() -> None:
    assert read("partlycloudy", IMPERIAL) == Weather(
        condition="partlycloudy",
        temperature_c=15.0,
        humidity_percent=64.0,
        pressure_hpa=1015.92,
        wind_speed_kmh=16.09,
        wind_bearing_deg=315.0,
    )


def test_missing_values_are_unknown() -> None:
    assert read("unknown", {"temperature": 3, "temperature_unit": "°C", "pressure": 1000}) == Weather(temperature_c=3.0)


@pytest.mark.parametrize(
    ("state", "attributes"),
    [
        ("sunny", {"forecast": []}),
        ("sunny", {"temperature": None, "temperature_unit": "°C"}),
        ("sunny", {"temperature": 21.0}),
        ("unavailable", {}),
        ("sunny", "[1]"),
        ("sunny", None),
        (None, IMPERIAL),
    ],
)
def test_an_entity_without_the_current_weather_is_none(state: str | None, attributes: Any) -> None:
    assert read(state, attributes) is None
