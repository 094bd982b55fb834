"""The homes in the settings."""

from __future__ import annotations

from ha_ingestor_core.errors import InvalidSettingsError
from ha_ingestor_core.settings.group import SettingProblem
from ha_ingestor_core.settings.home_assistant import HomeAssistantSettings
from ha_ingestor_core.settings.homes import HomesSettings

from websocket_ingestion.connection.capture import Home


def configured_homes(settings: HomeAssistantSettings, further: HomesSettings) -> list[Home]:
    """Return the homes in the settings, which may be none; raises InvalidSettingsError."""
    if settings.url is None and settings.token is None and not further.homes():
        return []
    return homes_to_capture(settings, further)


def homes_to_capture(settings: HomeAssistantSettings, further: HomesSettings) -> list[Home]:
    """Return the homes in the settings, at least one; raises InvalidSettingsError with all that is missing."""
    homes = [
        Home(
            name=each.name,
            url=each.url,
            token=each.token,
            url_variable=each.url_variable,
            token_variable=each.token_variable,
            tls=each.tls,
        )
        for each in further.homes()
    ]
    if settings.url is not None or settings.token is not None or not homes:
        homes.insert(0, _first_home(settings))
    if settings.home in [home.name for home in homes[1:]]:
        problem = SettingProblem("HA_HOMES", f"names {settings.home}, as HA_HOME does", "further homes alone")
        raise InvalidSettingsError(str(problem), problems=[problem])
    return homes


def _first_home(settings: HomeAssistantSettings) -> Home:
    missing = [
        SettingProblem(variable, "is missing", expected)
        for variable, value, expected in (
            ("HA_URL", settings.url, "the address of Home Assistant, such as http://homeassistant.local:8123"),
            ("HA_TOKEN", settings.token, "a long-lived access token of Home Assistant"),
        )
        if value is None
    ]
    if settings.url is None or settings.token is None:
        raise InvalidSettingsError("\n".join(map(str, missing)), problems=missing)
    return Home(
        name=settings.home,
        url=settings.url,
        token=settings.token,
        token_variable="HA_TOKEN",  # noqa: S106
        tls=settings.tls,
    )
