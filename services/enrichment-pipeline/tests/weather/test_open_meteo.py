"""Open-Meteo's questions and answers."""

from __future__ import annotations

import json
from typing import Any

import pytest
from enrichment_pipeline.weather.open_meteo import OpenMeteo
from ha_ingestor_core.events import Location
from ha_ingestor_store.points import Weather
from pydantic import SecretStr

PLACE = Location(52.37, 4.9)


def test_the_question() -> None:
    request = OpenMeteo().request(PLACE, None)
    assert request.url == "https://api.open-meteo.com/v1/forecast"
    assert request.params == {
        "latitude": "52.37",
        "longitude": "4.9",
        "current": "temperature_2m,relative_humidity_2m,pressure_msl,wind_speed_10m,wind_direction_10m,"
        "weather_code,is_day",
        "timeformat": "unixtime",
        "timezone": "GMT",
        "wind_speed_unit": "kmh",
    }


def test_customers_ask_another_server_with_their_key() -> None:
    request = OpenMeteo().request(PLACE, SecretStr("k"))
    assert (request.url, request.params["apikey"]) == ("https://customer-api.open-meteo.com/v1/forecast", "k")
    assert OpenMeteo("http://own").request(PLACE, SecretStr("k")).url == "http://own/v1/forecast"


def test_the_answer(open_meteo: dict[str, Any]) -> None:
    assert OpenMeteo().read(json.dumps(open_meteo).encode()) == (
        1795421700_000_000_000,
        Weather("clear-night", 7.3, 81.0, 1017.4, 14.8, 236.0),
    )


@pytest.mark.parametrize(
    ("code", "condition"), [(2, "partlycloudy"), (65, "pouring"), (95, "lightning-rainy"), (4711, None), (None, None)]
)
def test_codes_become_words_of_home_assistant(
    open_meteo: dict[str, Any], code: int | None, condition: str | None
) -> None:
    current = open_meteo["current"] | {"weather_code": code, "wind_speed_10m": None}
    _, weather = OpenMeteo().read(json.dumps({"current": current}).encode())
    assert (weather.condition, weather.wind_speed_kmh) == (condition, None)
