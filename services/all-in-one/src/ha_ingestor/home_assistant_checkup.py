"""Checks Home Assistant as the capture will meet it: its WebSocket, the token, and its clock."""

from __future__ import annotations

from collections.abc import AsyncIterator

import aiohttp
from ha_ingestor_core.clock import Clock
from ha_ingestor_core.settings import HomeAssistantSettings
from ha_ingestor_store.checkup import Course, Finding, compare_clocks, good, note, problem
from websocket_ingestion.errors import AuthInvalidError, ConnectionLostError, HomeAssistantUnreachableError
from websocket_ingestion.socket import SocketTiming, open_socket

NAME, CLOCK = "Home Assistant", "its clock"

_TIMING = SocketTiming(login_s=10.0)
_TIMEOUT = aiohttp.ClientTimeout(total=10)
_NEW_TOKEN = (
    "make a new long-lived access token (Home Assistant, your profile, Security) and set HA_TOKEN; "  # noqa: S105
    "wrong ones, tried often, lead to a ban"
)


async def check_home_assistant(settings: HomeAssistantSettings, *, clock: Clock) -> AsyncIterator[Finding]:
    """Every finding as it is made; the token is tried once. Raises no error."""
    url, token = settings.url, settings.token
    if url is None or token is None:
        yield note(
            NAME, "none is configured: `ha-ingestor run all` shows a demo home", "set HA_URL and HA_TOKEN in .env"
        )
        return
    course = Course()
    async with aiohttp.ClientSession(timeout=_TIMEOUT) as http:
        advice = "HA_URL should be the address of Home Assistant, such as http://homeassistant.local:8123"
        yield await course.make(NAME, lambda: _log_in(http, url, token.get_secret_value()), advice=advice)
        yield await course.make(CLOCK, lambda: _clock(http, url, clock), NAME)


async def _log_in(http: aiohttp.ClientSession, url: str, token: str) -> Finding:
    try:
        socket = await open_socket(http, url, token, _TIMING)
    except AuthInvalidError as err:
        return problem(NAME, err.message, _NEW_TOKEN)
    except HomeAssistantUnreachableError as err:
        return problem(NAME, err.message, "start Home Assistant, or set HA_URL to where it listens")
    except ConnectionLostError as err:
        return problem(NAME, f"{url}: {err.message}", "HA_URL should be the address of Home Assistant")
    try:
        return good(NAME, f"{url} is Home Assistant {socket.ha_version or 'of unknown version'}, and knows the token")
    finally:
        await socket.close()


async def _clock(http: aiohttp.ClientSession, url: str, clock: Clock) -> Finding:
    before_ns = clock.now_ns()
    # A page that asks for no login: at one that does, a request without a token counts as a failed login.
    async with http.get(f"{url}/manifest.json") as answer:
        date = answer.headers.get("Date", "")
    advice = "set both by NTP: events carry the time of Home Assistant's clock"
    return compare_clocks(CLOCK, NAME, date, before_ns, clock.now_ns(), advice)
