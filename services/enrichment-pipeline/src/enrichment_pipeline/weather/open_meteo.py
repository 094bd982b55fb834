"""Open-Meteo: without a key for private use, with a key on the commercial servers, or self-hosted.

https://open-meteo.com/en/docs
"""

from __future__ import annotations

import msgspec
from ha_ingestor_core.clock import NS_PER_S
from ha_ingestor_core.events import Location
from ha_ingestor_store.points import Weather
from msgspec import Struct
from pydantic import SecretStr

from enrichment_pipeline.weather.units import number
from enrichment_pipeline.weather.weather_service import Request

_FREE, _PAID = "https://api.open-meteo.com", "https://customer-api.open-meteo.com"


class OpenMeteo:
    """`Service` of Open-Meteo."""

    name = "open-meteo"

    def __init__(self, url: str | None = None) -> None:
        self._url = url

    def request(self, location: Location, key: SecretStr | None) -> Request:
        """Return the request for the current weather of a location."""
        params = {
            "latitude": f"{location.latitude}",
            "longitude": f"{location.longitude}",
            "current": ",".join(_Current.__struct_encode_fields__[1:]),
            "timeformat": "unixtime",
            "timezone": "GMT",
            "wind_speed_unit": "kmh",
        }
        if key is not None:
            params["apikey"] = key.get_secret_value()
        return Request(f"{self._url or (_PAID if key else _FREE)}/v1/forecast", params)

    def read(self, body: bytes) -> tuple[int, Weather]:
        """Return the time of the observation in nanoseconds, and the weather; raises DECODE_ERRORS and ValueError."""
        current = _decoder.decode(body).current
        return current.time * NS_PER_S, Weather(
            condition=_condition(current.weather_code, is_day=current.is_day != 0),
            temperature_c=number(current.temperature),
            humidity_percent=number(current.humidity),
            pressure_hpa=number(current.pressure),
            wind_speed_kmh=number(current.wind_speed),
            wind_bearing_deg=number(current.wind_direction),
        )


class _Current(Struct, rename={
    "temperature": "temperature_2m",
    "humidity": "relative_humidity_2m",
    "pressure": "pressure_msl",
    "wind_speed": "wind_speed_10m",
    "wind_direction": "wind_direction_10m",
}):  # fmt: skip
    time: int
    temperature: float
    humidity: float | None = None
    pressure: float | None = None
    wind_speed: float | None = None
    wind_direction: float | None = None
    weather_code: int | None = None
    is_day: int | None = None


class _Answer(Struct):
    current: _Current


_decoder = msgspec.json.Decoder(_Answer)

_CONDITIONS: dict[str, tuple[int, ...]] = {
    "sunny": (0, 1),
    "partlycloudy": (2,),
    "cloudy": (3,),
    "fog": (45, 48),
    "rainy": (51, 53, 55, 61, 63, 80, 81),
    "pouring": (65, 82),
    "snowy-rainy": (56, 57, 66, 67),
    "snowy": (71, 73, 75, 77, 85, 86),
    "lightning-rainy": (95,),
    "hail": (96, 99),
}
"""Home Assistant's conditions by WMO code, as used by Open-Meteo."""

_BY_CODE = {code: condition for condition, codes in _CONDITIONS.items() for code in codes}


def _condition(code: int | None, *, is_day: bool) -> str | None:
    condition = None if code is None else _BY_CODE.get(code)
    return "clear-night" if condition == "sunny" and not is_day else condition
