"""Decides about a request before anything else sees it: is it meant for us, from whom is it, may they."""

from __future__ import annotations

import asyncio
import contextlib
import hmac
import math
import re
from http import HTTPStatus

import structlog
from ha_ingestor_core.clock import Clock
from ha_ingestor_core.errors import TerminalError
from ha_ingestor_core.tasks import supervised
from pydantic import SecretStr
from starlette.requests import HTTPConnection, cookie_parser
from starlette.types import Scope as AsgiScope

from admin_api.http.addresses import client_address, is_forwarded, is_loopback, limited_unit
from admin_api.http.paths import is_guarded
from admin_api.security.audit import AuditLog
from admin_api.security.caller import Caller
from admin_api.security.hosts import host_name, is_loopback_name, is_same_origin, may_be_called
from admin_api.security.rate_limit import RateLimit
from admin_api.security.scopes import SAFE_METHODS, SESSION, Scope, required_scope
from admin_api.security.settings import SecuritySettings, TokenPolicy
from admin_api.security.token_file import Kind, Token, TokenFile

COOKIE = "ha_ingestor_session"
_WRONG_TOKEN_COSTS = 10.0
_TELL_USES_EVERY_S = 60.0
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_FORWARDED_PROTO = re.compile(r"(?i)\bproto=\"?(https?)\b")
_LISTS = {"x-forwarded-for": ",", "cookie": "; "}

_OF_THE_SETTINGS = Token("settings", Kind.TOKEN, "METRICS_TOKEN", Scope.METRICS, hash="", created_ns=0)

_log = structlog.get_logger()


