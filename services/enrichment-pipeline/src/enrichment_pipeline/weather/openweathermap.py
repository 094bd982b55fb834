"""OpenWeatherMap: the current weather; requires a key.

https://openweathermap.org/current
"""

from __future__ import annotations

import msgspec
from ha_ingestor_core.clock import NS_PER_S
from ha_ingestor_core.events import Location
from ha_ingestor_store.points import Weather
from msgspec import Struct
from pydantic import SecretStr

from enrichment_pipeline.weather.units import kilometres_per_hour, number
from enrichment_pipeline.weather.weather_service import Request

_URL = "https://api.openweathermap.org"


class OpenWeatherMap:
    """`Service` of OpenWeatherMap."""

    name = "openweathermap"

    def __init__(self, url: str | None = None) -> None:
        self._url = url or _URL

    def request(self, location: Location, key: SecretStr | None) -> Request:
        """Return the request for the current weather of a location; the key is only accepted as a parameter."""
        params = {"lat": f"{location.latitude}", "lon": f"{location.longitude}", "units": "metric"}
        if key is not None:
            params["appid"] = key.get_secret_value()
        return Request(f"{self._url}/data/2.5/weather", params)

    def read(self, body: bytes) -> tuple[int, Weather]:
        """Return the time of the observation in nanoseconds, and the weather; raises DECODE_ERRORS and ValueError."""
        current = _decoder.decode(body)
        return current.dt * NS_PER_S, Weather(
            condition=_condition(current.weather[0]) if current.weather else None,
            temperature_c=number(current.main.temp),
            humidity_percent=number(current.main.humidity),
            pressure_hpa=number(current.main.pressure),
            wind_speed_kmh=kilometres_per_hour(current.wind.speed, "m/s"),
            wind_bearing_deg=number(current.wind.deg),
        )


class _Main(Struct):
    temp: float
    humidity: float | None = None
    pressure: float | None = None


class _Wind(Struct):
    speed: float | None = None
    deg: float | None = None


class _Condition(Struct):
    id: int
    icon: str = ""


class _Answer(Struct):
    dt: int
    main: _Main
    wind: _Wind = msgspec.field(default_factory=_Wind)
    weather: list[_Condition] = []


_decoder = msgspec.json.Decoder(_Answer)

_CONDITIONS: dict[str, tuple[int, ...]] = {
    "sunny": (800,),
    "partlycloudy": (801, 802),
    "cloudy": (803, 804),
    "fog": (701, 721, 741),
    "rainy": (300, 301, 302, 310, 311, 312, 313, 321, 500, 501, 520, 521, 531),
    "pouring": (314, 502, 503, 504, 522),
    "snowy-rainy": (511, 611, 612, 613, 615, 616),
    "snowy": (600, 601, 602, 620, 621, 622),
    "lightning": (210, 211, 212, 221),
    "lightning-rainy": (200, 201, 202, 230, 231, 232),
    "exceptional": (711, 731, 751, 761, 762, 771, 781),
}
"""Home Assistant's conditions by the codes of https://openweathermap.org/weather-conditions."""

_BY_CODE = {code: condition for condition, codes in _CONDITIONS.items() for code in codes}


def _condition(current: _Condition) -> str | None:
    condition = _BY_CODE.get(current.id)
    return "clear-night" if condition == "sunny" and current.icon.endswith("n") else condition
