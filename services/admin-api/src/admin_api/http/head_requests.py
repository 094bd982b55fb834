"""HEAD on every GET of the API: the same status and headers, without the body."""

from __future__ import annotations

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from admin_api.http.paths import is_guarded


class HeadRequests:
    """Answers HEAD by asking the route for GET. The dashboard's files have a HEAD of their own."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] != "HEAD" or not is_guarded(scope["path"]):
            await self._app(scope, receive, send)
            return
        # A copy, since the server decides by the method of the original that no body follows.
        head = _Head({**scope, "method": "GET"}, scope, receive, send)
        await self._app(head.asked, head.receive, head.send)


class _Head:
    """Passes on the start of an answer, and ends it there: an endless answer sees its client gone."""

    def __init__(self, asked: Scope, scope: Scope, receive: Receive, send: Send) -> None:
        self.asked = asked
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
        self._scope.update({**self.asked, "method": "HEAD"})  # the route that was found, by which requests are counted
        await self._send(message)
        await self._send({"type": "http.response.body", "body": b"", "more_body": False})
