"""Keeps the weather of one home known by asking a service every few minutes, in a task that nobody waits for."""

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
"""About a kilometre: near enough for the weather, and not somebody's address."""

_log = structlog.get_logger()


class WeatherSink(Protocol):
    """Where observations are kept."""

    async def write_weather(self, observations: Sequence[WeatherObservation]) -> object:
        """Store the observations; one with the same key is replaced. Raises what `write_events` does."""
        ...


def next_wait(failures: int, error: IngestorError, jitter: float) -> float:
    """Seconds until the next attempt after so many failures in a row (from 1), for a jitter of 0 to 1."""
    if not isinstance(error, TransientError):
        return _LONGEST_BACKOFF_S  # a wrong key stays wrong until a person has changed it
    doubled: float = min(_FIRST_BACKOFF_S * 2.0 ** min(failures - 1, 32), _LONGEST_BACKOFF_S)
    return max(doubled * (0.5 + 0.5 * jitter), error.retry_after_s or 0.0)


class WeatherPolling:
    """Asks for the weather of a home from `start` to `stop`, once its place is known."""

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
        self.last_error: str | None = f"The place of {home} is not known yet"

    def locate(self, location: Location) -> None:
        """Say where the home is."""
        self._location = Location(
            round(location.latitude, _COORDINATE_DIGITS), round(location.longitude, _COORDINATE_DIGITS)
        )
        if not self._located.is_set():
            self.last_error = None
            self._located.set()

    async def start(self) -> None:
        """Begin to ask."""
        self._task = supervised(self._run, name=f"weather {self._home}")

    async def stop(self) -> None:
        """Ask no more."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _run(self) -> None:
        await self._located.wait()
        async with aiohttp.ClientSession() as http:
            while True:
                wait_s = await self._turn(http)
                await asyncio.sleep(wait_s)

    async def _turn(self, http: aiohttp.ClientSession) -> float:
        """Ask once; how long to wait then."""
        assert self._location is not None
        try:
            time_ns, weather = await ask(http, self._service, self._location, self._key)
        except IngestorError as err:
            self._count_call("error")
            return self._failed(err)
        except Exception as err:
            # A mistake of ours over the weather must not end it for good. No traceback: it could hold the key.
            self._count_call("error")
            return self._failed(TransientError(f"{self._service.name}: {type(err).__name__}"))
        self._count_call("success")
        if self._failures:
            _log.info("weather_is_told_again", home=self._home, service=self._service.name)
        self._failures, self.last_error = 0, None
        await self._write(self._weather.learn(self._service.name, time_ns, weather))
        return self._interval_s

    async def _write(self, observation: WeatherObservation) -> None:
        self._unwritten = [*self._unwritten, observation][-_OBSERVATIONS_KEPT:]
        try:
            await self._sink.write_weather(self._unwritten)
        except IngestorError as err:  # the store's trouble is said where events are written
            _log.debug("weather_not_written", home=self._home, error=err.message)
        else:
            self._unwritten = []

    def _failed(self, error: IngestorError) -> float:
        self._failures += 1
        log = _log.warning if self._failures == 1 else _log.debug
        log("weather_not_told", home=self._home, key=error.key, error=error.message, check="WEATHER_SOURCE and its key")
        self.last_error = error.message
        return next_wait(self._failures, error, self._jitter())
