"""Compression of answers for clients that accept it; honours `gzip;q=0` (RFC 9110)."""

from __future__ import annotations

from starlette.datastructures import MutableHeaders
from starlette.middleware.gzip import GZipMiddleware
from starlette.types import Receive, Scope, Send

_HEADER = "accept-encoding"


def accepted_encodings(header: str) -> frozenset[str]:
    """Return the encodings of an Accept-Encoding header whose quality is above 0."""
    return frozenset(name for name, quality in map(_parsed, header.split(",")) if name and quality > 0)


class Compression(GZipMiddleware):
    """Compresses with gzip if the client accepts it; Starlette's middleware ignores the quality."""

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
