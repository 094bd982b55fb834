"""The settings of the enrichment-pipeline."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from ha_ingestor_core.errors import InvalidInputError
from ha_ingestor_core.events import Location
from ha_ingestor_core.filters.rules import EXPECTED_PATTERNS, FilterLists, Filters, check_patterns
from ha_ingestor_core.settings.addresses import HttpAddress
from ha_ingestor_core.settings.group import SettingsGroup
from ha_ingestor_core.settings.service import LogSettings, ServiceSettings
from ha_ingestor_store.settings import StoreSettings
from pydantic import Field, SecretStr, ValidationInfo, field_validator


class PipelineSettings(SettingsGroup):
    """The enrichment-pipeline: its address, and its writes to the store."""

    host: str = Field(
        "127.0.0.1",
        validation_alias="ENRICHMENT_PIPELINE_HOST",
        min_length=1,
        description="Address the enrichment-pipeline listens on when the services run separately; 127.0.0.1: this "
        "machine only",
    )
    port: int = Field(
        8002,
        validation_alias="ENRICHMENT_PIPELINE_PORT",
        ge=0,
        le=65535,
        description="Port of the enrichment-pipeline when the services run separately (0: any free port)",
    )
    batch_size: int = Field(
        5_000,
        validation_alias="WRITE_BATCH_SIZE",
        ge=1,
        le=100_000,
        description="Number of waiting events at which a write to the store starts at once; fewer wait for "
        "WRITE_BATCH_AGE_MS",
    )
    batch_age_ms: int | None = Field(
        None,
        validation_alias="WRITE_BATCH_AGE_MS",
        ge=0,
        le=1_000,
        description="Maximum milliseconds for which events wait to be written together, 0 to 1000; a higher value "
        "reduces the load of an SD card or a server; when unset, 10 for the embedded store and 20 for "
        "InfluxDB",
    )
    queue_limit: int = Field(
        100_000,
        validation_alias="WRITE_QUEUE_LIMIT",
        ge=1,
        le=10_000_000,
        description="Maximum number of events that wait in memory for the store, 1 to 10000000; beyond it, batches "
        "are refused and sent again later",
    )
    rejected_limit_bytes: int = Field(
        64 * 1024 * 1024,
        validation_alias="REJECTED_LIMIT_BYTES",
        ge=1024 * 1024,
        le=1024**4,
        description="Size limit of the file of rejected events in DATA_DIR, 1 MiB to 1 TiB; when it is full, events "
        "wait in the spool until rejected events are replayed or discarded, or the limit is raised",
    )


class WeatherSource(StrEnum):
    """The source of the weather."""

    OFF = "off"
    HOME = "home"
    OPEN_METEO = "open-meteo"
    OPENWEATHERMAP = "openweathermap"


class WeatherSettings(SettingsGroup):
    """The weather outside, stored with every event."""

    source: WeatherSource = Field(
        WeatherSource.HOME,
        validation_alias="WEATHER_SOURCE",
        description="Source of the weather that is stored with events: home (a weather entity of Home Assistant), "
        "open-meteo, openweathermap, or off",
    )
    entity_id: str | None = Field(
        None,
        validation_alias="WEATHER_ENTITY",
        pattern=r"^weather\..+$",
        description="Weather entity to use, such as weather.home; when unset, the only one that reports the current "
        "weather; if there are several, one must be set",
    )
    api_key: SecretStr | None = Field(
        None,
        validation_alias="WEATHER_API_KEY",
        validate_default=True,
        description="API key of OpenWeatherMap, or of Open-Meteo's commercial service",
    )
    url: HttpAddress | None = Field(
        None,
        validation_alias="WEATHER_URL",
        description="Address of the weather service, if it is not the default one (Open-Meteo can be self-hosted)",
    )
    latitude: float | None = Field(
        None,
        validation_alias="WEATHER_LATITUDE",
        ge=-90,
        le=90,
        description="Latitude for the weather service, -90 to 90; when unset, the location of Home Assistant is used",
    )
    longitude: float | None = Field(
        None,
        validation_alias="WEATHER_LONGITUDE",
        ge=-180,
        le=180,
        validate_default=True,
        description="Longitude for the weather service, -180 to 180; must be set together with WEATHER_LATITUDE",
    )
    poll_minutes: float = Field(
        10.0,
        validation_alias="WEATHER_POLL_MINUTES",
        ge=1,
        le=720,
        description="Minutes between two requests to a weather service, 1 to 720",
    )
    max_age_minutes: float = Field(
        120.0,
        validation_alias="WEATHER_MAX_AGE_MINUTES",
        ge=1,
        le=1440,
        description="Minutes for which an observation applies to later events, 1 to 1440",
    )

    @property
    def location(self) -> Location | None:
        """Return the configured location; None where none is set."""
        if self.latitude is None or self.longitude is None:
            return None
        return Location(self.latitude, self.longitude)

    @field_validator("api_key")
    @classmethod
    def _is_set_where_required(cls, key: SecretStr | None, info: ValidationInfo) -> SecretStr | None:
        if key is None and info.data.get("source") is WeatherSource.OPENWEATHERMAP:
            raise ValueError("is not set, but WEATHER_SOURCE is openweathermap")
        return key

    @field_validator("longitude")
    @classmethod
    def _comes_with_a_latitude(cls, longitude: float | None, info: ValidationInfo) -> float | None:
        if "latitude" in info.data and (longitude is None) != (info.data["latitude"] is None):
            raise ValueError(
                "is not set, but WEATHER_LATITUDE is" if longitude is None else "is set, but WEATHER_LATITUDE is not"
            )
        return longitude


class FilterSettings(SettingsGroup):
    """Which events are stored; if one of these is set, filters cannot be changed at run time (docs/filters.md)."""

    include_entities: str = Field(
        "",
        validation_alias="FILTER_INCLUDE_ENTITIES",
        description="Entity IDs to include, separated by commas; * and ? are wildcards: light.kitchen,*_battery",
    )
    include_domains: str = Field(
        "",
        validation_alias="FILTER_INCLUDE_DOMAINS",
        description="Domains to include, separated by commas; * and ? are wildcards: light,sensor",
    )
    include_event_types: str = Field(
        "",
        validation_alias="FILTER_INCLUDE_EVENT_TYPES",
        description="Event types to include, separated by commas; * and ? are wildcards: state_changed,zha_*",
    )
    exclude_entities: str = Field(
        "",
        validation_alias="FILTER_EXCLUDE_ENTITIES",
        description="Entity IDs to exclude, separated by commas; * and ? are wildcards: light.kitchen,*_battery",
    )
    exclude_domains: str = Field(
        "",
        validation_alias="FILTER_EXCLUDE_DOMAINS",
        description="Domains to exclude, separated by commas; * and ? are wildcards: light,sensor",
    )
    exclude_event_types: str = Field(
        "",
        validation_alias="FILTER_EXCLUDE_EVENT_TYPES",
        description="Event types to exclude, separated by commas; * and ? are wildcards: state_changed,zha_*",
    )

    @field_validator("*")
    @classmethod
    def _are_patterns(cls, value: str, info: ValidationInfo) -> str:
        name = str(info.field_name).split("_", 1)[1]
        try:
            check_patterns("an entry", name, _split(value))
        except InvalidInputError as err:
            raise ValueError(err.message) from err
        return value

    @property
    def variables_set(self) -> list[str]:
        """Return the environment variables that set filters."""
        fields = type(self).model_fields
        return [str(field.validation_alias) for name, field in fields.items() if _split(getattr(self, name))]

    def filters(self) -> Filters:
        """Return the filters of the environment."""
        return Filters(include=self._lists("include"), exclude=self._lists("exclude"))

    def _lists(self, side: str) -> FilterLists:
        return FilterLists(**{name: _split(getattr(self, f"{side}_{name}")) for name in EXPECTED_PATTERNS})


def _split(text: str) -> list[str]:
    return [entry for entry in map(str.strip, text.split(",")) if entry]


@dataclass(frozen=True)
class Settings:
    """All settings of the enrichment-pipeline."""

    pipeline: PipelineSettings
    weather: WeatherSettings
    filters: FilterSettings
    store: StoreSettings
    service: ServiceSettings
    log: LogSettings
