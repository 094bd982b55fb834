"""Converts errors to HTTP responses, and back."""

from __future__ import annotations

import re
from http import HTTPStatus
from typing import Any

import aiohttp
import msgspec
from msgspec import Struct

from ha_ingestor_core.errors import (
    BackpressureError,
    FixedByEnvironmentError,
    IngestorError,
    InvalidInputError,
    NotFoundError,
    RegistryUnknownError,
    ServiceRefusedError,
    ServiceUnavailableError,
    TerminalError,
    TransientError,
    UnexpectedError,
)

_SECONDS = re.compile(r"[0-9]{1,6}")  # Retry-After can also be a date


def error_body(err: IngestorError) -> dict[str, Any]:
    """Return the JSON of an error: `{"error": {"key", "message", "detail"}}`."""
    return {"error": {"key": err.key, "message": err.message, "detail": err.detail}}


def error_status(err: IngestorError) -> HTTPStatus:
    """Return the HTTP status of an error."""
    match err:
        case InvalidInputError():
            return HTTPStatus.UNPROCESSABLE_ENTITY
        case NotFoundError():
            return HTTPStatus.NOT_FOUND
        case RegistryUnknownError() | FixedByEnvironmentError():
            return HTTPStatus.CONFLICT
        case BackpressureError():
            return HTTPStatus.TOO_MANY_REQUESTS
        case UnexpectedError():
            return HTTPStatus.INTERNAL_SERVER_ERROR
        case TransientError() | TerminalError():
            return HTTPStatus.SERVICE_UNAVAILABLE
        case _:
            return HTTPStatus.INTERNAL_SERVER_ERROR


class _Error(Struct):
    message: str
    key: str = ""
    detail: dict[str, Any] = {}


class _ErrorResponse(Struct):
    error: _Error


def error_from(response: aiohttp.ClientResponse, content: bytes, base_url: str) -> IngestorError:
    try:
        body = msgspec.json.decode(content, type=_ErrorResponse).error
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        body = _Error(f"{base_url} responded with status {response.status}")
    retry_after = response.headers.get("Retry-After", "")
    error = _error_of(response.status, body, float(retry_after) if _SECONDS.fullmatch(retry_after) else None)
    error.detail = body.detail
    return error


def _error_of(status: int, body: _Error, retry_after_s: float | None) -> IngestorError:
    match status:
        case HTTPStatus.CONFLICT if body.key == FixedByEnvironmentError.key:
            return FixedByEnvironmentError(body.message)
        case HTTPStatus.NOT_FOUND if body.key == NotFoundError.key:
            return NotFoundError(body.message)
        case HTTPStatus.CONFLICT:
            return RegistryUnknownError(body.message)
        case HTTPStatus.UNPROCESSABLE_ENTITY | HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
            return InvalidInputError(body.message)
        case HTTPStatus.TOO_MANY_REQUESTS:
            return BackpressureError(body.message, retry_after_s=retry_after_s)
        case HTTPStatus.INTERNAL_SERVER_ERROR if body.key == UnexpectedError.key:
            return UnexpectedError(body.message)
        case _ if status >= HTTPStatus.INTERNAL_SERVER_ERROR or status == HTTPStatus.REQUEST_TIMEOUT:
            return ServiceUnavailableError(body.message, retry_after_s=retry_after_s)
        case _:
            return ServiceRefusedError(body.message)
