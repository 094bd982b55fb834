"""How each version of InfluxDB answers a write, as data: what is isolated, divided, retried or left to a person."""

from __future__ import annotations

import re
from enum import StrEnum
from http import HTTPStatus

import msgspec
from msgspec import Struct

_MESSAGE_LIMIT = 500
_DROPPED = re.compile(r"dropped=([0-9]+)")


class Verdict(StrEnum):
    """What an answer means for the lines that were sent."""

    WRITTEN = "written"
    BAD_LINES = "bad_lines"
    """Some lines are bad: which, is found by halving. Whether the others were written does not matter: a repeat is
    harmless."""
    TOO_LARGE = "too_large"
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
    """What an answer means."""
    if status == HTTPStatus.NO_CONTENT:  # what every version says; 200 is a login page of a proxy
        return Verdict.WRITTEN
    if status in answers.bad_lines:
        return Verdict.BAD_LINES
    if status == HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
        return Verdict.TOO_LARGE
    if status in _NEEDS_A_PERSON or (answers.nowhere and answers.nowhere in message):
        return Verdict.NEEDS_A_PERSON
    return Verdict.TRY_AGAIN  # 500 is InfluxDB's word for overload, too; whatever else a proxy says may pass


def server_message(body: bytes) -> str:
    """The reason that a server gave: `message` of 2.x, `error` of 1.x, or what there is."""
    try:
        told = msgspec.json.decode(body, type=_Told)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return body.decode(errors="replace").strip()[:_MESSAGE_LIMIT]
    return (told.message or told.error or body.decode(errors="replace"))[:_MESSAGE_LIMIT]


def refusal_key(message: str) -> RefusalKey:
    """Which of our keys a server's reason is."""
    if "retention policy" in message:
        return RefusalKey.BEYOND_RETENTION
    if "field type conflict" in message:
        return RefusalKey.TYPE_CONFLICT
    if "too long" in message or (
        "max" in message and ("length" in message or "size" in message or "exceeded" in message)
    ):
        return RefusalKey.TOO_LARGE
    if "unable to parse" in message or "invalid" in message:
        return RefusalKey.MALFORMED
    return RefusalKey.OTHER


def all_beyond_retention(message: str, lines: int) -> bool:
    """Whether every line was dropped for its age: a back-fill would be halved down to each of thousands."""
    found = _DROPPED.search(message)
    return refusal_key(message) is RefusalKey.BEYOND_RETENTION and found is not None and int(found[1]) >= lines


class _Told(Struct):
    message: str = ""
    error: str = ""
