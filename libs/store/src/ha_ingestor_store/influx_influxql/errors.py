"""What an answer of `/query` says went wrong, translated into our errors in one place."""

from __future__ import annotations

from http import HTTPStatus

from ha_ingestor_core.errors import IngestorError, StoreRefusedError, StoreUnavailableError

_A_PERSON_MUST_ACT = ("not found", "authoriz", "not authorized", "error parsing query", "permission")


def error_of(url: str, status: int, message: str, retry_after_s: float | None) -> IngestorError:
    """The error of ours for a refused request or statement."""
    text = f"{url} answered {status} to a question: {message}"
    if status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN) or any(part in message for part in _A_PERSON_MUST_ACT):
        return StoreRefusedError(text, status=status)
    return StoreUnavailableError(text, retry_after_s=retry_after_s, status=status)
