"""Translates errors of decoding to a stable key, the field, and the expected value."""

from __future__ import annotations

import re
from enum import StrEnum
from typing import NamedTuple

import msgspec
from ha_ingestor_core.errors import InvalidInputError

DECODE_ERRORS = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError)
"""The errors of msgspec for arbitrary bytes."""

_AT = re.compile(r"(?P<what>.*?)(?: - at `\$\.?(?P<path>.*)`)?", re.DOTALL)
_MISSING = re.compile(r"Object missing required field `(?P<name>.*)`", re.DOTALL)
_EXPECTED = re.compile(r"Expected `(?P<expected>.*)`, got `(?P<got>.*)`", re.DOTALL)

_TYPES = {
    "object": "an object",
    "array": "an array",
    "str": "a string",
    "int": "an integer",
    "float": "a number",
    "bool": "true or false",
    "datetime": "a time",
}
"""The types in messages of msgspec, in words."""

EXPECTED_TIME = "an RFC 3339 time with an offset, such as 2026-01-31T12:00:00+00:00"


class RejectionKey(StrEnum):
    """Why an event was rejected: the `key` of the rejection and the label of the metric."""

    MALFORMED = "malformed"
    MISSING_FIELD = "missing_field"
    WRONG_TYPE = "wrong_type"
    EMPTY_FIELD = "empty_field"
    INVALID_TIME = "invalid_time"
    TIME_WITHOUT_OFFSET = "time_without_offset"
    TIME_OUT_OF_RANGE = "time_out_of_range"
    INTERNAL_ERROR = "internal_error"


class Problem(NamedTuple):
    """A problem of one field; `message` has the field and the expected value."""

    key: RejectionKey
    field: str
    expected: str
    message: str


class InvalidEventError(InvalidInputError):
    """The event cannot be stored because of `problem`."""

    key = "invalid_event"

    def __init__(self, found: Problem) -> None:
        super().__init__(found.message, field=found.field, expected=found.expected)
        self.problem = found


def problem(key: RejectionKey, field: str, expected: str, got: str = "") -> Problem:
    """Return a problem with the message "<field> must be <expected>, got <got>"."""
    return Problem(key, field, expected, f"{field} must be {expected}" + (f", got {got}" if got else ""))


def empty_field(field: str) -> Problem:
    """Return the problem of an empty text."""
    return Problem(RejectionKey.EMPTY_FIELD, field, "a non-empty string", f"{field} must not be empty")


def explain(err: Exception, whole: str) -> Problem:
    """Return the problem behind one of DECODE_ERRORS; `whole` is the decoded object: `event`, `data`, `body`."""
    match err:
        case UnicodeDecodeError():
            return problem(RejectionKey.MALFORMED, whole, "UTF-8", repr(err.object[err.start : err.end]))
        case RecursionError():
            return problem(RejectionKey.MALFORMED, whole, "JSON with fewer levels of nesting")
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
        return Problem(RejectionKey.MISSING_FIELD, name, "a value", f"{name} is missing")
    if what.startswith("Expected `datetime` with a timezone"):
        return problem(RejectionKey.TIME_WITHOUT_OFFSET, field, EXPECTED_TIME, "one without an offset")
    if what.startswith("Invalid RFC3339"):
        return problem(RejectionKey.INVALID_TIME, field, EXPECTED_TIME)
    if expected := _EXPECTED.fullmatch(what):
        key = RejectionKey.WRONG_TYPE if path or "." in whole or whole == "data" else RejectionKey.MALFORMED
        return problem(key, field, _in_words(expected["expected"]), _in_words(expected["got"]))
    return Problem(RejectionKey.WRONG_TYPE, field, what, f"{field}: {what}")


def _in_words(types: str) -> str:
    """Return a type of msgspec, such as `str | null`, in words."""
    return " or ".join(_TYPES.get(each, each) for each in types.split(" | "))


def _join(whole: str, path: str | None) -> str:
    """Return the path of a field; `event` and `body` are the object itself, and not part of it."""
    if not path:
        return whole
    return path if whole in {"event", "body"} else f"{whole}.{path}"
