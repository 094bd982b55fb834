"""Opens a WebSocket to Home Assistant and logs in; each reason for a failure has its own error."""

from __future__ import annotations

import asyncio
from http import HTTPStatus

import aiohttp
from ha_ingestor_core.settings.tls import refused_certificate

from websocket_ingestion.connection.socket import (
    MAX_FRAME_BYTES,
    USUAL_TIMING,
    ClientSocket,
    HomeAssistantSocket,
    SocketTiming,
)
from websocket_ingestion.errors import (
    CertificateRefusedError,
    ForbiddenError,
    HomeAssistantUnreachableError,
)

_HINTS: dict[int, str] = {
    HTTPStatus.BAD_REQUEST: ". Add the proxy to trusted_proxies of http: in Home Assistant",
    HTTPStatus.NOT_FOUND: ". Check that the address is that of Home Assistant, including its path",
    HTTPStatus.BAD_GATEWAY: ". The proxy cannot reach Home Assistant",
    HTTPStatus.SERVICE_UNAVAILABLE: ". The proxy cannot reach Home Assistant",
}
"""What to do about an answer to the handshake."""


async def open_socket(
    http: aiohttp.ClientSession,
    url: str,
    token: str,
    timing: SocketTiming = USUAL_TIMING,
    *,
    ca_setting: str = "HA_CA_FILE",
    too_large: set[str] | None = None,
) -> HomeAssistantSocket:
    """Connect and log in; `too_large` is extended by each command whose answer exceeds the size limit of a frame.

    Raises HomeAssistantUnreachableError, CertificateRefusedError, ConnectionLostError, ForbiddenError and
    AuthInvalidError.
    """
    try:
        async with asyncio.timeout(timing.login_s):
            # Without aiohttp's heartbeat: while reading pauses nothing reads the pong, so it would disconnect.
            client: ClientSocket = await http.ws_connect(
                f"{url}/api/websocket",
                max_msg_size=MAX_FRAME_BYTES,
                decode_text=False,
                timeout=aiohttp.ClientWSTimeout(ws_close=timing.close_s),
            )
    except aiohttp.WSServerHandshakeError as err:
        if err.status == HTTPStatus.FORBIDDEN:
            raise forbidden(url) from err
        hint = _HINTS.get(err.status, "")
        raise HomeAssistantUnreachableError(f"{url}/api/websocket answered {err.status}{hint}") from err
    except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as err:
        if refused := refused_certificate(url, err, ca_setting):
            raise CertificateRefusedError(refused) from err
        raise HomeAssistantUnreachableError(f"{url} did not answer: {str(err) or type(err).__name__}") from err
    socket = HomeAssistantSocket(client, timing, set() if too_large is None else too_large)
    try:
        await socket.log_in(token)
    except BaseException:
        await socket.close()
        raise
    return socket


async def is_reachable(http: aiohttp.ClientSession, url: str, timing: SocketTiming = USUAL_TIMING) -> bool:
    """Whether Home Assistant answers a request that needs no login, and so does not count towards a ban.

    Raises ForbiddenError where it, or a proxy, answers 403.
    """
    try:
        async with http.get(f"{url}/manifest.json", timeout=aiohttp.ClientTimeout(total=timing.login_s)) as answer:
            if answer.status == HTTPStatus.FORBIDDEN:
                raise forbidden(url)
            return answer.status < HTTPStatus.INTERNAL_SERVER_ERROR
    except (aiohttp.ClientError, TimeoutError, OSError, ValueError):
        return False


def forbidden(url: str) -> ForbiddenError:
    """Return the error for an answer 403."""
    return ForbiddenError(
        f"{url} answered 403: Home Assistant has banned this address (ip_bans.yaml in its configuration folder), "
        "or a proxy refuses it"
    )
