"""What the OpenAPI says of the gate: how to show a token, which scope a route needs, and what it may answer."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from admin_api.security.caller import CLIENT_HEADER
from admin_api.security.guard import COOKIE
from admin_api.security.scopes import SAFE_METHODS, required_scope

_SCHEMES = {
    "token": {"type": "http", "scheme": "bearer", "description": "Of `ha-ingestor tokens create`"},
    "session": {"type": "apiKey", "in": "cookie", "name": COOKIE, "description": "Of `POST /api/v1/session`"},
}
_UNAUTHORIZED = ("401", "Unauthorized", "A token is needed, or the one that was shown does not count")
_FOR_ALL = (
    ("400", "InvalidPath", "The path contains a control character"),
    ("403", "Forbidden", "The scope of the token is not enough, or a page of another origin asks"),
    ("421", "UnknownHost", "Host is no name of this server"),
    ("429", "TooManyRequests", "Too many requests from this address; Retry-After says when to ask again"),
)
_BY_CLIENT = ("/api/v1/stats", "/api/v1/topology")
_CLIENT_ID = {
    "name": CLIENT_HEADER,
    "in": "header",
    "required": False,
    "schema": {"type": "string"},
    "example": "3f9c01ab",
    "description": "An id that a client gives itself: while INFLUXDB_ROLLOUT_PERCENT moves clients from one source of "
    "statistics to the other, it decides for the same id always alike; without it the client's address decides",
}
_TOO_LONG = ("413", "TooLong", "The body is longer than 2 MiB")
_ERROR = {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/ErrorAnswer"}}}}


def with_gate(openapi: Callable[[], dict[str, Any]]) -> Callable[[], dict[str, Any]]:
    """A maker of the document whose routes know of the gate before them."""

    def document() -> dict[str, Any]:
        made = openapi()
        if "securitySchemes" in made["components"]:
            return made  # FastAPI keeps what it made
        made["components"]["securitySchemes"] = _SCHEMES
        answers = (_UNAUTHORIZED, *_FOR_ALL, _TOO_LONG)
        made["components"]["responses"] = {name: {"description": text, **_ERROR} for _, name, text in answers}
        for path, methods in made["paths"].items():
            for method, operation in methods.items():
                _add(operation, method.upper(), path)
        return made

    return document


def _add(operation: dict[str, Any], method: str, path: str) -> None:
    if method == "GET" and path.startswith(_BY_CLIENT):
        operation.setdefault("parameters", []).append(_CLIENT_ID)
    scope = required_scope(method, path)
    operation["security"] = [{name: []} for name in _SCHEMES] if scope else []
    if scope:
        operation["x-required-scope"] = scope.value
    for status, name, _ in (
        _UNAUTHORIZED,  # a token that is shown has to count, even where none is needed
        *_FOR_ALL,
        *(() if method in SAFE_METHODS else (_TOO_LONG,)),
    ):
        operation["responses"].setdefault(status, {"$ref": f"#/components/responses/{name}"})
