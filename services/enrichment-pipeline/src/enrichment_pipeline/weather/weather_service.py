"""Asks a weather service over HTTP; what it says comes back as the weather, or as an error of ours."""

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
_SECONDS = re.compile(r"[0-9]{1,6}")  # a Retry-After may also be a date, or anything
_TRY_AGAIN = frozenset({HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_MANY_REQUESTS})


class Request(Struct, frozen=True):
    """What to ask. The parameters may hold a key: they are never shown."""

    url: str
    params: dict[str, str]


class Service(Protocol):
    """One kind of weather service, without its connection."""

    name: str

    def request(self, location: Location, key: SecretStr | None) -> Request:
        """What asks for the present weather of a place."""
        ...

    def read(self, body: bytes) -> tuple[int, Weather]:
        """When the weather was observed, in nanoseconds, and the weather; raises DECODE_ERRORS and ValueError."""
        ...


async def ask(
    http: aiohttp.ClientSession, service: Service, location: Location, key: SecretStr | None
) -> tuple[int, Weather]:
    """The present weather; raises WeatherUnavailableError and WeatherRefusedError, neither of which shows the key."""
    request = service.request(location, key)
    try:
        async with http.get(
            request.url,
            params=request.params,
            timeout=aiohttp.ClientTimeout(total=TIMEOUT_S),
            allow_redirects=False,  # a key goes to nobody else
        ) as response:
            status, body = response.status, await response.read()
            retry_after = response.headers.get("Retry-After", "")
    except (aiohttp.ClientError, TimeoutError) as err:
        # Not the text of aiohttp's error, which may hold the address with the key, nor the error as our cause.
        raise WeatherUnavailableError(f"{service.name} did not answer: {type(err).__name__}") from None
    if status == HTTPStatus.OK:
        try:
            time_ns, told = service.read(body)
            weather = plausible(told)
            if weather == Weather():
                raise ValueError(f"no plausible weather in {told}")
            if not MIN_TIME_NS <= time_ns <= MAX_TIME_NS:
                raise ValueError(f"the time {time_ns} ns")
            return time_ns, weather
        except (*DECODE_ERRORS, ValueError) as err:
            raise WeatherUnavailableError(f"{service.name} answered something else than the weather: {err}") from err
    message = f"{service.name} answered {status}: {_reason(body, key)}"
    if status in _TRY_AGAIN or status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        wait_s = float(retry_after) if _SECONDS.fullmatch(retry_after) else None
        raise WeatherUnavailableError(message, retry_after_s=wait_s)
    raise WeatherRefusedError(message)


class _Refusal(Struct):
    reason: str = ""  # Open-Meteo
    message: str = ""  # OpenWeatherMap


def _reason(body: bytes, key: SecretStr | None) -> str:
    try:
        told = msgspec.json.decode(body, type=_Refusal)
        text = told.reason or told.message
    except DECODE_ERRORS:
        text = body.decode(errors="replace")
    if key is not None:
        text = text.replace(key.get_secret_value(), str(key))
    return text[:_REASON_LENGTH] or "no reason"
