"""Query and path parameters: their types, their OpenAPI descriptions and their parsers."""

from __future__ import annotations

import base64
import binascii
import time
from collections import Counter
from typing import Annotated, TypeVar

import msgspec
from fastapi import Path, Query, Request
from ha_ingestor_core.errors import InvalidInputError
from ha_ingestor_core.filters.live_filter import LiveFilter
from ha_ingestor_core.times import EXPECTED_TIME as EXPECTED_MOMENT
from ha_ingestor_core.times import MAX_TIME_NS as MAX_TIME_NS
from ha_ingestor_core.times import MIN_TIME_NS as MIN_TIME_NS
from ha_ingestor_core.times import parse_time
from ha_ingestor_store.questions import AlertCursor, EventCursor, GapCursor, RejectedCursor
from ha_ingestor_store.time_range import EXPECTED_PERIOD, TimeRange
from msgspec import Struct
from pydantic import BeforeValidator

_PLUS = " (write + as %2B)"
EXPECTED_TIME = f"{EXPECTED_MOMENT}{_PLUS}"

PERIOD_SCHEMA = {"pattern": "^[0-9]{1,9}[mhdwy]$"}
PERIOD_OR_EMPTY_SCHEMA = {"pattern": "^([0-9]{1,9}[mhdwy])?$"}
_TIME_SCHEMA = {
    "anyOf": [
        {"type": "string", "format": "date-time"},
        {"type": "string", "format": "date"},
        {"type": "string", "pattern": "^([0-9]{1,9}[mhdwy])?$"},
    ]
}
"""An empty value counts as omitted, as HTML forms send empty fields."""

T = TypeVar("T")


def _digits(given: object) -> object:
    if isinstance(given, str) and not (given.isascii() and given.isdigit() and len(given) < 10):
        raise ValueError("should be an integer in ASCII digits")
    return given


Period = Annotated[
    str, Query(description=EXPECTED_PERIOD, examples=["1h", "15m", "7d"], json_schema_extra={**PERIOD_SCHEMA})
]
SilentPeriod = Annotated[
    str | None,
    Query(
        description=f"Silent for at least this period, regardless of the usual interval: {EXPECTED_PERIOD}",
        examples=["1d"],
        json_schema_extra={**PERIOD_OR_EMPTY_SCHEMA},
    ),
]
Factor = Annotated[
    float,
    Query(
        ge=1,
        le=1000,
        allow_inf_nan=False,
        description="Silent for at least this many usual intervals; cannot be combined with `period`",
        examples=[2],
    ),
]
Window = Annotated[
    str | None,
    Query(
        description=f"Width of the windows: {EXPECTED_PERIOD}; at most 10,000 windows in the range",
        examples=["5m", "1h"],
        json_schema_extra={**PERIOD_OR_EMPTY_SCHEMA},
    ),
]
Time = Annotated[
    str | None,
    Query(description=EXPECTED_TIME, examples=["2026-11-24T03:12:26Z"], json_schema_extra={**_TIME_SCHEMA}),
]
Text = Annotated[str | None, Query(description="Exact match", max_length=255)]
Glob = Annotated[
    str | None, Query(description="Pattern with * and ?, case-sensitive", examples=["light.*"], max_length=255)
]
Words = Annotated[
    str | None,
    Query(
        description="Words to search for in the friendly name, the id, the device or the area; not case-sensitive",
        examples=["kitchen temp"],
        max_length=255,
    ),
]
Home = Annotated[
    str | None,
    Query(
        description="Name of the home; required only where an entity is in several homes",
        examples=["cabin"],
        max_length=255,
    ),
]
Cursor = Annotated[str | None, Query(description="`next_cursor` of the previous page", max_length=4096)]
EntityId = Annotated[str, Path(examples=["sensor.kitchen_temperature"], min_length=1, max_length=255)]
EventId = Annotated[str, Path(examples=["18a8f1a2b3c4d5e6-0123456789abcdef"], min_length=1, max_length=64)]
RejectedId = Annotated[str, Path(examples=["18ead0747186b3e9-8ede2666c4ac687f"], min_length=1, max_length=64)]
Replayed = Annotated[
    bool | None,
    Query(description="true: only replayed events; false: only events that have not been replayed", examples=[False]),
]
Limit = Annotated[int, Query(ge=1, le=1000, examples=[100]), BeforeValidator(_digits)]
HistoryLimit = Annotated[int, Query(ge=1, le=10_000, examples=[1000]), BeforeValidator(_digits)]


def only_known(request: Request) -> None:
    """Reject unknown and repeated query parameters; raises InvalidInputError."""
    route = request.scope["route"].dependant
    known = [parameter.alias for each in (*route.dependencies, route) for parameter in each.query_params]
    for name, times in Counter(name for name, _ in request.query_params.multi_items()).items():
        if name not in known:
            allowed = ", ".join(known)
            hint = f"Allowed: {allowed}" if known else "This endpoint takes no parameters"
            expected = f"one of {allowed}" if known else "no parameters"
            raise InvalidInputError(f"Unknown parameter {name}. {hint}", field=name, expected=expected)
        if times > 1:
            raise InvalidInputError(f"{name} is repeated. Send it once", field=name, expected="one value")


def refusal(field: str, expected: str) -> InvalidInputError:
    """Return the error "<field> must be <expected>"."""
    return InvalidInputError(f"{field} must be {expected}", field=field, expected=expected)


