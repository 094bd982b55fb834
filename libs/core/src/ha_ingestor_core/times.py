"""Parses times and periods of options and parameters."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone, tzinfo

from ha_ingestor_core.clock import NS_PER_S, datetime_to_ns
from ha_ingestor_core.errors import InvalidInputError

MIN_TIME_NS = -(2**63)
MAX_TIME_NS = 2**63 - 1
"""The times that the store can hold, the years 1678 to 2261."""

MINUTE_NS = 60 * NS_PER_S
HOUR_NS = 60 * MINUTE_NS
DAY_NS = 24 * HOUR_NS
UNIT_NS = {"m": MINUTE_NS, "h": HOUR_NS, "d": DAY_NS, "w": 7 * DAY_NS, "y": 365 * DAY_NS}
MAX_PERIOD_NS = 100 * UNIT_NS["y"]

EXPECTED_PERIOD = "<number><m|h|d|w|y>, such as 15m, 1h, 7d, 4w or 1y, at most 100y"
EXPECTED_TIME = (
    "a time between the years 1678 and 2261, such as 2026-11-24T03:12:26.5Z, a date such as 2026-11-24, or a period "
    "before now such as 24h"
)

_PERIOD = re.compile(r"([0-9]{1,9})([mhdwy])", re.ASCII)
# A + that was not escaped in a URL arrives as a space; in front of an offset it can mean nothing else.
_TIME = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)(?:[Tt ](\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,9}))?)?(?:([Zz])|([-+ ])(\d\d):(\d\d))?)?",
    re.ASCII,
)


def parse_period(text: str, *, field: str = "period") -> int:
    """Return the length of a period in nanoseconds; raises InvalidInputError for `field`."""
    match = _PERIOD.fullmatch(text)
    length = int(match[1]) * UNIT_NS[match[2]] if match else 0
    if not 0 < length <= MAX_PERIOD_NS:
        raise _refusal(field, EXPECTED_PERIOD)
    return length


def parse_time(text: str, *, field: str, now_ns: int, zone: tzinfo | None = UTC, note: str = "") -> int:
    """Return the nanoseconds since 1970 of a time; raises InvalidInputError for `field`.

    The text is an RFC 3339 time, a date, or a period before now. Without an offset it is a time in `zone`; None is
    the zone of this machine. `note` is appended to the expected format in the error.
    """
    if _PERIOD.fullmatch(text):
        return now_ns - parse_period(text, field=field)
    match = _TIME.fullmatch(text)
    if match is None:
        raise _refusal(field, EXPECTED_TIME + note)
    year, month, day, hour, minute, second, fraction, utc, sign, hours, minutes = match.groups()
    numbers = [int(number or 0) for number in (year, month, day, hour, minute, second)]
    try:
        moment = datetime(*numbers, tzinfo=_offset(sign, hours, minutes) if sign else UTC)  # type: ignore[arg-type, misc]
        if not (utc or sign):
            moment = moment.replace(tzinfo=zone).astimezone(UTC)
    except (ValueError, OverflowError, OSError) as err:
        raise _refusal(field, EXPECTED_TIME + note) from err
    time_ns = datetime_to_ns(moment) + int((fraction or "").ljust(9, "0"))
    if not MIN_TIME_NS <= time_ns <= MAX_TIME_NS:
        raise _refusal(field, EXPECTED_TIME + note)
    return time_ns


def _offset(sign: str, hours: str, minutes: str) -> tzinfo:
    if int(hours) > 23 or int(minutes) > 59:
        raise ValueError("no offset")
    offset = timedelta(hours=int(hours), minutes=int(minutes))
    return timezone(-offset if sign == "-" else offset)


def _refusal(field: str, expected: str) -> InvalidInputError:
    return InvalidInputError(f"{field} must be {expected}", field=field, expected=expected)
