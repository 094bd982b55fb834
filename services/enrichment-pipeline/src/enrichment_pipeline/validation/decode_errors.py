"""What is wrong with JSON that could not be decoded: a stable key, the field, and what was expected of it."""

from __future__ import annotations

import re
from enum import StrEnum
from typing import NamedTuple

import msgspec
from ha_ingestor_core.errors import InvalidInputError

DECODE_ERRORS = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError)
"""All that msgspec raises over hostile bytes; the last two are Python's own."""

_AT = re.compile(r"(?P<what>.*?)(?: - at `\$\.?(?P<path>.*)`)?", re.DOTALL)
_MISSING = re.compile(r"Object missing required field `(?P<name>.*)`", re.DOTALL)
_EXPECTED = re.compile(r"Expected `(?P<expected>.*)`, got `(?P<got>.*)`", re.DOTALL)

EXPECTED_TIME = "an RFC 3339 time with an offset, such as 2026-01-31T12:00:00+00:00"


class RejectionKey(StrEnum):
    """Why an event was rejected: the `key` of its rejection, and the metric's label."""

    MALFORMED = "malformed"
    MISSING_FIELD = "missing_field"
    WRONG_TYPE = "wrong_type"
    EMPTY_FIELD = "empty_field"
    INVALID_TIME = "invalid_time"
    TIME_WITHOUT_OFFSET = "time_without_offset"
    TIME_OUT_OF_RANGE = "time_out_of_range"
    INTERNAL_ERROR = "internal_error"


class Problem(NamedTuple):
    """One thing that is wrong; `message` names the field and what was expected."""

    key: RejectionKey
    field: str
    expected: str
    message: str


class InvalidEventError(InvalidInputError):
    """An event that cannot be stored; `problem` says why."""

    key = "invalid_event"

    def __init__(self, found: Problem) -> None:
        super().__init__(found.message, field=found.field, expected=found.expected)
        self.problem = found


def problem(key: RejectionKey, field: str, expected: str, got: str = "") -> Problem:
    """A problem whose message is put together from its parts."""
    return Problem(key, field, expected, f"{field} should be {expected}" + (f", got {got}" if got else ""))


def explain(err: Exception, whole: str) -> Problem:
    """The problem behind one of DECODE_ERRORS; `whole` names what was decoded: `event`, `data`, `body`."""
    match err:
        case UnicodeDecodeError():
            return problem(RejectionKey.MALFORMED, whole, "UTF-8", repr(err.object[err.start : err.end]))
        case RecursionError():
            return problem(RejectionKey.MALFORMED, whole, "JSON that is not nested hundreds of levels deep")
        case msgspec.ValidationError():
            return _invalid(str(err), whole)
        case _:
            return problem(RejectionKey.MALFORMED, whole, "JSON", str(err))


def _invalid(text: str, whole: str) -> Problem:
    found = _AT.fullmatch(text)
    what, path = (found["what"], found["path"]) if found else (text, None)
    field = _join(whole, path)
    if missing := _MISSING.fullmatch(what):
        name = _join(field, missing["name"])
        return problem(RejectionKey.MISSING_FIELD, name, "there", "nothing")
    if what.startswith("Expected `datetime` with a timezone"):
        return problem(RejectionKey.TIME_WITHOUT_OFFSET, field, EXPECTED_TIME, "one without an offset")
    if what.startswith("Invalid RFC3339"):
        return problem(RejectionKey.INVALID_TIME, field, EXPECTED_TIME)
    if expected := _EXPECTED.fullmatch(what):
        key = RejectionKey.WRONG_TYPE if path or "." in whole or whole == "data" else RejectionKey.MALFORMED
        return problem(key, field, expected["expected"], expected["got"])
    return Problem(RejectionKey.WRONG_TYPE, field, what, f"{field}: {what}")


def _join(whole: str, path: str | None) -> str:
    """`event` and `body` stand for the object itself and are left out of a path."""
    if not path:
        return whole
    return path if whole in {"event", "body"} else f"{whole}.{path}"
