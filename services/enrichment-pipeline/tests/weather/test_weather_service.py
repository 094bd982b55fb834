"""What a weather service's answers mean."""

from __future__ import annotations

from typing import Any

import aiohttp
import pytest
from enrichment_pipeline.weather.errors import WeatherRefusedError, WeatherUnavailableError
from enrichment_pipeline.weather.open_meteo import OpenMeteo
from enrichment_pipeline.weather.openweathermap import OpenWeatherMap
from enrichment_pipeline.weather.weather_service import Service, ask
from ha_ingestor_core.events import Location
from ha_ingestor_store.points import Weather
from pydantic import SecretStr

KEY = SecretStr("the-secret-key")


async def asked(of: Service) -> tuple[int, Weather]:
    async with aiohttp.ClientSession() as http:
        return await ask(http, of, Location(52.37, 4.9), KEY)


async def test_the_weather_is_returned(service: Any) -> None:
    _, weather = await asked(OpenMeteo(service.url))
    assert weather.temperature_c == 7.3
    (request,) = service.asked
    assert (request.path, request.query["latitude"], request.query["apikey"]) == (
        "/v1/forecast",
        "52.37",
        "the-secret-key",
    )


@pytest.mark.parametrize(
    ("status", "body", "message"),
    [
        (401, {"cod": 401, "message": "Invalid API key the-secret-key."}, "answered 401: Invalid API key **********."),
        (400, {"error": True, "reason": "Latitude must be in range"}, "answered 400: Latitude must be in range"),
        (404, b"", "answered 404: no reason"),
        (301, b"moved", "answered 301: moved"),
    ],
)
async def test_a_refusal_needs_a_person(service: Any, status: int, body: Any, message: str) -> None:
    service.answers = [(status, body, {"Location": "/elsewhere"})]
    with pytest.raises(WeatherRefusedError) as caught:
        await asked(OpenWeatherMap(service.url))
    assert message in caught.value.message
    assert len(service.asked) == 1  # the key must not be sent to another server


@pytest.mark.parametrize(
    ("status", "headers", "retry_after_s"),
    [
        (429, {"Retry-After": "120"}, 120.0),
        (503, {}, None),
        (429, {"Retry-After": "Wed, 21 Oct 2026 07:28:00 GMT"}, None),
    ],
)
async def test_a_busy_service_is_asked_again_when_it_says(
    service: Any, status: int, headers: dict[str, str], retry_after_s: float | None
) -> None:
    service.answers = [(status, {"error": True, "reason": "Minutely API request limit exceeded"}, headers)]
    with pytest.raises(WeatherUnavailableError) as caught:
        await asked(OpenMeteo(service.url))
    assert caught.value.retry_after_s == retry_after_s


@pytest.mark.parametrize("body", [b"<html>", b"{}", b'{"current":{"time":1}}', b"\xff", b"[" * 5000])
async def test_an_answer_of_something_else_may_be_better_next_time(service: Any, body: bytes) -> None:
    service.answers = [(200, body, {})]
    with pytest.raises(WeatherUnavailableError, match="Unexpected response of"):
        await asked(OpenMeteo(service.url))


async def test_a_time_that_no_store_can_hold_is_no_weather(service: Any) -> None:
    service.answers = [(200, {"dt": 10**15, "main": {"temp": 1}}, {})]
    with pytest.raises(WeatherUnavailableError):
        await asked(OpenWeatherMap(service.url))


async def test_the_key_is_in_no_error(service: Any) -> None:
    url = service.url
    await service.server.close()
    with pytest.raises(WeatherUnavailableError) as caught:
        await asked(OpenMeteo(url))
    assert "did not answer" in caught.value.message
    assert "the-secret-key" not in repr(caught.value)
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__
