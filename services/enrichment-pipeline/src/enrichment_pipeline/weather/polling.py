"""Polls a weather service for one home every few minutes, in a background task."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Sequence
from typing import Protocol

import aiohttp
import structlog
from ha_ingestor_core.errors import IngestorError, TransientError
from ha_ingestor_core.events import Location
from ha_ingestor_core.tasks import supervised
from ha_ingestor_store.points import WeatherObservation
from pydantic import SecretStr

from enrichment_pipeline.weather.home_weather import HomeWeather
from enrichment_pipeline.weather.weather_service import Service, ask

_FIRST_BACKOFF_S = 30.0
_LONGEST_BACKOFF_S = 3_600.0
_OBSERVATIONS_KEPT = 100
_COORDINATE_DIGITS = 2
"""About 1 km: exact enough for the weather, without disclosing the address."""

_log = structlog.get_logger()


class WeatherSink(Protocol):
    """Stores observations."""

    async def write_weather(self, observations: Sequence[WeatherObservation]) -> object:
        """Store the observations; one with the same key is replaced. Raises what `write_events` does."""
        ...


def next_wait(failures: int, error: IngestorError, jitter: float) -> float:
    """Return the seconds until the next attempt after consecutive failures (from 1), for a jitter of 0 to 1."""
    if not isinstance(error, TransientError):
        return _LONGEST_BACKOFF_S  # an invalid key must be changed by an operator
    doubled: float = min(_FIRST_BACKOFF_S * 2.0 ** min(failures - 1, 32), _LONGEST_BACKOFF_S)
    return max(doubled * (0.5 + 0.5 * jitter), error.retry_after_s or 0.0)


class WeatherPolling:
    """Polls the weather of a home from `start` to `stop`, once its location is known."""

    def __init__(
        self,
        *,
        home: str,
        weather: HomeWeather,
        service: Service,
        key: SecretStr | None,
        interval_s: float,
        sink: WeatherSink,
        count_call: Callable[[str], None],
        jitter: Callable[[], float] = random.random,
    ) -> None:
        self._home = home
        self._weather = weather
        self._service = service
        self._key = key
        self._interval_s = interval_s
        self._sink = sink
        self._count_call = count_call
        self._jitter = jitter
        self._location: Location | None = None
        self._located = asyncio.Event()
        self._unwritten: list[WeatherObservation] = []
        self._failures = 0
        self._task: asyncio.Task[None] | None = None
        self.last_error: str | None = f"The location of {home} is not known yet"

    def locate(self, location: Location) -> None:
        """Set the location of the home."""
        self._location = Location(
            round(location.latitude, _COORDINATE_DIGITS), round(location.longitude, _COORDINATE_DIGITS)
        )
        if not self._located.is_set():
            self.last_error = None
            self._located.set()

    async def start(self) -> None:
        """Start polling."""
        self._task = supervised(self._run, name=f"weather {self._home}")

    async def stop(self) -> None:
        """Stop polling."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _run(self) -> None:
        await self._located.wait()
        async with aiohttp.ClientSession() as http:
            while True:
                wait_s = await self._poll(http)
                await asyncio.sleep(wait_s)

    async def _poll(self, http: aiohttp.ClientSession) -> float:
        """Send one request; return the seconds until the next one."""
        assert self._location is not None
        try:
            time_ns, weather = await ask(http, self._service, self._location, self._key)
        except IngestorError as err:
            self._count_call("error")
            return self._failed(err)
        except Exception as err:
            # A programming error must not end the polling. No traceback: it could contain the key.
            self._count_call("error")
            return self._failed(TransientError(f"{self._service.name}: {type(err).__name__}"))
        self._count_call("success")
        if self._failures:
            _log.info("weather_service_recovered", home=self._home, service=self._service.name)
        self._failures, self.last_error = 0, None
        await self._write(self._weather.add(self._service.name, time_ns, weather))
        return self._interval_s

    async def _write(self, observation: WeatherObservation) -> None:
        self._unwritten = [*self._unwritten, observation][-_OBSERVATIONS_KEPT:]
        try:
            await self._sink.write_weather(self._unwritten)
        except IngestorError as err:  # logged where events are written
            _log.debug("weather_write_failed", home=self._home, error=err.message)
        else:
            self._unwritten = []

    def _failed(self, error: IngestorError) -> float:
        self._failures += 1
        log = _log.warning if self._failures == 1 else _log.debug
        log(
            "weather_request_failed",
            home=self._home,
            key=error.key,
            error=error.message,
            check="WEATHER_SOURCE, WEATHER_API_KEY",
        )
        self.last_error = error.message
        return next_wait(self._failures, error, self._jitter())