def text_of(given: str | None, field: str) -> str | None:
    """Return a text parameter; None if it is empty; raises InvalidInputError if it contains NUL."""
    if given and "\x00" in given:
        expected = "a text without NUL characters"
        raise InvalidInputError(f"{field} must not contain NUL characters", field=field, expected=expected)
    return given or None


def live_filter_of(
    entity_id: str | None, domain: str | None, event_type: str | None, area: str | None, home: str | None
) -> LiveFilter:
    """Return the filter of a live stream; raises InvalidInputError."""
    return LiveFilter(
        entity_id=text_of(entity_id, "entity_id"),
        domain=text_of(domain, "domain"),
        event_type=text_of(event_type, "event_type"),
        area=text_of(area, "area"),
        home=text_of(home, "home"),
    )


def time_of(given: str, field: str, now_ns: int | None = None) -> int:
    """Parse a time, a date (in UTC) or a period before now to nanoseconds since 1970; raises InvalidInputError."""
    return parse_time(given, field=field, now_ns=time.time_ns() if now_ns is None else now_ns, note=_PLUS)


def range_of(
    start: str | None, end: str | None, default_start_ns: int = MIN_TIME_NS, default_end_ns: int = MAX_TIME_NS
) -> TimeRange:
    """Return the half-open range from `start` until `end`, with defaults for both; raises InvalidInputError."""
    start_ns = time_of(start, "start") if start else default_start_ns
    end_ns = time_of(end, "end") if end else min(max(default_end_ns, start_ns + 1), MAX_TIME_NS)
    if start_ns >= end_ns:
        raise refusal("start" if start else "end", "a time before end" if start else "a time after start")
    return TimeRange(start_ns, end_ns)


def event_cursor_of(given: str | None) -> EventCursor | None:
    """Decode a cursor of a list of events; raises InvalidInputError."""
    cursor = _decoded(given, EventCursor)
    if cursor is not None and (_outside(cursor.time_ns) or any("\x00" in tag for tag in cursor.series if tag)):
        raise refusal("cursor", _EXPECTED_CURSOR)
    return cursor


def rejected_cursor_of(given: str | None) -> RejectedCursor | None:
    """Decode a cursor of a list of rejected events; raises InvalidInputError."""
    cursor = _decoded(given, RejectedCursor)
    if cursor is not None and (_outside(cursor.time_ns) or "\x00" in cursor.id):
        raise refusal("cursor", _EXPECTED_CURSOR)
    return cursor


def gap_cursor_of(given: str | None) -> GapCursor | None:
    """Decode a cursor of a list of gaps; raises InvalidInputError."""
    cursor = _decoded(given, GapCursor)
    if cursor is not None and (_outside(cursor.start_ns) or "\x00" in cursor.home):
        raise refusal("cursor", _EXPECTED_CURSOR)
    return cursor


def alert_cursor_of(given: str | None) -> AlertCursor | None:
    """Decode a cursor of a list of alerts; raises InvalidInputError."""
    cursor = _decoded(given, AlertCursor)
    if cursor is not None and (_outside(cursor.since_ns) or "\x00" in cursor.rule + cursor.service):
        raise refusal("cursor", _EXPECTED_CURSOR)
    return cursor


class EntityCursor(Struct, frozen=True, array_like=True):
    """The last entity of a page; entities are sorted by id, then by home."""

    entity_id: str
    home: str


class HistoryCursor(Struct, frozen=True, array_like=True):
    """The time of the last point of a page, and its home."""

    after_ns: int
    home: str


def entity_cursor_of(given: str | None) -> EntityCursor | None:
    """Decode a cursor of a list of entities; raises InvalidInputError."""
    return _decoded(given, EntityCursor)


def history_cursor_of(given: str | None, home: str | None, *, window_ns: int = 1) -> HistoryCursor | None:
    """Decode a cursor of a history; raises InvalidInputError, also if it is of another home than `home`."""
    cursor = _decoded(given, HistoryCursor)
    if cursor is None:
        return None
    if _outside(cursor.after_ns) or _outside(cursor.after_ns + window_ns) or "\x00" in cursor.home:
        raise refusal("cursor", _EXPECTED_CURSOR)
    if home not in (None, cursor.home):
        expected = f"a cursor of the home {home}"
        raise InvalidInputError(f"cursor is of another home than {home}", field="cursor", expected=expected)
    return cursor


def cursor_of(given: str | None, type_: type[T]) -> T | None:
    """Decode a cursor to its type; raises InvalidInputError."""
    return _decoded(given, type_)


def cursor_text(place: Struct | None) -> str | None:
    """Encode a cursor as JSON in base64url."""
    if place is None:
        return None
    return base64.urlsafe_b64encode(msgspec.json.encode(place)).rstrip(b"=").decode()


_EXPECTED_CURSOR = "the next_cursor of the previous page, unchanged"


def _outside(time_ns: int) -> bool:
    return not MIN_TIME_NS <= time_ns <= MAX_TIME_NS


def _decoded(given: str | None, type_: type[T]) -> T | None:
    if not given:
        return None
    try:
        text = base64.b64decode(given + "=" * (-len(given) % 4), altchars=b"-_", validate=True)
        return msgspec.json.decode(text, type=type_)
    except (binascii.Error, ValueError, msgspec.MsgspecError) as err:
        raise refusal("cursor", _EXPECTED_CURSOR) from err
