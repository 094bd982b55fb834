"""Hysteresis: an alert is raised when its condition has held for `for`, cleared when it was over for `clear_after`.

Values between the two limits and unknown values change nothing, so that alerts do not flap.
"""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct

from admin_api.alerts.rules import Rule


class Change(StrEnum):
    """The result of a step."""

    RAISED = "raised"
    CLEARED = "cleared"


class Phase(Struct, frozen=True):
    """The phase of a condition: quiet, pending, raised, or pending clearance.

    `since_ns` is the start of the condition, `waits_from` the monotonic time at which the pending phase began.
    """

    since_ns: int | None = None
    waits_from: float | None = None
    is_raised: bool = False


QUIET = Phase()


def step(rule: Rule, phase: Phase, value: float | None, *, now_ns: int, now_s: float) -> tuple[Phase, Change | None]:
    """Return the phase after a value (None: unknown), and the change."""
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
