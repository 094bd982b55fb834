"""A scripted weather service, and the responses of two real ones."""

from __future__ import annotations

from typing import Any

from aiohttp import web
from aiohttp.test_utils import TestServer

OPEN_METEO: dict[str, Any] = {
    "latitude": 52.366,
    "longitude": 4.901,
    "generationtime_ms": 0.07,
    "utc_offset_seconds": 0,
    "timezone": "GMT",
    "elevation": 13.0,
    "current_units": {"time": "unixtime", "interval": "seconds", "temperature_2m": "°C", "weather_code": "wmo code"},
    "current": {
        "time": 1795421700,
        "interval": 900,
        "temperature_2m": 7.3,
        "relative_humidity_2m": 81,
        "pressure_msl": 1017.4,
        "wind_speed_10m": 14.8,
        "wind_direction_10m": 236,
        "weather_code": 0,
        "is_day": 0,
    },
}
OPENWEATHERMAP: dict[str, Any] = {
    "coord": {"lon": 10.99, "lat": 44.34},
    "weather": [{"id": 501, "main": "Rain", "description": "moderate rain", "icon": "10d"}],
    "base": "stations",
    "main": {"temp": 25.33, "feels_like": 25.59, "temp_min": 24.4, "temp_max": 26.9, "pressure": 1015, "humidity": 64},
    "visibility": 10000,
    "wind": {"speed": 0.62, "deg": 349, "gust": 1.18},
    "rain": {"1h": 3.16},
    "clouds": {"all": 100},
    "dt": 1661870592,
    "sys": {"type": 2, "id": 2075663, "country": "IT", "sunrise": 1661834187, "sunset": 1661882248},
    "timezone": 7200,
    "id": 3163858,
    "name": "Zocca",
    "cod": 200,
}


class ScriptedService:
    """A weather service on a loopback socket: returns `answers` in order, and repeats the last one."""

    def __init__(self) -> None:
        self.answers: list[tuple[int, Any, dict[str, str]]] = [(200, OPEN_METEO, {})]
        self.asked: list[web.Request] = []
        app = web.Application()
        app.router.add_get("/{path:.*}", self._answer)
        self.server = TestServer(app)

    @property
    def url(self) -> str:
        return str(self.server.make_url("")).rstrip("/")

    async def _answer(self, request: web.Request) -> web.Response:
        self.asked.append(request)
        status, body, headers = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(body, bytes):
            return web.Response(status=status, body=body, headers=headers)
        return web.json_response(body, status=status, headers=headers)
