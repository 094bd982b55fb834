"""The checks of `ha-ingestor doctor`: running them in order, and their findings."""

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
    """The result of a check."""

    GOOD = "good"
    NOTE = "note"
    PROBLEM = "problem"
    SKIPPED = "skipped"


class Finding(Struct, frozen=True):
    """What one check found, and what to do."""

    name: str
    status: Status
    message: str
    advice: str = ""


Check = Callable[[], Awaitable[Finding]]


class CheckRun:
    """Runs checks in order; a check that depends on a failed one is skipped, and one that raises is a finding."""

    def __init__(self) -> None:
        self._failed: set[str] = set()

    async def run(self, name: str, check: Check, *needs: str, advice: str = "") -> Finding:
        """Return the finding of a check; `advice` is for an error that the check raises."""
        failed = [need for need in needs if need in self._failed]
        if failed:
            finding = skipped(name, f"skipped because '{failed[0]}' failed")
        else:
            finding = await _tried(name, check, advice)
        if finding.status in (Status.PROBLEM, Status.SKIPPED):
            self._failed.add(name)
        return finding


def good(name: str, message: str) -> Finding:
    """Return a finding that needs no action."""
    return Finding(name, Status.GOOD, message)


def note(name: str, message: str, advice: str) -> Finding:
    """Return a finding that may need an action."""
    return Finding(name, Status.NOTE, message, advice)


def problem(name: str, message: str, advice: str) -> Finding:
    """Return a finding that needs an action."""
    return Finding(name, Status.PROBLEM, message, advice)


def skipped(name: str, message: str) -> Finding:
    """Return a finding of a check that was not made."""
    return Finding(name, Status.SKIPPED, message)


def compare_clocks(name: str, whose: str, date: str, before_ns: int, after_ns: int, advice: str) -> Finding:
    """Compare the `Date` of an answer with our clock, read before and after the request."""
    their_ns: int | None = None
    with suppress(ValueError, TypeError):
        their_ns = datetime_to_ns(parsedate_to_datetime(date))
    if their_ns is None:
        return skipped(name, f"{whose} does not send its time")
    # A Date has whole seconds: on average the actual time is half a second later.
    apart_s = (their_ns + NS_PER_S // 2 - (before_ns + after_ns) // 2) / NS_PER_S
    if abs(apart_s) <= _CLOCKS_NOTE_S:
        return good(name, f"the clock of {whose} agrees with this machine's, within {max(abs(apart_s), 0.5):.1f} s")
    message = f"the clock of {whose} is {abs(apart_s):,.0f} s {'ahead of' if apart_s > 0 else 'behind'} this machine's"
    return (problem if abs(apart_s) > _CLOCKS_PROBLEM_S else note)(name, message, advice)


async def _tried(name: str, check: Check, advice: str) -> Finding:
    try:
        return await check()
    except IngestorError as err:
        return problem(name, err.message, advice)
    except Exception as err:  # one failing check must not end the others
        return problem(name, without_secrets(f"unexpected error: {type(err).__name__}: {err}"), advice)
