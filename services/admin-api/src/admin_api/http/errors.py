"""Every error as one shape: ours, FastAPI's and Starlette's become `{"error": {"key", "message", "detail"}}`."""

from __future__ import annotations

import re
from http import HTTPStatus
from typing import Any

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.routing import iter_route_contexts
from ha_ingestor_core.errors import IngestorError, InvalidInputError, TransientError, UnexpectedError
from ha_ingestor_core.internal_http import error_body, error_status
from starlette.exceptions import HTTPException

from admin_api.http.models import ErrorAnswer
from admin_api.http.views import JsonAnswer

_log = structlog.get_logger()

_BODY = "JSON in UTF-8"
_NOT_JSON = "json_invalid"
_EXPECTED = {_NOT_JSON: _BODY, "missing": "given", "extra_forbidden": "left out: there is no such member"}
"""Where what pydantic says is no end of a sentence with "should be"."""
_LENGTH = re.compile("^String should have ")
"""So is what it says of a text that is too long."""

HTTP_KEYS = {
    HTTPStatus.UNAUTHORIZED: "unauthorized",
    HTTPStatus.FORBIDDEN: "forbidden",
    HTTPStatus.NOT_FOUND: "not_found",
    HTTPStatus.METHOD_NOT_ALLOWED: "method_not_allowed",
    HTTPStatus.REQUEST_TIMEOUT: "request_timeout",
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: "request_entity_too_large",
}
"""The key of each status that is answered without an error of ours; Python's own phrases change between releases."""

ERRORS: dict[int | str, dict[str, Any]] = {
    422: {"model": ErrorAnswer, "description": "A parameter is wrong: detail.field, detail.expected"},
    503: {"model": ErrorAnswer, "description": "The store can't answer now; Retry-After says when to ask again"},
}
"""What every question of the store may answer instead, for the OpenAPI."""

INVALID: dict[int | str, dict[str, Any]] = {422: ERRORS[422]}
"""What a question that is always answered may answer instead."""

CANNOT_KEEP: dict[int | str, dict[str, Any]] = {
    503: {"model": ErrorAnswer, "description": "It can't be kept on the disk, so it was not changed"}
}
"""What a change may answer instead."""

NOT_FOUND: dict[int | str, dict[str, Any]] = {
    404: {"model": ErrorAnswer, "description": "There is nothing of this name; detail.nearest tells what is close"},
}
"""What a question about one thing may answer as well."""

NO_BODY: dict[int | str, dict[str, Any]] = {400: {"model": ErrorAnswer, "description": "The body is no text at all"}}
"""What a change with a body may answer as well."""


def add_error_handlers(app: FastAPI) -> None:
    """Let an application answer every error in our shape."""
    app.add_exception_handler(IngestorError, _ours)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http)


def internal_error() -> JsonAnswer:
    """The answer to what we did not foresee; the log has the details, the caller does not."""
    return error_answer(
        HTTPStatus.INTERNAL_SERVER_ERROR, IngestorError.key, "This is a fault of ours; the log says more"
    )


def error_answer(status: int, key: str, message: str, headers: dict[str, str] | None = None) -> JsonAnswer:
    """An error that has no class of ours."""
    return JsonAnswer({"error": {"key": key, "message": message, "detail": {}}}, status, headers)


async def _ours(_: Request, err: Exception) -> JsonAnswer:
    assert isinstance(err, IngestorError)
    if isinstance(err, UnexpectedError):  # another service's mistake, in the words of its exception
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
    expected = _EXPECTED.get(first["type"]) or re.sub(
        r"^(Value error, |Input )?(should|must) (be|have) ", "", _LENGTH.sub("a text of ", first["msg"])
    )
    return await _ours(request, InvalidInputError(f"{field} should be {expected}", field=field, expected=expected))


async def _http(request: Request, err: Exception) -> JsonAnswer:
    assert isinstance(err, HTTPException)
    if err.status_code == HTTPStatus.BAD_REQUEST:  # FastAPI's word for a body that is no text at all
        return await _ours(request, InvalidInputError(f"body should be {_BODY}", field="body", expected=_BODY))
    headers = dict(err.headers or {})
    if err.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
        headers["Allow"] = ", ".join(_methods(request))
    return error_answer(err.status_code, HTTP_KEYS[HTTPStatus(err.status_code)], str(err.detail), headers)


def _methods(request: Request) -> list[str]:
    """Return every method of the path that was asked: the router's own answer names those of one route alone.

    A path without a route is a file of the dashboard. HEAD is there wherever GET is.
    """
    path = getattr(request.scope.get("route"), "path_format", None)
    routes = iter_route_contexts(request.app.routes)
    found = (
        {method for route in routes if route.path_format == path for method in route.methods or ()} if path else {"GET"}
    )
    return sorted(found | ({"HEAD"} if "GET" in found else set()))
