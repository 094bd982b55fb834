"""Compression of answers, for clients that accept it: RFC 9110 lets `gzip;q=0` refuse it."""

from __future__ import annotations

from starlette.datastructures import MutableHeaders
from starlette.middleware.gzip import GZipMiddleware
from starlette.types import Receive, Scope, Send

_HEADER = "accept-encoding"


def accepted_encodings(header: str) -> frozenset[str]:
    """Return the encodings that an Accept-Encoding names and does not refuse."""
    return frozenset(name for name, quality in map(_parsed, header.split(",")) if name and quality > 0)


class Compression(GZipMiddleware):
    """Compresses with gzip where it is accepted; Starlette looks for the word alone."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] == "http":
            headers = MutableHeaders(raw=list(scope["headers"]))
            given = headers.get(_HEADER, "")
            accepted = accepted_encodings(given)
            if "gzip" in given and "gzip" not in accepted:
                headers[_HEADER] = ", ".join(sorted(accepted))
                scope = {**scope, "headers": headers.raw}
        await super().__call__(scope, receive, send)


def _parsed(item: str) -> tuple[str, float]:
    name, *parameters = (part.strip() for part in item.lower().split(";"))
    quality = next((part.removeprefix("q=").strip() for part in parameters if part.startswith("q=")), "1")
    try:
        return name, float(quality)
    except ValueError:
        return name, 0.0
