"""A client of the Admin API's unit tests: calls the application without a socket or a server."""

from __future__ import annotations

import asyncio
import json
from typing import Any
from urllib.parse import unquote


class Answer:
    """The answer to a request."""

    def __init__(self, sent: list[dict[str, Any]]) -> None:
        self.status: int = sent[0]["status"]
        self.headers = {name.decode(): value.decode() for name, value in sent[0]["headers"]}
        self.body = b"".join(message.get("body", b"") for message in sent[1:])
        self.is_complete = not sent[-1].get("more_body", False)

    @property
    def key(self) -> str:
        """The key of an error."""
        return str(self.json["error"]["key"])

    @property
    def json(self) -> Any:
        """The decoded body."""
        return json.loads(self.body)


class Client:
    """Calls an application from an address, by a host name, with these headers in each request."""

    def __init__(self, app: Any, *, host: str = "localhost", client: str = "127.0.0.1", **headers: str) -> None:
        self._app = app
        self._host = host
        self._client = client
        self._headers = headers

    async def __call__(
        self, target: str, method: str = "GET", body: bytes = b"", chunks: list[bytes] | None = None, **headers: str
    ) -> Answer:
        """Send a request and return the answer; `body` can be sent in `chunks`."""
        sent: list[dict[str, Any]] = []
        parts = [body] if chunks is None else list(chunks)
        path, _, query = target.partition("?")

        async def receive() -> dict[str, Any]:
            if not parts:
                await asyncio.Event().wait()  # the client stays connected
            return {"type": "http.request", "body": parts.pop(0), "more_body": bool(parts)}

        async def send(message: dict[str, Any]) -> None:
            sent.append(message)

        scope = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "scheme": "http",
            "method": method,
            "path": unquote(path),
            "raw_path": path.encode(),
            "query_string": query.encode(),
            "root_path": "",
            "headers": [
                (b"host", self._host.encode()),
                (b"content-type", b"application/json"),
                *(
                    (name.replace("_", "-").encode(), value.encode("latin-1"))
                    for name, value in {**self._headers, **headers}.items()
                ),
            ],
            "server": ("localhost", 80),
            "client": (self._client, 1),
        }
        await self._app(scope, receive, send)
        return Answer(sent)
