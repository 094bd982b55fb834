"""Checks each Home Assistant: its WebSocket API, the token and its rights, and its clock."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import aiohttp
from ha_ingestor_core.clock import Clock, ns_to_datetime
from ha_ingestor_core.errors import IngestorError
from ha_ingestor_store.checkup import CheckRun, Finding, compare_clocks, good, note, problem, skipped
from websocket_ingestion.connection.capture import Home
from websocket_ingestion.connection.handshake import open_socket
from websocket_ingestion.connection.protocol import Frame
from websocket_ingestion.connection.refused_token import RefusedToken, refusal_path
from websocket_ingestion.connection.socket import HomeAssistantSocket, SocketTiming
from websocket_ingestion.connection.subscription import Subscription, subscribe
from websocket_ingestion.errors import (
    AuthInvalidError,
    CertificateRefusedError,
    ConnectionLostError,
    ForbiddenError,
    HomeAssistantUnreachableError,
    SubscriptionRefusedError,
)

NAME, RIGHTS, CLOCK = "Home Assistant", "token rights", "clock"

_TIMING = SocketTiming(login_s=10.0)
_TIMEOUT = aiohttp.ClientTimeout(total=10)


async def check_homes(
    homes: Sequence[Home], *, data_dir: Path, clock: Clock, is_alone: bool = False
) -> AsyncIterator[Finding]:
    """Yield findings as they are made; a token that was refused recently is not tried again. Raises no error.

    If the services run separately (`is_alone`), only websocket-ingestion has the settings of the homes.
    """
    if not homes and is_alone:
        yield skipped(
            NAME, "not checked: run this command where websocket-ingestion runs, which has the address and the token"
        )
    elif not homes:
        advice = "set HA_URL and HA_TOKEN in .env"
        yield note(NAME, "not configured: `ha-ingestor run all` shows a demo home", advice)
    for home in homes:
        async with aiohttp.ClientSession(timeout=_TIMEOUT, connector=home.tls.connector()) as http:
            name = NAME if len(homes) == 1 else home.name
            check = _HomeCheck(home, name, http, RefusedToken(refusal_path(data_dir, home.name), clock), clock)
            checks = CheckRun()
            yield await checks.run(name, check.log_in, advice=f"correct {home.url_variable}")
            yield await checks.run(RIGHTS, check.rights, name)
            yield await checks.run(CLOCK, check.clock, name)


async def try_token(home: Home) -> str | None:
    """Log in with the token of a home and return the version of its Home Assistant; raises what open_socket raises."""
    token = home.token.get_secret_value()
    async with aiohttp.ClientSession(connector=home.tls.connector()) as http:
        socket = await open_socket(http, home.url, token, _TIMING, ca_setting=home.ca_variable)
        await socket.close()
        return socket.ha_version


class _HomeCheck:
    """The checks of one home."""

    def __init__(self, home: Home, name: str, http: aiohttp.ClientSession, refused: RefusedToken, clock: Clock) -> None:
        self._home = home
        self._name = name
        self._http = http
        self._refused = refused
        self._clock = clock
        self._allowed: Subscription | IngestorError | None = None

    async def log_in(self) -> Finding:
        name, home, token = self._name, self._home, self._home.token.get_secret_value()
        known = self._refused.refusal
        if known is not None and known.forbids(token, self._clock.now_ns()):
            at = f"{ns_to_datetime(known.last_ns):%Y-%m-%d %H:%M} UTC"
            message = f"Home Assistant refused the token {known.refusals} times, last at {at}; it was not tried again"
            return problem(name, message, self._new_token())
        try:
            socket = await open_socket(self._http, home.url, token, _TIMING, ca_setting=home.ca_variable)
        except AuthInvalidError as err:
            self._refused.refused(token)
            return problem(name, err.message, self._new_token())
        except ForbiddenError as err:
            advice = (
                "remove the address of this machine from ip_bans.yaml and restart Home Assistant, or check the log of "
                "the proxy"
            )
            return problem(name, err.message, advice)
        except CertificateRefusedError as err:
            advice = (
                f"set {home.ca_variable} to the PEM file of the authority, or {home.url_variable} to the name in the "
                "certificate"
            )
            return problem(name, err.message, advice)
        except HomeAssistantUnreachableError as err:
            return problem(name, err.message, f"start Home Assistant, or correct {home.url_variable}")
        except ConnectionLostError as err:
            expected = f"set {home.url_variable} to the address of Home Assistant"
            return problem(name, f"{home.url}: {err.message}", expected)
        self._refused.accepted()  # Home Assistant resets its count, so the service may try immediately
        try:
            self._allowed = await _subscription(socket)
        finally:
            await socket.close()
        version = socket.ha_version or "(unknown version)"
        return good(name, f"{home.url} is Home Assistant {version}, and accepts the token")

    async def rights(self) -> Finding:
        advice = f"set {self._home.token_variable} to the token of an administrator"
        if isinstance(self._allowed, SubscriptionRefusedError):
            return problem(RIGHTS, self._allowed.message, advice)
        if not isinstance(self._allowed, Subscription):
            return note(RIGHTS, f"not checked: {self._allowed}", "try again")
        if self._allowed.event_types is None:
            return good(RIGHTS, "receives every event type")
        message = f"not an administrator's token; it receives only {', '.join(self._allowed.event_types)}"
        return note(RIGHTS, message, f"{advice}: call_service, automation_triggered and all other types are missing")

    async def clock(self) -> Finding:
        before_ns = self._clock.now_ns()
        # This page requires no login; on other pages a request without a token counts as a failed login.
        async with self._http.get(f"{self._home.url}/manifest.json") as answer:
            date = answer.headers.get("Date", "")
        advice = "synchronise both clocks with NTP: events have the time of Home Assistant's clock"
        return compare_clocks(CLOCK, NAME, date, before_ns, self._clock.now_ns(), advice)

    def _new_token(self) -> str:
        option = "" if self._home.url_variable == "HA_URL" else f" --home {self._home.name}"
        return (
            "create a long-lived access token in Home Assistant (your profile, Security), and set "
            f"{self._home.token_variable} with `ha-ingestor token set{option}`"
        )


async def _subscription(socket: HomeAssistantSocket) -> Subscription | IngestorError:
    """Return what the token may subscribe to, or the error."""
    reading = asyncio.create_task(socket.read(_Discard()))
    try:
        return await subscribe(socket)
    except IngestorError as err:
        return err
    finally:
        reading.cancel()
        await asyncio.gather(reading, return_exceptions=True)


class _Discard:
    """A sink that discards everything."""

    is_full = False

    def accept(self, frame: Frame) -> None:
        pass

    async def wait_for_room(self) -> None:
        pass
