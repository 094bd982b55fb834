"""The errors of HA Ingestor as HTTP responses, and back."""

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

_SECONDS = re.compile(r"[0-9]{1,6}")  # a Retry-After may also be a date, or anything


def error_body(err: IngestorError) -> dict[str, Any]:
    """The JSON of an error: `{"error": {"key", "message", "detail"}}`."""
    return {"error": {"key": err.key, "message": err.message, "detail": err.detail}}


def error_status(err: IngestorError) -> HTTPStatus:
    """The HTTP status that tells the caller what kind of error this is."""
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


class _Told(Struct):
    message: str
    key: str = ""
    detail: dict[str, Any] = {}


class _Refusal(Struct):
    error: _Told


def error_from(response: aiohttp.ClientResponse, content: bytes, base_url: str) -> IngestorError:
    try:
        told = msgspec.json.decode(content, type=_Refusal).error
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        told = _Told(f"{base_url} answered {response.status}")
    retry_after = response.headers.get("Retry-After", "")
    error = _error_of(response.status, told, float(retry_after) if _SECONDS.fullmatch(retry_after) else None)
    error.detail = told.detail
    return error


def _error_of(status: int, told: _Told, retry_after_s: float | None) -> IngestorError:
    match status:
        case HTTPStatus.CONFLICT if told.key == FixedByEnvironmentError.key:
            return FixedByEnvironmentError(told.message)
        case HTTPStatus.NOT_FOUND if told.key == NotFoundError.key:
            return NotFoundError(told.message)
        case HTTPStatus.CONFLICT:
            return RegistryUnknownError(told.message)
        case HTTPStatus.UNPROCESSABLE_ENTITY | HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
            return InvalidInputError(told.message)
        case HTTPStatus.TOO_MANY_REQUESTS:
            return BackpressureError(told.message, retry_after_s=retry_after_s)
        case HTTPStatus.INTERNAL_SERVER_ERROR if told.key == UnexpectedError.key:
            return UnexpectedError(told.message)
        case _ if status >= HTTPStatus.INTERNAL_SERVER_ERROR or status == HTTPStatus.REQUEST_TIMEOUT:
            return ServiceUnavailableError(told.message, retry_after_s=retry_after_s)
        case _:
            return ServiceRefusedError(told.message)
