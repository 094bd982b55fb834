"""The weather of all homes from the configured source; the pipeline reads it for each batch without waiting."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ha_ingestor_core.clock import NS_PER_S
from ha_ingestor_core.events import Location

from enrichment_pipeline.settings import WeatherSettings, WeatherSource
from enrichment_pipeline.weather.home_weather import NO_WEATHER, HomeWeather, WeatherFromEntity
from enrichment_pipeline.weather.open_meteo import OpenMeteo
from enrichment_pipeline.weather.openweathermap import OpenWeatherMap
from enrichment_pipeline.weather.polling import WeatherPolling, WeatherSink
from enrichment_pipeline.weather.weather_service import Service

SERVICES: dict[WeatherSource, type[OpenMeteo] | type[OpenWeatherMap]] = {
    WeatherSource.OPEN_METEO: OpenMeteo,
    WeatherSource.OPENWEATHERMAP: OpenWeatherMap,
}


class WeatherEnrichment:
    """Holds the weather of every home; polling for a home starts with its first batch."""

    def __init__(self, settings: WeatherSettings, *, sink: WeatherSink, count_call: Callable[[str], None]) -> None:
        self._settings = settings
        self._sink = sink
        self._count_call = count_call
        self._homes: dict[str, HomeWeather] = {}
        self._pollings: dict[str, WeatherPolling] = {}
        self._calls = 0

    async def stop(self) -> None:
        """Stop polling."""
        for polling in self._pollings.values():
            await polling.stop()

    async def of(self, home: str) -> HomeWeather:
        """Return the known weather of a home; does not wait for a service."""
        if self._settings.source is WeatherSource.OFF:
            return NO_WEATHER
        known = self._homes.get(home)
        return known if known is not None else await self._begin(home)

    async def locate(self, home: str, location: Location | None) -> None:
        """Set the location of a home from Home Assistant; the location in the settings takes precedence."""
        await self.of(home)
        polling = self._pollings.get(home)
        if polling is not None and location is not None and self._settings.location is None:
            polling.locate(location)

    def status(self) -> dict[str, Any]:
        """Return the part of /stats about the weather."""
        errors = [polling.last_error for polling in self._pollings.values()]
        errors += [weather.problem for weather in self._homes.values()]
        return {
            "enabled": self._settings.source is not WeatherSource.OFF,
            "source": self._settings.source.value,
            "cache_hits": sum(weather.hits for weather in self._homes.values()),
            "api_calls": self._calls,
            "last_error": next((error for error in errors if error is not None), None),
        }

    async def _begin(self, home: str) -> HomeWeather:
        max_age_ns = round(self._settings.max_age_minutes * 60 * NS_PER_S)
        kind = SERVICES.get(self._settings.source)
        if kind is None:
            from_entity = WeatherFromEntity(home, max_age_ns=max_age_ns, entity_id=self._settings.entity_id)
            self._homes[home] = from_entity
            return from_entity
        weather = self._homes[home] = HomeWeather(home, max_age_ns=max_age_ns)
        polling = self._pollings[home] = self._polling(home, weather, kind(self._settings.url))
        if self._settings.location is not None:
            polling.locate(self._settings.location)
        await polling.start()
        return weather

    def _polling(self, home: str, weather: HomeWeather, service: Service) -> WeatherPolling:
        return WeatherPolling(
            home=home,
            weather=weather,
            service=service,
            key=self._settings.api_key,
            interval_s=self._settings.poll_minutes * 60,
            sink=self._sink,
            count_call=self._count,
        )

    def _count(self, status: str) -> None:
        self._calls += 1
        self._count_call(status)
