"""The loop that keeps one home connected: connect, run a session, wait, repeat."""

from __future__ import annotations

import asyncio
from functools import partial

import aiohttp
import structlog
from ha_ingestor_core.errors import IngestorError, UnexpectedError
from ha_ingestor_core.settings.env_file import CurrentToken
from ha_ingestor_core.settings.tls import USUAL_TLS, Tls
from ha_ingestor_core.tasks import supervised
from msgspec import Struct
from pydantic import SecretStr

from websocket_ingestion.connection.handshake import is_reachable, open_socket
from websocket_ingestion.connection.reconnect import ReconnectPolicy
from websocket_ingestion.connection.refused_token import RefusedToken
from websocket_ingestion.connection.session import Session, SessionParts
from websocket_ingestion.connection.socket import USUAL_TIMING, SocketTiming
from websocket_ingestion.errors import AuthInvalidError, ConnectionLostError, ForbiddenError

_log = structlog.get_logger()


class Home(Struct, frozen=True):
    """The Home Assistant to capture, and the name under which its events are stored.

    `token` is the one at the start; where `token_variable` names a setting, a newer token is read from there.
    """

    name: str
    url: str
    token: SecretStr
    token_variable: str | None = None
    url_variable: str = "HA_URL"
    tls: Tls = USUAL_TLS

    @property
    def ca_variable(self) -> str:
        """The setting that names a certificate authority."""
        return self.url_variable.replace("HA_URL", "HA_CA_FILE", 1)


class Capture:
    """Reads a home's events into the intake, from `start` to `stop`."""

    def __init__(
        self,
        *,
        home: Home,
        session_parts: SessionParts,
        policy: ReconnectPolicy,
        refused_token: RefusedToken,
        timing: SocketTiming = USUAL_TIMING,
    ) -> None:
        self._home = home
        self._parts = session_parts
        self._policy = policy
        self._token = CurrentToken(home.token, home.token_variable)
        self._refused_token = refused_token
        self._timing = timing
        self._too_large: set[str] = set()
        self._is_stopping = False
        self._task: asyncio.Task[None] | None = None

    @property
    def is_running(self) -> bool:
        """True between start and stop."""
        return self._task is not None and not self._task.done()

    async def start(self) -> None:
        """Begin to connect."""
        self._task = supervised(self._run, name=f"capture {self._home.name}")

    async def stop(self) -> None:
        """Stop reading and close the connection."""
        self._is_stopping = True
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        self._policy.stopped()

    async def _run(self) -> None:
        async with aiohttp.ClientSession(
            connector=self._home.tls.connector(), trace_configs=[self._parts.home_clock.trace]
        ) as http:
            while True:
                # With no room a connection would only be lost again: Home Assistant drops a client that does not read.
                if self._parts.intake.spool.is_full:
                    self._parts.on_registries(None)
                    await self._parts.intake.wait_for_room()
                error = await self._connect_and_run(http)
                self._parts.on_registries(None)  # events that are in the spool must not wait for Home Assistant
                if self._is_stopping:  # a task group that fails while it is cancelled forgets the cancellation
                    return
                delay_s = self._policy.failed(error)
                if isinstance(error, AuthInvalidError):
                    await self._wait_until_token_may_be_tried(http, error)
                else:
                    await asyncio.sleep(delay_s)

    async def _wait_until_token_may_be_tried(self, http: aiohttp.ClientSession, error: AuthInvalidError) -> None:
        """Return when there is a new token, or the refused one may be tried again."""
        while not self._refused_token.may_try(self._token.read()):
            await asyncio.sleep(self._refused_token.limits.poll_s)
            if self._refused_token.probe_is_due():
                try:
                    self._refused_token.probed(is_reachable=await is_reachable(http, self._home.url))
                except ForbiddenError as err:
                    self._policy.failed(err)
                else:
                    self._policy.failed(error)

    async def _connect_and_run(self, http: aiohttp.ClientSession) -> IngestorError:
        self._policy.connecting()
        try:
            await self._run_session(http)
        except IngestorError as err:
            return err
        except Exception as err:
            _log.exception("capture_failed_unexpectedly")
            return UnexpectedError(f"{type(err).__name__}: {err}")
        return ConnectionLostError("the session ended")

    async def _run_session(self, http: aiohttp.ClientSession) -> None:
        token = self._token.read()
        try:
            socket = await open_socket(
                http,
                self._home.url,
                token,
                self._timing,
                ca_setting=self._home.ca_variable,
                too_large=self._too_large,
            )
        except AuthInvalidError:
            self._refused_token.refused(token)
            raise
        self._refused_token.accepted()
        session = Session(
            socket,
            self._parts,
            on_subscribed=lambda to: self._policy.connected(
                ha_version=socket.ha_version, subscription=to.kind, event_types=to.event_types
            ),
        )
        refreshing = supervised(
            partial(self._parts.home_clock.refresh_for_ever, http, self._home.url, token), name="home-assistant clock"
        )
        try:
            await session.run()
        finally:
            refreshing.cancel()
            await asyncio.gather(refreshing, return_exceptions=True)
            await socket.close()
