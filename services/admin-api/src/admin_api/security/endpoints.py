"""`/session`, `/sessions`, `/tokens` and `/audit`: signing in and out, sessions, tokens and the audit log."""

from __future__ import annotations

import asyncio
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Depends, HTTPException, Path, Request, Response
from ha_ingestor_core.clock import NS_PER_S, Clock, ns_to_rfc3339
from ha_ingestor_core.errors import NotFoundError
from ha_ingestor_store.time_range import DAY_NS, parse_period

from admin_api.http.errors import ERRORS, NOT_FOUND
from admin_api.http.models import ErrorAnswer
from admin_api.http.parameters import Cursor, Limit, Time, cursor_of, cursor_text, only_known, range_of
from admin_api.http.views import JsonAnswer, View, time_or_none
from admin_api.security.audit import AuditCursor, Entry
from admin_api.security.caller import Caller, caller_of, note, remember
from admin_api.security.guard import COOKIE, Guard
from admin_api.security.models import (
    AuditAnswer,
    NewTokenAnswer,
    NewTokenBody,
    SessionAnswer,
    SessionBody,
    SessionsAnswer,
    TokensAnswer,
)
from admin_api.security.scopes import SESSION, SESSIONS, TOKENS, Scope
from admin_api.security.token_file import Kind, Token

SessionId = Annotated[str, Path(examples=["7b20aa94"], min_length=1, max_length=64)]
TokenId = Annotated[str, Path(examples=["3f9c01ab"], min_length=1, max_length=64)]
_WRONG_TOKEN: dict[int | str, dict[str, Any]] = {
    401: {"model": ErrorAnswer, "description": "The token is unknown, revoked or expired"}
}


class SessionEndpoints:
    """The session of a browser: a cookie, since an EventSource cannot send headers."""

    def __init__(self, *, guard: Guard, clock: Clock) -> None:
        self._guard = guard
        self._clock = clock
        self.router = APIRouter(prefix=SESSION, tags=["access"], dependencies=[Depends(only_known)])
        add = self.router.add_api_route
        add("", self.get_session, response_model=SessionAnswer, responses=ERRORS)
        add(
            "",
            self.sign_in,
            methods=["POST"],
            status_code=HTTPStatus.CREATED,
            response_model=SessionAnswer,
            responses={**ERRORS, **_WRONG_TOKEN},
        )
        add("", self.sign_out, methods=["DELETE"], status_code=204, response_class=Response, responses=ERRORS)

    async def get_session(self, request: Request) -> Response:
        """Return the name and the scope of the caller."""
        return JsonAnswer(_session_view(caller_of(request)))

    async def sign_in(self, request: Request, body: SessionBody) -> Response:
        """Sign in with a token or a sign-in link; the session is a cookie, valid for at most 30 days.

        The session ends when its token is revoked or expires. An earlier session of this browser ends.
        """
        caller = caller_of(request)
        token = self._guard.token_of(body.token.strip(), caller)
        if token is None or token.kind not in (Kind.TOKEN, Kind.LINK):
            raise HTTPException(
                HTTPStatus.UNAUTHORIZED,
                "The token or link is unknown, revoked, used or expired. Create a new one",
                {"WWW-Authenticate": "Bearer"},
            )
        if token.scope is Scope.METRICS:
            raise HTTPException(HTTPStatus.FORBIDDEN, "A token with the scope metrics is only valid for /metrics")
        secret, session = await asyncio.to_thread(
            self._guard.tokens.open_session, token, instead_of=self._guard.session_of(request)
        )
        signed_in = Caller(caller.address, caller.is_local, session)
        remember(request.scope, signed_in)
        note(request, token=token.id)
        answer = JsonAnswer(_session_view(signed_in), HTTPStatus.CREATED)
        answer.set_cookie(
            COOKIE,
            secret,
            max_age=((session.expires_ns or 0) - self._clock.now_ns()) // NS_PER_S,
            httponly=True,
            samesite="strict",
            secure=_is_https(request),
        )
        return answer

    async def sign_out(self, request: Request) -> Response:
        """End the session and delete its cookie."""
        token = caller_of(request).token
        if token is not None and token.kind is Kind.SESSION:
            await asyncio.to_thread(self._guard.tokens.revoke, token.id)
        answer = Response(status_code=HTTPStatus.NO_CONTENT)
        answer.delete_cookie(COOKIE, httponly=True, samesite="strict", secure=_is_https(request))
        return answer


