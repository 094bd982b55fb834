"""Opens a WebSocket to Home Assistant and logs in; says what a refused connection means."""

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
    HTTPStatus.BAD_REQUEST: ": a proxy that Home Assistant does not trust? Name it in trusted_proxies of http:",
    HTTPStatus.NOT_FOUND: ": no Home Assistant there; is a path missing in the address?",
    HTTPStatus.BAD_GATEWAY: ": the proxy before Home Assistant can't reach it",
    HTTPStatus.SERVICE_UNAVAILABLE: ": the proxy before Home Assistant can't reach it",
}
"""What an answer to the handshake usually means."""


async def open_socket(
    http: aiohttp.ClientSession,
    url: str,
    token: str,
    timing: SocketTiming = USUAL_TIMING,
    *,
    ca_setting: str = "HA_CA_FILE",
    too_large: set[str] | None = None,
) -> HomeAssistantSocket:
    """Connect and log in; `too_large` are the commands whose answer was larger than a frame may be, and is added to.

    Raises HomeAssistantUnreachableError, CertificateRefusedError, ConnectionLostError, ForbiddenError and
    AuthInvalidError.
    """
    try:
        async with asyncio.timeout(timing.login_s):
            # No heartbeat of aiohttp's: while reading pauses it would take the pong that nobody reads for a dead peer.
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


async def is_there(http: aiohttp.ClientSession, url: str, timing: SocketTiming = USUAL_TIMING) -> bool:
    """Whether Home Assistant answers a request that asks for no login, and so counts towards no ban.

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
    """The error of an answer 403."""
    return ForbiddenError(
        f"{url} answered 403: Home Assistant has banned this address (ip_bans.yaml in its configuration folder), "
        "or a proxy refuses it"
    )
