"""Requests the weather from a weather service over HTTP."""

from __future__ import annotations

import re
from http import HTTPStatus
from typing import Protocol

import aiohttp
import msgspec
from ha_ingestor_core.events import Location
from ha_ingestor_store.points import Weather
from msgspec import Struct
from pydantic import SecretStr

from enrichment_pipeline.validation.decode_errors import DECODE_ERRORS
from enrichment_pipeline.validation.fields import MAX_TIME_NS, MIN_TIME_NS
from enrichment_pipeline.weather.errors import WeatherRefusedError, WeatherUnavailableError
from enrichment_pipeline.weather.units import plausible

TIMEOUT_S = 20.0
_REASON_LENGTH = 200
_SECONDS = re.compile(r"[0-9]{1,6}")  # Retry-After can also be a date
_TRY_AGAIN = frozenset({HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_MANY_REQUESTS})


class Request(Struct, frozen=True):
    """A request. Its parameters may contain a key, and must not be logged."""

    url: str
    params: dict[str, str]


class Service(Protocol):
    """A weather service, without its connection."""

    name: str

    def request(self, location: Location, key: SecretStr | None) -> Request:
        """Return the request for the current weather of a location."""
        ...

    def read(self, body: bytes) -> tuple[int, Weather]:
        """Return the time of the observation in nanoseconds, and the weather; raises DECODE_ERRORS and ValueError."""
        ...


async def ask(
    http: aiohttp.ClientSession, service: Service, location: Location, key: SecretStr | None
) -> tuple[int, Weather]:
    """Return the time and the weather; raises WeatherUnavailableError and WeatherRefusedError, without the key."""
    request = service.request(location, key)
    try:
        async with http.get(
            request.url,
            params=request.params,
            timeout=aiohttp.ClientTimeout(total=TIMEOUT_S),
            allow_redirects=False,  # the key must not be sent to another server
        ) as response:
            status, body = response.status, await response.read()
            retry_after = response.headers.get("Retry-After", "")
    except (aiohttp.ClientError, TimeoutError) as err:
        # Without the text and the cause of aiohttp's error, which may contain the address with the key.
        raise WeatherUnavailableError(f"{service.name} did not answer: {type(err).__name__}") from None
    if status == HTTPStatus.OK:
        try:
            time_ns, reported = service.read(body)
            weather = plausible(reported)
            if weather == Weather():
                raise ValueError(f"no plausible weather in {reported}")
            if not MIN_TIME_NS <= time_ns <= MAX_TIME_NS:
                raise ValueError(f"invalid time {time_ns} ns")
            return time_ns, weather
        except (*DECODE_ERRORS, ValueError) as err:
            raise WeatherUnavailableError(f"Unexpected response of {service.name}: {err}") from err
    message = f"{service.name} answered {status}: {_reason(body, key)}"
    if status in _TRY_AGAIN or status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        wait_s = float(retry_after) if _SECONDS.fullmatch(retry_after) else None
        raise WeatherUnavailableError(message, retry_after_s=wait_s)
    raise WeatherRefusedError(message)


class _Error(Struct):
    reason: str = ""  # Open-Meteo
    message: str = ""  # OpenWeatherMap


def _reason(body: bytes, key: SecretStr | None) -> str:
    try:
        error = msgspec.json.decode(body, type=_Error)
        text = error.reason or error.message
    except DECODE_ERRORS:
        text = body.decode(errors="replace")
    if key is not None:
        text = text.replace(key.get_secret_value(), str(key))
    return text[:_REASON_LENGTH] or "no reason"