class TokenEndpoints:
    """The tokens of users and programs."""

    def __init__(self, *, guard: Guard) -> None:
        self._guard = guard
        self.router = APIRouter(prefix=TOKENS, tags=["access"], dependencies=[Depends(only_known)])
        add = self.router.add_api_route
        add("", self.get_tokens, response_model=TokensAnswer, responses=ERRORS)
        add(
            "",
            self.create_token,
            methods=["POST"],
            status_code=HTTPStatus.CREATED,
            response_model=NewTokenAnswer,
            responses=ERRORS,
        )
        add(
            "/{token_id}",
            self.revoke_token,
            methods=["DELETE"],
            status_code=204,
            response_class=Response,
            responses={**ERRORS, **NOT_FOUND},
        )

    async def get_tokens(self) -> Response:
        """Return all tokens. Their secrets are not stored."""
        return JsonAnswer(
            {"tokens": [_token_view(token) for token in await asyncio.to_thread(self._guard.tokens.tokens)]}
        )

    async def create_token(self, request: Request, body: NewTokenBody) -> Response:
        """Create a token. The secret is only returned in this answer."""
        expires_in_ns = parse_period(body.expires_in, field="expires_in") if body.expires_in is not None else None
        secret, token = await asyncio.to_thread(self._guard.tokens.create, body.name, body.scope, expires_in_ns)
        note(request, id=token.id, name=token.name, scope=token.scope)
        return JsonAnswer({**_token_view(token), "token": secret}, HTTPStatus.CREATED)

    async def revoke_token(self, request: Request, token_id: TokenId) -> Response:
        """Revoke a token and end its sessions."""
        token = await asyncio.to_thread(self._guard.tokens.revoke, token_id, Kind.TOKEN)
        if token is None:
            raise NotFoundError(f"Unknown token {token_id}", id=token_id)
        note(request, name=token.name)
        return Response(status_code=HTTPStatus.NO_CONTENT)


class SessionsEndpoints:
    """The sessions of all browsers."""

    def __init__(self, *, guard: Guard) -> None:
        self._guard = guard
        self.router = APIRouter(prefix=SESSIONS, tags=["access"], dependencies=[Depends(only_known)])
        add = self.router.add_api_route
        add("", self.get_sessions, response_model=SessionsAnswer, responses=ERRORS)
        add(
            "/{session_id}",
            self.revoke_session,
            methods=["DELETE"],
            status_code=204,
            response_class=Response,
            responses={**ERRORS, **NOT_FOUND},
        )

    async def get_sessions(self, request: Request) -> Response:
        """Return the active sessions, oldest first."""
        own = caller_of(request).token
        sessions = await asyncio.to_thread(self._guard.tokens.sessions)
        views = [
            {**_token_view(each), "token_id": each.parent, "is_own": own is not None and each.id == own.id}
            for each in sessions
        ]
        return JsonAnswer({"sessions": views})

    async def revoke_session(self, request: Request, session_id: SessionId) -> Response:
        """End a session."""
        session = await asyncio.to_thread(self._guard.tokens.revoke, session_id, Kind.SESSION)
        if session is None:
            raise NotFoundError(f"Unknown session {session_id}", id=session_id)
        note(request, name=session.name)
        return Response(status_code=HTTPStatus.NO_CONTENT)


class AuditEndpoints:
    """The audit log."""

    def __init__(self, *, guard: Guard, clock: Clock) -> None:
        self._guard = guard
        self._clock = clock
        self.router = APIRouter(prefix="/api/v1/audit", tags=["access"], dependencies=[Depends(only_known)])
        self.router.add_api_route("", self.get_audit, response_model=AuditAnswer, responses=ERRORS)

    async def get_audit(
        self, start: Time = None, end: Time = None, limit: Limit = 100, cursor: Cursor = None
    ) -> Response:
        """Return the changes, newest first: who made them, when and from which address."""
        time_range = range_of(start, end, default_end_ns=self._clock.now_ns() + DAY_NS)
        page = await asyncio.to_thread(self._guard.audit.read, time_range, limit, cursor_of(cursor, AuditCursor))
        return JsonAnswer(
            {"entries": [_entry_view(entry) for entry in page.entries], "next_cursor": cursor_text(page.next_cursor)}
        )


def _session_view(caller: Caller) -> View:
    token = caller.token
    return {
        "name": token.name if token else "this machine",
        "scope": caller.scope or Scope.READ,
        "kind": token.kind if token else None,
        "expires": time_or_none(token.expires_ns) if token else None,
    }


def _token_view(token: Token) -> View:
    return {
        "id": token.id,
        "name": token.name,
        "scope": token.scope,
        "created": ns_to_rfc3339(token.created_ns),
        "expires": time_or_none(token.expires_ns),
        "last_used": time_or_none(token.last_used_ns),
    }


def _entry_view(entry: Entry) -> View:
    return {
        "time": ns_to_rfc3339(entry.time_ns),
        "who": entry.who,
        "action": entry.action,
        "address": entry.address,
        "status": entry.status,
        "detail": entry.detail,
    }


def _is_https(request: Request) -> bool:
    """Return whether the browser uses https; its Origin shows that even if a TLS proxy sets no header."""
    return request.url.scheme == "https" or request.headers.get("origin", "").startswith("https://")