class RefusedError(Exception):
    """A request that goes no further, with what it is answered."""

    def __init__(self, status: HTTPStatus, key: str, message: str, headers: dict[str, str] | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.key = key
        self.message = message
        self.headers = headers or {}


class Guard:
    """What the Admin API knows of tokens, names and clients; `admit` is asked about every request."""

    def __init__(
        self,
        settings: SecuritySettings,
        *,
        listens_on: str,
        tokens: TokenFile,
        audit: AuditLog,
        clock: Clock,
        metrics_token: SecretStr | None = None,
    ) -> None:
        self.tokens = tokens
        self.audit = audit
        self._hosts = settings.hosts
        self._proxies = settings.proxies
        self._limit = RateLimit(settings.rate_limit, clock)
        self._metrics_token = metrics_token.get_secret_value().encode() if metrics_token else None
        self.asks_everybody = (
            settings.token_policy is TokenPolicy.REQUIRED
            or not settings.loopback_read
            or not is_loopback_name(listens_on)
        )
        self._task: asyncio.Task[None] | None = None

    async def start(self, url: str) -> None:
        """Renew the secret of the command line, and begin to record when tokens are used; `url` is ours."""
        try:
            await asyncio.to_thread(self.tokens.renew_command_line, url)
        except TerminalError as err:  # a full disk or a damaged file is no reason to answer nobody
            _log.error("command_line_token_not_renewed", error=err.message, then="commands need ADMIN_API_TOKEN")
        self._task = supervised(self._tell_uses, name="last use of tokens")

    async def stop(self) -> None:
        """Note the last uses."""
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task
            self._task = None
            await self._tell_uses_now()

    def admit(self, scope: AsgiScope, route: str | None) -> Caller:
        """Return the caller of a request that may go on; raises RefusedError.

        `route` is the path format of the matching route; None where no route matches.
        """
        headers = _headers(scope)
        method, path = scope["method"], scope["path"]
        host = headers.get("host", "")
        peer = (scope.get("client") or ("", 0))[0]
        name = host_name(host)
        if not may_be_called(name, self._hosts):
            raise RefusedError(
                HTTPStatus.MISDIRECTED_REQUEST,
                "unknown_host",
                f"{name or 'This'} is no name of this server; ADMIN_API_ALLOWED_HOSTS names those that are",
            )
        caller = Caller(
            client_address(peer, headers.get("x-forwarded-for", ""), self._proxies),
            is_local=not self.asks_everybody
            and is_loopback(peer)
            and is_loopback_name(name)
            and not is_forwarded(headers),
        )
        if not caller.is_local:
            self._take_turn(caller)
        if _CONTROL.search(path):
            raise RefusedError(HTTPStatus.BAD_REQUEST, "invalid_path", "A path must not contain control characters")
        is_api = route is not None or is_guarded(path)
        if is_api:
            self._check_origin(headers, method, host, _scheme(scope, headers))
        caller = self._known(caller, headers)
        if is_api:
            self._check_scope(caller, method, route or path)
        return caller

    def is_still_welcome(self, caller: Caller) -> bool:
        """Whether the caller of a request that takes long could still begin it."""
        return caller.token is None or self.tokens.is_valid(caller.token)

    def session_of(self, request: HTTPConnection) -> Token | None:
        """Return the session of a browser's cookie, whatever else the request shows."""
        text = request.cookies.get(COOKIE)
        token = self.tokens.find(text) if text else None
        return token if token is not None and token.kind is Kind.SESSION else None

    def token_of(self, text: str, caller: Caller) -> Token | None:
        """The token of a secret that somebody typed; a wrong one costs them."""
        token = self.tokens.find(text)
        if token is None:
            self._limit.charge(limited_unit(caller.address), _WRONG_TOKEN_COSTS)
            _log.warning("token_unknown", address=caller.address)
        return token

    def _take_turn(self, caller: Caller) -> None:
        wait_s = self._limit.wait_s(limited_unit(caller.address))
        if wait_s:
            raise RefusedError(
                HTTPStatus.TOO_MANY_REQUESTS,
                "too_many_requests",
                "Too many requests from this address; ADMIN_API_RATE_LIMIT says how many may be made",
                {"Retry-After": str(math.ceil(wait_s))},
            )

    def _check_origin(self, headers: dict[str, str], method: str, host: str, scheme: str | None) -> None:
        """Refuse what a page of another origin lets a browser ask; only a link may lead here."""
        origin = headers.get("origin")
        if origin is not None:
            is_ours = is_same_origin(origin, host, scheme, self._hosts)
        else:
            is_link = method in SAFE_METHODS and headers.get("sec-fetch-mode") == "navigate"
            is_ours = is_link or headers.get("sec-fetch-site", "none") in ("same-origin", "none")
        if not is_ours:
            raise RefusedError(HTTPStatus.FORBIDDEN, "foreign_origin", "A page of another origin may not ask for this")

    def _known(self, caller: Caller, headers: dict[str, str]) -> Caller:
        """The caller with the token that the request shows: in Authorization, or the session of a browser's cookie."""
        kind, _, shown = headers.get("authorization", "").partition(" ")
        if kind.lower() == "bearer":
            if self._metrics_token and hmac.compare_digest(shown.strip().encode(), self._metrics_token):
                return Caller(caller.address, caller.is_local, _OF_THE_SETTINGS)
            token = self.token_of(shown.strip(), caller)
            if token is None:
                raise _unauthorized("The token is unknown, was revoked or has expired")
        else:
            cookies = headers.get("cookie")
            text = cookie_parser(cookies).get(COOKIE) if cookies else None
            token = self.tokens.find(text) if text else None
            if token is None or token.kind is not Kind.SESSION:
                return caller
        self.tokens.note_use(token)
        return Caller(caller.address, caller.is_local, token)

    def _check_scope(self, caller: Caller, method: str, route: str) -> None:
        wanted = required_scope(method, route)
        if wanted is None:
            return
        if caller.scope is None:
            raise _unauthorized("A token is needed: sign in, or send Authorization: Bearer <token>")
        if caller.token is not None and caller.token.kind is Kind.LINK:
            raise RefusedError(HTTPStatus.FORBIDDEN, "forbidden", f"A sign-in link is valid for POST {SESSION} alone")
        if not caller.scope.covers(wanted):
            if caller.token is None:
                raise _unauthorized("Without a token this machine may only read: sign in, or run ha-ingestor link")
            raise RefusedError(
                HTTPStatus.FORBIDDEN, "forbidden", f"This needs the scope {wanted}; the token has {caller.scope}"
            )

    async def _tell_uses(self) -> None:
        while True:
            await asyncio.sleep(_TELL_USES_EVERY_S)
            await self._tell_uses_now()

    async def _tell_uses_now(self) -> None:
        try:
            await asyncio.to_thread(self.tokens.tell_uses)
        except Exception as err:  # when a token was last used is worth a line in the log, and no more
            _log.warning("use_of_tokens_not_noted", error=str(err))


def _headers(scope: AsgiScope) -> dict[str, str]:
    """The headers by name; what proxies have added line by line is one list, of all else the first counts."""
    headers: dict[str, str] = {}
    for raw_name, raw_value in scope["headers"]:
        name, value = raw_name.decode("latin-1"), raw_value.decode("latin-1")
        if name in headers and name in _LISTS:
            headers[name] += _LISTS[name] + value
        else:
            headers.setdefault(name, value)
    return headers


def _scheme(scope: AsgiScope, headers: dict[str, str]) -> str | None:
    """Return the scheme by which the browser called, as the first proxy says; None where a proxy says nothing.

    Anybody may say it: a page of another origin cannot, without asking first.
    """
    told = headers.get("x-forwarded-proto", "").partition(",")[0].strip().lower()
    if not told and (found := _FORWARDED_PROTO.search(headers.get("forwarded", ""))):
        told = found[1].lower()
    if told:
        return told
    return None if is_forwarded(headers) else str(scope.get("scheme", "http"))


def _unauthorized(message: str) -> RefusedError:
    return RefusedError(HTTPStatus.UNAUTHORIZED, "unauthorized", message, {"WWW-Authenticate": "Bearer"})
