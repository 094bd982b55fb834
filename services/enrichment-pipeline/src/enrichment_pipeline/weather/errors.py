"""Errors of the weather services."""

from __future__ import annotations

from ha_ingestor_core.errors import TerminalError, TransientError


class WeatherUnavailableError(TransientError):
    """The weather service did not respond, was busy, or sent an unexpected response."""

    key = "weather_unavailable"


class WeatherRefusedError(TerminalError):
    """The weather service refused the request: an invalid key, or an invalid request."""

    key = "weather_refused"
