"""What a check found, as data, and the course in which checks are made; `ha-ingestor doctor` shows it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import suppress
from email.utils import parsedate_to_datetime
from enum import StrEnum

from ha_ingestor_core.clock import NS_PER_S, datetime_to_ns
from ha_ingestor_core.errors import IngestorError
from ha_ingestor_core.redaction import without_secrets
from msgspec import Struct

_CLOCKS_NOTE_S = 2.0
_CLOCKS_PROBLEM_S = 30.0


class Status(StrEnum):
    """How a check ended."""

    GOOD = "good"
    NOTE = "note"
    PROBLEM = "problem"
    SKIPPED = "skipped"


class Finding(Struct, frozen=True):
    """One check: what was found, and what to do about it."""

    name: str
    status: Status
    message: str
    advice: str = ""


Check = Callable[[], Awaitable[Finding]]


class Course:
    """Makes checks one after the other: one whose needs ended badly is skipped, and one that fails is a finding."""

    def __init__(self) -> None:
        self._failed: set[str] = set()

    async def make(self, name: str, check: Check, *needs: str, advice: str = "") -> Finding:
        """What the check finds; never raises an error. `advice` is for an error that it raises."""
        because = [need for need in needs if need in self._failed]
        if because:
            finding = skipped(name, f"not checked: it needs what failed above ({because[0]})")
        else:
            finding = await _tried(name, check, advice)
        if finding.status in (Status.PROBLEM, Status.SKIPPED):
            self._failed.add(name)
        return finding


def good(name: str, message: str) -> Finding:
    """Nothing needs to be done."""
    return Finding(name, Status.GOOD, message)


def note(name: str, message: str, advice: str) -> Finding:
    """It works, and may not be what was meant."""
    return Finding(name, Status.NOTE, message, advice)


def problem(name: str, message: str, advice: str) -> Finding:
    """A person must act."""
    return Finding(name, Status.PROBLEM, message, advice)


def skipped(name: str, message: str) -> Finding:
    """It could not be checked."""
    return Finding(name, Status.SKIPPED, message)


def compare_clocks(name: str, whose: str, date: str, before_ns: int, after_ns: int, advice: str) -> Finding:
    """How far the clock of an answer's `Date` is from ours, which was read before and after the request."""
    told_ns: int | None = None
    with suppress(ValueError, TypeError):
        told_ns = datetime_to_ns(parsedate_to_datetime(date))
    if told_ns is None:
        return skipped(name, f"{whose} does not say what time it is")
    # A Date is cut to its second: on average the moment was half a second later.
    apart_s = (told_ns + NS_PER_S // 2 - (before_ns + after_ns) // 2) / NS_PER_S
    if abs(apart_s) <= _CLOCKS_NOTE_S:
        return good(name, f"the clock of {whose} agrees with ours, to {max(abs(apart_s), 0.5):.1f} s")
    message = f"the clock of {whose} is {abs(apart_s):,.0f} s {'ahead of' if apart_s > 0 else 'behind'} ours"
    return (problem if abs(apart_s) > _CLOCKS_PROBLEM_S else note)(name, message, advice)


async def _tried(name: str, check: Check, advice: str) -> Finding:
    try:
        return await check()
    except IngestorError as err:
        return problem(name, err.message, advice)
    except Exception as err:  # a doctor never stumbles
        return problem(name, without_secrets(f"unexpected: {type(err).__name__}: {err}"), advice)
