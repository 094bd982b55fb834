"""The access check of every request: host, rate limit, origin, token and scope."""

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
_SAVE_USES_EVERY_S = 60.0
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_FORWARDED_PROTO = re.compile(r"(?i)\bproto=\"?(https?)\b")
_LISTS = {"x-forwarded-for": ",", "cookie": "; "}

_OF_THE_SETTINGS = Token("settings", Kind.TOKEN, "METRICS_TOKEN", Scope.METRICS, hash="", created_ns=0)

_log = structlog.get_logger()


class RefusedError(Exception):
    """A rejected request, with its response."""

    def __init__(self, status: HTTPStatus, key: str, message: str, headers: dict[str, str] | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.key = key
        self.message = message
        self.headers = headers or {}


class Guard:
    """Checks every request with `admit`; holds the tokens, the rate limit and the audit log."""

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
        """Renew the token of the command line for this `url`, and start to record when tokens are used."""
        try:
            await asyncio.to_thread(self.tokens.renew_command_line, url)
        except TerminalError as err:  # with a full disk or a damaged file the API still starts
            _log.error("command_line_token_not_renewed", error=err.message, then="commands require ADMIN_API_TOKEN")
        self._task = supervised(self._save_uses, name="save token uses")

    async def stop(self) -> None:
        """Stop recording; save the last uses of tokens."""
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task
            self._task = None
            await self._save_uses_now()

    def admit(self, scope: AsgiScope, route: str | None) -> Caller:
        """Return the caller of an allowed request; raises RefusedError.

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
                f"Unknown host {name}. Add it to ADMIN_API_ALLOWED_HOSTS"
                if name
                else "The Host header is missing. Use an address of this server, or a name in ADMIN_API_ALLOWED_HOSTS",
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
            raise RefusedError(HTTPStatus.BAD_REQUEST, "invalid_path", "The path must not contain control characters")
        is_api = route is not None or is_guarded(path)
        if is_api:
            self._check_origin(headers, method, host, _scheme(scope, headers))
        caller = self._known(caller, headers)
        if is_api:
            self._check_scope(caller, method, route or path)
        return caller

    def is_still_welcome(self, caller: Caller) -> bool:
        """Return whether the token of a long-running request is still valid."""
        return caller.token is None or self.tokens.is_valid(caller.token)

    def session_of(self, request: HTTPConnection) -> Token | None:
        """Return the session of the cookie, ignoring an Authorization header; None without a valid one."""
        text = request.cookies.get(COOKIE)
        token = self.tokens.find(text) if text else None
        return token if token is not None and token.kind is Kind.SESSION else None

    def token_of(self, text: str, caller: Caller) -> Token | None:
        """Return the token of a secret; None if it is invalid, which counts against the rate limit of the caller."""
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
                "Too many requests from this address. Retry later, or raise ADMIN_API_RATE_LIMIT",
                {"Retry-After": str(math.ceil(wait_s))},
            )

    def _check_origin(self, headers: dict[str, str], method: str, host: str, scheme: str | None) -> None:
        """Reject requests by pages of another origin, except navigation by a link."""
        origin = headers.get("origin")
        if origin is not None:
            is_ours = is_same_origin(origin, host, scheme, self._hosts)
        else:
            is_link = method in SAFE_METHODS and headers.get("sec-fetch-mode") == "navigate"
            is_ours = is_link or headers.get("sec-fetch-site", "none") in ("same-origin", "none")
        if not is_ours:
            raise RefusedError(
                HTTPStatus.FORBIDDEN, "foreign_origin", "Requests from pages of another origin are not allowed"
            )

    def _known(self, caller: Caller, headers: dict[str, str]) -> Caller:
        """Return the caller with its token: of the Authorization header, or the session of the cookie."""
        kind, _, shown = headers.get("authorization", "").partition(" ")
        if kind.lower() == "bearer":
            if self._metrics_token and hmac.compare_digest(shown.strip().encode(), self._metrics_token):
                return Caller(caller.address, caller.is_local, _OF_THE_SETTINGS)
            token = self.token_of(shown.strip(), caller)
            if token is None:
                raise _unauthorized("The token is unknown, revoked or expired. Create a new one")
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
            raise _unauthorized("A token is required. Sign in, or send Authorization: Bearer <token>")
        if caller.token is not None and caller.token.kind is Kind.LINK:
            raise RefusedError(HTTPStatus.FORBIDDEN, "forbidden", f"A sign-in link is only valid for POST {SESSION}")
        if not caller.scope.covers(wanted):
            if caller.token is None:
                raise _unauthorized(
                    "Without a token, programs of this machine can only read. Sign in, or run ha-ingestor link"
                )
            raise RefusedError(
                HTTPStatus.FORBIDDEN,
                "forbidden",
                f"This requires the scope {wanted}. The token has the scope {caller.scope}",
            )

    async def _save_uses(self) -> None:
        while True:
            await asyncio.sleep(_SAVE_USES_EVERY_S)
            await self._save_uses_now()

    async def _save_uses_now(self) -> None:
        try:
            await asyncio.to_thread(self.tokens.save_uses)
        except Exception as err:  # the last use of a token is not essential
            _log.warning("token_uses_not_saved", error=str(err))


def _headers(scope: AsgiScope) -> dict[str, str]:
    """Return the headers by name: repeated list headers joined, of any other header the first."""
    headers: dict[str, str] = {}
    for raw_name, raw_value in scope["headers"]:
        name, value = raw_name.decode("latin-1"), raw_value.decode("latin-1")
        if name in headers and name in _LISTS:
            headers[name] += _LISTS[name] + value
        else:
            headers.setdefault(name, value)
    return headers


def _scheme(scope: AsgiScope, headers: dict[str, str]) -> str | None:
    """Return the scheme of the browser's request, as the first proxy reports it; None if a proxy does not report it.

    The header is not authenticated, but a page of another origin cannot set it without a preflight request.
    """
    scheme = headers.get("x-forwarded-proto", "").partition(",")[0].strip().lower()
    if not scheme and (found := _FORWARDED_PROTO.search(headers.get("forwarded", ""))):
        scheme = found[1].lower()
    if scheme:
        return scheme
    return None if is_forwarded(headers) else str(scope.get("scheme", "http"))


def _unauthorized(message: str) -> RefusedError:
    return RefusedError(HTTPStatus.UNAUTHORIZED, "unauthorized", message, {"WWW-Authenticate": "Bearer"})
