"""What an answer of `/query` says went wrong, translated into our errors in one place."""

from __future__ import annotations

from http import HTTPStatus

from ha_ingestor_core.errors import IngestorError, StoreRefusedError, StoreUnavailableError

_NO_SUCH_PLACE = ("database not found", "retention policy not found", "default retention policy not set")
_A_PERSON_MUST_ACT = (*_NO_SUCH_PLACE, "not found", "authoriz", "error parsing query", "parse query", "permission")


def error_of(url: str, status: int, message: str, retry_after_s: float | None) -> IngestorError:
    """Return the error for a refused request or statement."""
    text = f"{url} answered {status} to a question: {message}"
    if status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN) or any(part in message for part in _A_PERSON_MUST_ACT):
        return StoreRefusedError(text, status=status)
    return StoreUnavailableError(text, retry_after_s=retry_after_s, status=status)


def is_missing(err: StoreRefusedError) -> bool:
    """Whether a question failed because its database, bucket or retention policy does not exist.

    A token that may not read a bucket of 2.x gets the same answer.
    """
    return any(part in err.message for part in _NO_SUCH_PLACE)
