"""How each version of InfluxDB answers a write, as data: what is isolated, divided, retried or left to a person.

A 400 or 422 is about lines only where its reason is of a known form. TLS ports, proxies and limits of the server answer
400 too: those refusals say nothing about a line.
"""

from __future__ import annotations

import re
from enum import StrEnum
from http import HTTPStatus

import msgspec
from msgspec import Struct

_MESSAGE_LIMIT = 500
_DROPPED = re.compile(r"dropped=([0-9]+)")
_OUTSIDE = re.compile(r"dropped ([0-9]+) points outside retention policy")
_TAGS = re.compile(r"<(?:script|style)\b.*?</(?:script|style)>|<[^>]*>", re.DOTALL | re.IGNORECASE)
_BLANKS = re.compile(r"\s+")


class Verdict(StrEnum):
    """What an answer means for the lines that were sent."""

    WRITTEN = "written"
    BAD_LINES = "bad_lines"
    """Some lines are bad: which, is found by halving. Whether the others were written does not matter: a repeat is
    harmless."""
    TOO_LARGE = "too_large"
    SERVER_LIMIT = "server_limit"
    """A limit of the server is reached: no fault of the lines that meet it."""
    UNKNOWN = "unknown"
    """Refused for a reason of an unknown form: a line that was accepted before tells whose fault it is."""
    TRY_AGAIN = "try_again"
    NEEDS_A_PERSON = "needs_a_person"


class RefusalKey(StrEnum):
    """Why the store refused a point: the `key` of its rejection."""

    BEYOND_RETENTION = "beyond_retention"
    TYPE_CONFLICT = "type_conflict"
    TOO_LARGE = "too_large"
    MALFORMED = "malformed_for_store"
    OTHER = "refused_by_store"


class WriteAnswers(Struct, frozen=True):
    """The answers of one version."""

    bad_lines: frozenset[int]
    nowhere: str = ""
    """What a reason holds that says there is no such place, whatever the status."""


V1_ANSWERS = WriteAnswers(bad_lines=frozenset({400}), nowhere="retention policy not found")
"""1.x, tried on 1.6.7: 400 for whatever is wrong; the good lines are mostly written, not all of them always."""

V2_ANSWERS = WriteAnswers(bad_lines=frozenset({400, 422}))
"""2.x, tried on 2.7.12: 400 = a malformed line, nothing is written; 422 = the good lines are written."""

_NEEDS_A_PERSON = frozenset({401, 403, 404})


def judge(answers: WriteAnswers, status: int, message: str) -> Verdict:
    """Return what an answer means; `message` is the whole of `server_message`."""
    if status == HTTPStatus.NO_CONTENT:  # what every version says; 200 is a login page of a proxy
        return Verdict.WRITTEN
    if status in answers.bad_lines:
        key = refusal_key(message)
        if key is RefusalKey.OTHER:
            return Verdict.SERVER_LIMIT if _LIMITS.match(message) else Verdict.UNKNOWN
        return Verdict.BAD_LINES
    if status == HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
        return Verdict.TOO_LARGE
    if status in _NEEDS_A_PERSON or (answers.nowhere and answers.nowhere in message):
        return Verdict.NEEDS_A_PERSON
    return Verdict.TRY_AGAIN  # 500 is InfluxDB's word for overload, too; whatever else a proxy says may pass


def server_message(body: bytes) -> str:
    """Return the whole reason that a server gave: `message` of 2.x, `error` of 1.x, the text of a page, or the body."""
    try:
        told = msgspec.json.decode(body, type=_Told)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        text = body.decode(errors="replace")
        return _BLANKS.sub(" ", _TAGS.sub(" ", text)).strip() or text.strip()
    return told.message or told.error or body.decode(errors="replace")


def quoted(message: str) -> str:
    """Return a reason cut to a length that is fit for a log line or an alert."""
    if not message:
        return "no reason was given"
    return message if len(message) <= _MESSAGE_LIMIT else f"{message[: _MESSAGE_LIMIT - 1]}…"


_PREFIX = r"(?:failure writing points to database: )?(?:partial write: )?"
_LIMITS = re.compile(_PREFIX + r"max[- ](?:values[- ]per[- ]tag|series[- ]per[- ]database)\b")
_KINDS: tuple[tuple[re.Pattern[str], RefusalKey], ...] = tuple(
    (re.compile(_PREFIX + form, re.DOTALL), key)
    for form, key in (
        (r"points beyond retention policy", RefusalKey.BEYOND_RETENTION),
        (r"dropped [0-9]+ points outside retention policy", RefusalKey.BEYOND_RETENTION),
        (r"field type conflict: ", RefusalKey.TYPE_CONFLICT),
        (r"input field .* is too long, [0-9]+ > [0-9]+", RefusalKey.TOO_LARGE),
        (r"(?:unable to parse '.*': )?max key (?:length|size) exceeded: ", RefusalKey.TOO_LARGE),
        (r"unable to parse '", RefusalKey.MALFORMED),
        (r"invalid (?:tag key|field name|field format|measurement)\b", RefusalKey.MALFORMED),
    )
)
"""What 1.6.7 and 2.7.12 say of lines, tried; anchored, since a reason quotes the line, which may hold any text."""


def refusal_key(message: str) -> RefusalKey:
    """Return which of our keys a server's reason is; OTHER where it is of no known form."""
    return next((key for form, key in _KINDS if form.match(message)), RefusalKey.OTHER)


def all_beyond_retention(message: str, lines: int) -> bool:
    """Whether every line was dropped for its age: a back-fill would be halved down to each of thousands."""
    if refusal_key(message) is not RefusalKey.BEYOND_RETENTION:
        return False
    found = _OUTSIDE.search(message) or _DROPPED.search(message)
    return found is not None and int(found[1]) >= lines


class _Told(Struct):
    message: str = ""
    error: str = ""
