"""The gate in the OpenAPI document: security schemes, required scopes and error responses."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from admin_api.security.caller import CLIENT_HEADER
from admin_api.security.guard import COOKIE
from admin_api.security.scopes import SAFE_METHODS, required_scope

_SCHEMES = {
    "token": {"type": "http", "scheme": "bearer", "description": "A token, created with `ha-ingestor tokens create`"},
    "session": {
        "type": "apiKey",
        "in": "cookie",
        "name": COOKIE,
        "description": "A session, set by `POST /api/v1/session`",
    },
}
_UNAUTHORIZED = ("401", "Unauthorized", "A token is required, or the token is invalid")
_FOR_ALL = (
    ("400", "InvalidPath", "The path contains a control character"),
    ("403", "Forbidden", "The scope of the token is not sufficient, or the request is from another origin"),
    ("421", "UnknownHost", "Unknown host in the Host header"),
    ("429", "TooManyRequests", "Too many requests from this address. Retry after the seconds in Retry-After"),
)
_BY_CLIENT = ("/api/v1/stats", "/api/v1/topology")
_CLIENT_ID = {
    "name": CLIENT_HEADER,
    "in": "header",
    "required": False,
    "schema": {"type": "string"},
    "example": "3f9c01ab",
    "description": "An id chosen by the client. During a rollout (INFLUXDB_ROLLOUT_PERCENT) it determines the source "
    "of the statistics, always the same for an id; without it, the address of the client is used",
}
_TOO_LONG = ("413", "TooLong", "The body is larger than 2 MiB")
_ERROR = {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/ErrorAnswer"}}}}


def with_gate(openapi: Callable[[], dict[str, Any]]) -> Callable[[], dict[str, Any]]:
    """Return a function that adds the security schemes and responses of the gate to the OpenAPI document."""

    def document() -> dict[str, Any]:
        made = openapi()
        if "securitySchemes" in made["components"]:
            return made  # FastAPI caches the document
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
        _UNAUTHORIZED,  # an invalid token is rejected even where none is required
        *_FOR_ALL,
        *(() if method in SAFE_METHODS else (_TOO_LONG,)),
    ):
        operation["responses"].setdefault(status, {"$ref": f"#/components/responses/{name}"})
