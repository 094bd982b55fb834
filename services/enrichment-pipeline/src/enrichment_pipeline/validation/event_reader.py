"""Reads captured events: either a typed value comes out, or an error that names the field and what was expected."""

from __future__ import annotations

from datetime import datetime

from ha_ingestor_core.clock import NS_PER_S, datetime_to_ns
from ha_ingestor_core.errors import InvalidInputError
from ha_ingestor_core.events import (
    Event,
    StateChange,
    StateChangedEvent,
    decode_event,
    decode_state_change,
    decode_state_changed_event,
)
from msgspec import Raw

from enrichment_pipeline.validation.decode_errors import DECODE_ERRORS, Problem, RejectionKey, explain, problem

MIN_TIME_NS = -9_214_560_000 * NS_PER_S  # 1678-01-01
MAX_TIME_NS = 9_214_646_400 * NS_PER_S - 1  # before 2262-01-01; an int64 of nanoseconds ends in April of that year
_EXPECTED_RANGE = "between the years 1678 and 2261"


class InvalidEventError(InvalidInputError):
    """An event that cannot be stored; `problem` says why."""

    key = "invalid_event"

    def __init__(self, found: Problem) -> None:
        super().__init__(found.message, field=found.field, expected=found.expected)
        self.problem = found


def read_event(raw: Raw) -> Event:
    """The event in what Home Assistant sent; raises InvalidEventError."""
    try:
        event = decode_event(raw)
    except DECODE_ERRORS as err:
        raise InvalidEventError(explain(err, "event")) from err
    if not event.event_type:
        raise InvalidEventError(problem(RejectionKey.EMPTY_FIELD, "event_type", "the name of an event", "nothing"))
    return event


def read_state_changed_event(raw: Raw) -> StateChangedEvent | None:
    """The event where it is a `state_changed` with nothing wrong, as nearly all are; None says to look piece by piece.

    Reading both layers at once takes half the time of one after the other, and only the latter says what is wrong.
    """
    try:
        event = decode_state_changed_event(raw)
    except DECODE_ERRORS:
        return None
    return event if event.data.entity_id else None


def read_state_change(data: Raw) -> StateChange:
    """The data of a `state_changed` event; raises InvalidEventError."""
    try:
        change = decode_state_change(data)
    except DECODE_ERRORS as err:
        raise InvalidEventError(explain(err, "data")) from err
    if not change.entity_id:
        raise InvalidEventError(problem(RejectionKey.EMPTY_FIELD, "data.entity_id", "the id of an entity", "nothing"))
    return change


def read_text(raw: Raw, field: str) -> str:
    """The JSON text of a part that is kept as it came; raises InvalidEventError."""
    try:
        return str(raw, "utf-8")
    except UnicodeDecodeError as err:
        raise InvalidEventError(explain(err, field)) from err


def read_time(moment: datetime, field: str) -> int:
    """Nanoseconds since 1970, with room for the three digits below the microsecond; raises InvalidEventError."""
    time_ns = datetime_to_ns(moment)
    if not MIN_TIME_NS <= time_ns <= MAX_TIME_NS:
        raise InvalidEventError(problem(RejectionKey.TIME_OUT_OF_RANGE, field, _EXPECTED_RANGE, moment.isoformat()))
    return time_ns
