"""Error responses: every error of ours, FastAPI and Starlette becomes `{"error": {"key", "message", "detail"}}`."""

from __future__ import annotations

import re
from collections.abc import Iterable
from difflib import get_close_matches
from http import HTTPStatus
from typing import Any

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.routing import iter_route_contexts
from ha_ingestor_core.errors import IngestorError, InvalidInputError, NotFoundError, TransientError, UnexpectedError
from ha_ingestor_core.http.errors import error_body, error_status
from starlette.exceptions import HTTPException

from admin_api.http.models import ErrorAnswer
from admin_api.http.views import JsonAnswer

_log = structlog.get_logger()

_BODY = "JSON in UTF-8"
_NOT_JSON = "json_invalid"
_IN_WORDS = {
    _NOT_JSON: ("{field} must be JSON in UTF-8", _BODY),
    "missing": ("{field} is required", "a value"),
    "extra_forbidden": ("Unknown field {field}. Remove it", "no such field"),
    "model_attributes_type": ("{field} must be a JSON object", "a JSON object"),
}
"""Message and `detail.expected` for errors of pydantic whose text is not "Input should be …"."""
_PYDANTIC_SUBJECT = re.compile("^(Value error, )?([A-Z][a-z]+ )?should ")
"""The beginning of pydantic's text, which "<field> must" replaces."""
_AT_LEAST_ONE = "have at least 1 character"

HTTP_KEYS = {
    HTTPStatus.UNAUTHORIZED: "unauthorized",
    HTTPStatus.FORBIDDEN: "forbidden",
    HTTPStatus.NOT_FOUND: "not_found",
    HTTPStatus.METHOD_NOT_ALLOWED: "method_not_allowed",
    HTTPStatus.REQUEST_TIMEOUT: "request_timeout",
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: "request_entity_too_large",
}
"""The key of each status that Starlette or FastAPI raises; Python's own phrases change between releases."""

ERRORS: dict[int | str, dict[str, Any]] = {
    422: {"model": ErrorAnswer, "description": "Invalid parameter: see detail.field and detail.expected"},
    503: {"model": ErrorAnswer, "description": "The store is unavailable. Retry after the seconds in Retry-After"},
}
"""OpenAPI responses of endpoints that query the store."""

INVALID: dict[int | str, dict[str, Any]] = {422: ERRORS[422]}
"""OpenAPI responses of endpoints that do not depend on the store."""

CANNOT_KEEP: dict[int | str, dict[str, Any]] = {
    503: {"model": ErrorAnswer, "description": "The change cannot be saved to disk and was not applied"}
}
"""OpenAPI responses of endpoints that save a change."""

NOT_FOUND: dict[int | str, dict[str, Any]] = {
    404: {"model": ErrorAnswer, "description": "Not found. detail.nearest lists similar names"},
}
"""OpenAPI responses of endpoints about one object."""

NO_BODY: dict[int | str, dict[str, Any]] = {400: {"model": ErrorAnswer, "description": "The body is not text"}}
"""OpenAPI responses of endpoints that take a body."""


def add_error_handlers(app: FastAPI) -> None:
    """Register handlers that turn every error into an ErrorAnswer."""
    app.add_exception_handler(IngestorError, _ours)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http)


def internal_error() -> JsonAnswer:
    """Return the 500 for an unexpected exception. Its details are logged and not sent to the client."""
    return error_answer(
        HTTPStatus.INTERNAL_SERVER_ERROR, IngestorError.key, "Internal error. See the log of the Admin API"
    )


def error_answer(status: int, key: str, message: str, headers: dict[str, str] | None = None) -> JsonAnswer:
    """Return an ErrorAnswer for an error that is not an IngestorError."""
    return JsonAnswer({"error": {"key": key, "message": message, "detail": {}}}, status, headers)


async def _ours(_: Request, err: Exception) -> JsonAnswer:
    assert isinstance(err, IngestorError)
    if isinstance(err, UnexpectedError):  # its message is the exception of another service
        _log.error("service_failed_unexpectedly", error=err.message)
        return internal_error()
    headers = {}
    if isinstance(err, TransientError):
        headers["Retry-After"] = str(max(1, round(err.retry_after_s or 1)))
    return JsonAnswer(error_body(err), error_status(err), headers)


async def _invalid(request: Request, err: Exception) -> JsonAnswer:
    assert isinstance(err, RequestValidationError)
    first = err.errors()[0]
    place = first["loc"]
    # A parameter by its name, a part of a body by its path.
    field = ".".join(map(str, place[1:])) or "body" if place[0] == "body" else str(place[-1])
    if first["type"] == _NOT_JSON:
        field = "body"  # pydantic's place is that of a character
    message, expected = _in_words(first["type"], field, first["msg"])
    return await _ours(request, InvalidInputError(message, field=field, expected=expected))


def _in_words(type_: str, field: str, text: str) -> tuple[str, str]:
    """Return the message and `detail.expected` for an error of pydantic."""
    if type_ in _IN_WORDS:
        message, expected = _IN_WORDS[type_]
        return message.format(field=field), expected
    rule, found = _PYDANTIC_SUBJECT.subn("", text)
    if not found:
        return f"{field} is invalid: {text}", text
    if rule == _AT_LEAST_ONE:
        return f"{field} must not be empty", "a text that is not empty"
    return f"{field} must {rule}", rule.removeprefix("be ").removeprefix("have ")


async def _http(request: Request, err: Exception) -> JsonAnswer:
    assert isinstance(err, HTTPException)
    if err.status_code == HTTPStatus.BAD_REQUEST:  # how FastAPI rejects a body that is not text
        return await _ours(request, InvalidInputError(f"body must be {_BODY}", field="body", expected=_BODY))
    headers = dict(err.headers or {})
    message = str(err.detail)
    if err.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
        headers["Allow"] = ", ".join(_methods(request))
        message = f"{request.method} is not allowed here. Allowed: {headers['Allow']}"
    elif message == HTTPStatus.NOT_FOUND.phrase:
        message = "Nothing is at this path. See /api/v1/openapi.json for all endpoints"
    return error_answer(err.status_code, HTTP_KEYS[HTTPStatus(err.status_code)], message, headers)


def _methods(request: Request) -> list[str]:
    """Return every method of the requested path; the router's own `Allow` names those of one route only.

    A path without a route is a file of the dashboard. HEAD is allowed wherever GET is.
    """
    path = getattr(request.scope.get("route"), "path_format", None)
    routes = iter_route_contexts(request.app.routes)
    found = (
        {method for route in routes if route.path_format == path for method in route.methods or ()} if path else {"GET"}
    )
    return sorted(found | ({"HEAD"} if "GET" in found else set()))


_LISTED = 10
_NEAREST = 3


def unknown_name(kind: str, name: str, known: Iterable[str]) -> NotFoundError:
    """Return the error for an unknown name; it lists the known names if they are few, otherwise similar ones."""
    names = sorted(set(known))
    nearest = get_close_matches(name, names, n=_NEAREST, cutoff=0.6)
    if len(names) <= _LISTED:
        hint = f"Known: {', '.join(names)}." if names else f"No {kind} is known yet."
    else:
        hint = f"Did you mean {' or '.join(nearest)}?" if nearest else "No known name is similar."
    return NotFoundError(f"Unknown {kind} {name}. {hint}", **{kind: name}, nearest=nearest)
