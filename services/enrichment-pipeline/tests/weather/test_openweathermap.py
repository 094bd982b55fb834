"""OpenWeatherMap's questions and answers."""

from __future__ import annotations

import json
from typing import Any

import pytest
from enrichment_pipeline.weather.openweathermap import OpenWeatherMap
from ha_ingestor_core.events import Location
from ha_ingestor_store.points import Weather
from pydantic import SecretStr


def test_the_question() -> None:
    request = OpenWeatherMap().request(Location(44.34, -10.99), SecretStr("k"))
    assert request.url == "https://api.openweathermap.org/data/2.5/weather"
    assert request.params == {"lat": "44.34", "lon": "-10.99", "units": "metric", "appid": "k"}


def test_the_answer(openweathermap: dict[str, Any]) -> None:
    assert OpenWeatherMap().read(json.dumps(openweathermap).encode()) == (
        1661870592_000_000_000,
        Weather("rainy", 25.33, 64.0, 1015.0, 2.23, 349.0),
    )


@pytest.mark.parametrize(
    ("weather", "condition"),
    [
        ([{"id": 800, "icon": "01n"}], "clear-night"),
        ([{"id": 800, "icon": "01d"}], "sunny"),
        ([{"id": 781}, {"id": 800}], "exceptional"),
        ([{"id": 1}], None),
        ([], None),
    ],
)
def test_codes_become_words_of_home_assistant(
    openweathermap: dict[str, Any], weather: list[dict[str, Any]], condition: str | None
) -> None:
    _, found = OpenWeatherMap().read(json.dumps(openweathermap | {"weather": weather}).encode())
    assert found.condition == condition


def test_least_answer() -> None:
    assert OpenWeatherMap().read(b'{"dt":1,"main":{"temp":-1}}') == (1_000_000_000, Weather(temperature_c=-1.0))
