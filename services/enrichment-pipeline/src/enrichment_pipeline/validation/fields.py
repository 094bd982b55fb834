"""Reads single fields of an event: texts, and times in the range of the store."""

from __future__ import annotations

from datetime import datetime

from ha_ingestor_core.clock import NS_PER_S, datetime_to_ns
from msgspec import Raw

from enrichment_pipeline.validation.decode_errors import InvalidEventError, RejectionKey, explain, problem

MIN_TIME_NS = -9_214_560_000 * NS_PER_S  # 1678-01-01
MAX_TIME_NS = 9_214_646_400 * NS_PER_S - 1  # before 2262-01-01; an int64 of nanoseconds ends in April of that year
_EXPECTED_RANGE = "between the years 1678 and 2261"


def read_text(raw: Raw, field: str) -> str:
    """Return the JSON text of a field as received; raises InvalidEventError."""
    try:
        return str(raw, "utf-8")
    except UnicodeDecodeError as err:
        raise InvalidEventError(explain(err, field)) from err


def read_time(moment: datetime, field: str) -> int:
    """Return the nanoseconds since 1970; the three digits below the microsecond are 0. Raises InvalidEventError."""
    time_ns = datetime_to_ns(moment)
    if not MIN_TIME_NS <= time_ns <= MAX_TIME_NS:
        raise InvalidEventError(problem(RejectionKey.TIME_OUT_OF_RANGE, field, _EXPECTED_RANGE, moment.isoformat()))
    return time_ns
