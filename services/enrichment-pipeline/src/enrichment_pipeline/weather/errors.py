"""Why a weather service did not tell the weather."""

from __future__ import annotations

from ha_ingestor_core.errors import TerminalError, TransientError


class WeatherUnavailableError(TransientError):
    """The weather service did not answer, was busy, or answered with something else than the weather."""

    key = "weather_unavailable"


class WeatherRefusedError(TerminalError):
    """The weather service refuses us: a wrong key, or a wrong question."""

    key = "weather_refused"
