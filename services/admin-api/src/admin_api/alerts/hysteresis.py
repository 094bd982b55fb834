"""When an alert is raised and cleared: after its condition held for a while, and after it was over for a while.

Between the two bounds nothing changes, and what is unknown neither raises nor clears, so nothing flaps.
"""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct

from admin_api.alerts.rules import Rule


class Change(StrEnum):
    """What a step did."""

    RAISED = "raised"
    CLEARED = "cleared"


class Phase(Struct, frozen=True):
    """How far one condition is: quiet, waiting to be raised, raised, or waiting to be cleared.

    `since_ns` is the time at which the condition began, `waits_from` the monotonic second at which what has to last
    for a while began.
    """

    since_ns: int | None = None
    waits_from: float | None = None
    is_raised: bool = False


QUIET = Phase()


def step(rule: Rule, phase: Phase, value: float | None, *, now_ns: int, now_s: float) -> tuple[Phase, Change | None]:
    """The phase after a value was seen, and what changed; None as value: it could not be known."""
    if phase.is_raised:
        return _while_raised(rule, phase, value, now_s)
    if value is None or not rule.is_beyond(value):
        return QUIET, None
    waits_from = now_s if phase.waits_from is None else phase.waits_from
    since_ns = now_ns if phase.since_ns is None else phase.since_ns
    if now_s - waits_from >= rule.for_s:
        return Phase(since_ns, None, is_raised=True), Change.RAISED
    return Phase(since_ns, waits_from), None


def _while_raised(rule: Rule, phase: Phase, value: float | None, now_s: float) -> tuple[Phase, Change | None]:
    if value is None or not rule.is_back(value):
        return Phase(phase.since_ns, None, is_raised=True), None
    waits_from = now_s if phase.waits_from is None else phase.waits_from
    if now_s - waits_from >= rule.clear_after_s:
        return QUIET, Change.CLEARED
    return Phase(phase.since_ns, waits_from, is_raised=True), None
