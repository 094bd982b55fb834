"""ASGI middleware in front of all routes: access check, limits of bodies, audit log, and revocation."""

from __future__ import annotations

import asyncio
import contextlib
from http import HTTPStatus
from typing import Any

from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from admin_api.http.errors import error_answer
from admin_api.http.paths import is_guarded
from admin_api.security.caller import Caller, caller_in, notes_of, remember
from admin_api.security.guard import Guard, RefusedError
from admin_api.security.matched_route import MatchedRoutes
from admin_api.security.scopes import SAFE_METHODS

MAX_BODY_BYTES = 2 * 1024 * 1024
"""The largest valid body, the longest lists of filters, takes 1.6 MB."""

BODY_LIMIT_S = 10.0
_LOOK_AGAIN_S = 2.0
_FINISH_LIMIT_S = 1.0
_LONGEST_NOTE = 300
_TOO_SLOW = f"The body was not complete within {BODY_LIMIT_S:g} s. Send the request again"
_TOO_LONG = f"The body must have at most {MAX_BODY_BYTES} bytes"


class Gate:
    """Middleware in front of the router, so that no route can be reached without the access check."""

    def __init__(self, app: ASGIApp, *, guard: Guard, routes: MatchedRoutes) -> None:
        self._app = app
        self._guard = guard
        self._routes = routes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008})  # the API has no WebSocket
            return
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        route = self._routes.find(scope["method"], scope["path"])
        try:
            caller = self._guard.admit(scope, route)
            _check_length(scope)
        except RefusedError as err:
            await error_answer(err.status, err.key, err.message, err.headers)(scope, receive, send)
            return
        remember(scope, caller)
        body = _Body(receive, self._guard, caller)
        answer = _Answer(send, hides_reasons=caller.scope is None)
        try:
            await self._app(scope, body.receive, answer.send)
            if body.is_shut_out:
                await answer.finish()
        finally:
            if scope["method"] not in SAFE_METHODS and (route is not None or is_guarded(scope["path"])):
                await self._write_down(scope, route or scope["path"], answer.status)

    async def _write_down(self, scope: Scope, route: str, status: int) -> None:
        caller = caller_in(scope)  # signing in sets the caller
        if caller.scope is None:
            return
        parameters = {name: str(value)[:_LONGEST_NOTE] for name, value in scope.get("path_params", {}).items()}
        detail: dict[str, Any] = {**parameters, **notes_of(scope)}
        await asyncio.to_thread(
            self._guard.audit.write,
            who=caller.who,
            action=f"{scope['method']} {route}",
            address=caller.address,
            status=status,
            detail=detail,
        )


class _Body:
    """Limits the length and the duration of a request body; ends a stream whose token was revoked."""

    def __init__(self, receive: Receive, guard: Guard, caller: Caller) -> None:
        self._receive = receive
        self._guard = guard
        self._caller = caller
        self._bytes = 0
        self._ended = False
        self._due = 0.0
        self.is_shut_out = False

    async def receive(self) -> Message:
        if self._ended and self._caller.token is not None:
            return await self._gone_or_shut_out()
        message = await self._next()
        if message["type"] == "http.request":
            self._bytes += len(message.get("body", b""))
            if self._bytes > MAX_BODY_BYTES:
                raise HTTPException(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, _TOO_LONG)
            self._ended = not message.get("more_body", False)
        return message

    async def _next(self) -> Message:
        """Return the next part of the body; raises HTTPException (408) if the body is not complete in time."""
        if self._ended:
            return await self._receive()
        loop = asyncio.get_running_loop()
        self._due = self._due or loop.time() + BODY_LIMIT_S
        try:
            async with asyncio.timeout_at(self._due):
                return await self._receive()
        except TimeoutError as err:
            raise HTTPException(HTTPStatus.REQUEST_TIMEOUT, _TOO_SLOW, {"Connection": "close"}) from err

    async def _gone_or_shut_out(self) -> Message:
        """Return a disconnect, either of the client or because its token is no longer valid."""
        going = asyncio.ensure_future(self._receive())
        try:
            while not (await asyncio.wait({going}, timeout=_LOOK_AGAIN_S))[0]:
                if not self._guard.is_still_welcome(self._caller):
                    self.is_shut_out = True
                    return {"type": "http.disconnect"}
            return going.result()
        finally:
            going.cancel()


class _Answer:
    """Records the status, completes an answer that was ended early, hides reasons from unauthenticated clients."""

    def __init__(self, send: Send, *, hides_reasons: bool) -> None:
        self._send = send
        self._hides_reasons = hides_reasons
        self._is_replaced = False
        self.status = 499  # no answer: the client disconnected, or the server stops
        self._is_open = False

    async def send(self, message: Message) -> None:
        if self._is_replaced:
            return
        if self._hides_reasons and message.get("status", 0) >= HTTPStatus.INTERNAL_SERVER_ERROR:
            self._is_replaced = True
            self.status = message["status"]
            await _without_reasons(message, self._send)
            return
        if message["type"] == "http.response.start":
            self.status = message["status"]
            self._is_open = True
        elif message["type"] == "http.response.body" and not message.get("more_body", False):
            self._is_open = False
        await self._send(message)

    async def finish(self) -> None:
        if self._is_open:
            with contextlib.suppress(TimeoutError):  # of a client that does not read
                async with asyncio.timeout(_FINISH_LIMIT_S):
                    await self.send({"type": "http.response.body", "body": b"", "more_body": False})


async def _without_reasons(start: Message, send: Send) -> None:
    """Send an error without its message, which may contain an address or a path."""
    retry_after = {n.decode(): v.decode() for n, v in start.get("headers", ()) if n.lower() == b"retry-after"}
    answer = error_answer(
        start["status"],
        "unavailable",
        "Temporarily unavailable. Sign in for details",
        retry_after,
    )
    await send({**start, "headers": answer.raw_headers})
    await send({"type": "http.response.body", "body": answer.body})


def _check_length(scope: Scope) -> None:
    length = next((value for name, value in scope["headers"] if name == b"content-length"), b"0")
    if not length.isdigit() or len(length) > 9 or int(length) > MAX_BODY_BYTES:
        raise RefusedError(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "request_entity_too_large", _TOO_LONG)
