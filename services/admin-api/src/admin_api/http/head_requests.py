"""HEAD for every GET of the API: the same status and headers, without a body."""

from __future__ import annotations

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from admin_api.http.paths import is_guarded


class HeadRequests:
    """Serves HEAD by calling the route of GET. The files of the dashboard handle HEAD themselves."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] != "HEAD" or not is_guarded(scope["path"]):
            await self._app(scope, receive, send)
            return
        # A copy: the server reads the method of the original to know that no body follows.
        head = _Head({**scope, "method": "GET"}, scope, receive, send)
        await self._app(head.get_scope, head.receive, head.send)


class _Head:
    """Forwards the start of an answer and ends it there; a stream then sees its client as disconnected."""

    def __init__(self, get_scope: Scope, scope: Scope, receive: Receive, send: Send) -> None:
        self.get_scope = get_scope
        self._scope = scope
        self._receive = receive
        self._send = send
        self._is_answered = False

    async def receive(self) -> Message:
        return {"type": "http.disconnect"} if self._is_answered else await self._receive()

    async def send(self, message: Message) -> None:
        if message["type"] != "http.response.start":
            return
        self._is_answered = True
        self._scope.update(
            {**self.get_scope, "method": "HEAD"}
        )  # with the matched route, which the request metrics need
        await self._send(message)
        await self._send({"type": "http.response.body", "body": b"", "more_body": False})
