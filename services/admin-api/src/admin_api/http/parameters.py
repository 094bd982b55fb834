"""What callers ask with: how each parameter is documented and read; a refusal names it and what was expected."""

from __future__ import annotations

import base64
import binascii
import time
from collections import Counter as Tally
from typing import Annotated, TypeVar

import msgspec
from fastapi import Path, Query, Request
from ha_ingestor_core.errors import InvalidInputError
from ha_ingestor_core.live_filter import LiveFilter
from ha_ingestor_core.times import EXPECTED_TIME as EXPECTED_MOMENT
from ha_ingestor_core.times import MAX_TIME_NS as MAX_TIME_NS
from ha_ingestor_core.times import MIN_TIME_NS as MIN_TIME_NS
from ha_ingestor_core.times import parse_time
from ha_ingestor_store.periods import EXPECTED_PERIOD, TimeRange
from ha_ingestor_store.questions import AlertCursor, EventCursor, GapCursor, RejectedCursor
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
"""Left empty is left out: a form sends what nobody filled in."""

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
        description=f"Silent for as long as this, whatever their rhythm: {EXPECTED_PERIOD}",
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
        description="Silent for so many usual intervals; not with `period`",
        examples=[2],
    ),
]
Window = Annotated[
    str | None,
    Query(
        description=f"{EXPECTED_PERIOD}; at most 10,000 windows in the range",
        examples=["5m", "1h"],
        json_schema_extra={**PERIOD_OR_EMPTY_SCHEMA},
    ),
]
Time = Annotated[
    str | None,
    Query(description=EXPECTED_TIME, examples=["2026-11-24T03:12:26Z"], json_schema_extra={**_TIME_SCHEMA}),
]
Text = Annotated[str | None, Query(description="Exactly this", max_length=255)]
Glob = Annotated[str | None, Query(description="Glob of * and ?, case-sensitive", examples=["light.*"], max_length=255)]
Words = Annotated[
    str | None,
    Query(
        description="Words, each a part of the friendly name, the id, the device or the area; case does not matter",
        examples=["kitchen temp"],
        max_length=255,
    ),
]
Home = Annotated[
    str | None,
    Query(description="This home alone; a lone home needs no name", examples=["cabin"], max_length=255),
]
Cursor = Annotated[str | None, Query(description="`next_cursor` of the page before", max_length=4096)]
EntityId = Annotated[str, Path(examples=["sensor.kitchen_temperature"], min_length=1, max_length=255)]
EventId = Annotated[str, Path(examples=["18a8f1a2b3c4d5e6-0123456789abcdef"], min_length=1, max_length=64)]
RejectedId = Annotated[str, Path(examples=["18ead0747186b3e9-8ede2666c4ac687f"], min_length=1, max_length=64)]
Replayed = Annotated[
    bool | None, Query(description="Only those that were replayed (true), or were not yet (false)", examples=[False])
]
Limit = Annotated[int, Query(ge=1, le=1000, examples=[100]), BeforeValidator(_digits)]
HistoryLimit = Annotated[int, Query(ge=1, le=10_000, examples=[1000]), BeforeValidator(_digits)]


def only_known(request: Request) -> None:
    """Refuse a query parameter that the route does not have, or that is there twice: it would ask another question."""
    route = request.scope["route"].dependant
    known = [parameter.alias for each in (*route.dependencies, route) for parameter in each.query_params]
    for name, times in Tally(name for name, _ in request.query_params.multi_items()).items():
        if name not in known:
            raise refusal(name, f"one of the parameters {', '.join(known)}" if known else "no parameters at all")
        if times > 1:
            raise refusal(name, "given once")


def refusal(field: str, expected: str) -> InvalidInputError:
    """The error that names a parameter and what was expected of it."""
    return InvalidInputError(f"{field} should be {expected}", field=field, expected=expected)


def text_of(given: str | None, field: str) -> str | None:
    """A text to look for; None where nothing was given; raises InvalidInputError on a NUL."""
    if given and "\x00" in given:
        raise refusal(field, "a text without NUL")
    return given or None


def live_filter_of(
    entity_id: str | None, domain: str | None, event_type: str | None, area: str | None, home: str | None
) -> LiveFilter:
    """Return the filter of events that are wanted as they come; raises InvalidInputError."""
    return LiveFilter(
        entity_id=text_of(entity_id, "entity_id"),
        domain=text_of(domain, "domain"),
        event_type=text_of(event_type, "event_type"),
        area=text_of(area, "area"),
        home=text_of(home, "home"),
    )


def time_of(given: str, field: str, now_ns: int | None = None) -> int:
    """Nanoseconds since 1970 of a time, a date (in UTC) or a period before now; raises InvalidInputError."""
    return parse_time(given, field=field, now_ns=time.time_ns() if now_ns is None else now_ns, note=_PLUS)


def range_of(
    start: str | None, end: str | None, default_start_ns: int = MIN_TIME_NS, default_end_ns: int = MAX_TIME_NS
) -> TimeRange:
    """The half-open range between two times; without an end it is open; raises InvalidInputError."""
    start_ns = time_of(start, "start") if start else default_start_ns
    end_ns = time_of(end, "end") if end else min(max(default_end_ns, start_ns + 1), MAX_TIME_NS)
    if start_ns >= end_ns:
        raise refusal("start" if start else "end", "a time before end" if start else "a time after start")
    return TimeRange(start_ns, end_ns)


def event_cursor_of(given: str | None) -> EventCursor | None:
    """The place in a list of events where the page before ended; raises InvalidInputError."""
    cursor = _decoded(given, EventCursor)
    if cursor is not None and (_outside(cursor.time_ns) or any("\x00" in tag for tag in cursor.series if tag)):
        raise refusal("cursor", _EXPECTED_CURSOR)
    return cursor


def rejected_cursor_of(given: str | None) -> RejectedCursor | None:
    """The place in a list of rejected events where the page before ended; raises InvalidInputError."""
    cursor = _decoded(given, RejectedCursor)
    if cursor is not None and (_outside(cursor.time_ns) or "\x00" in cursor.id):
        raise refusal("cursor", _EXPECTED_CURSOR)
    return cursor


def gap_cursor_of(given: str | None) -> GapCursor | None:
    """The place in a list of gaps where the page before ended; raises InvalidInputError."""
    cursor = _decoded(given, GapCursor)
    if cursor is not None and (_outside(cursor.start_ns) or "\x00" in cursor.home):
        raise refusal("cursor", _EXPECTED_CURSOR)
    return cursor


def alert_cursor_of(given: str | None) -> AlertCursor | None:
    """The place in a list of alerts where the page before ended; raises InvalidInputError."""
    cursor = _decoded(given, AlertCursor)
    if cursor is not None and (_outside(cursor.since_ns) or "\x00" in cursor.rule + cursor.service):
        raise refusal("cursor", _EXPECTED_CURSOR)
    return cursor


class EntityCursor(Struct, frozen=True, array_like=True):
    """The last entity of a page, in the order of names, then of homes."""

    entity_id: str
    home: str


class HistoryCursor(Struct, frozen=True, array_like=True):
    """The time of the last point of a page, and the home that it is of."""

    after_ns: int
    home: str


def entity_cursor_of(given: str | None) -> EntityCursor | None:
    """The place in a list of entities where the page before ended; raises InvalidInputError."""
    return _decoded(given, EntityCursor)


def history_cursor_of(given: str | None, home: str | None, *, window_ns: int = 1) -> HistoryCursor | None:
    """The place in a history where the page before ended, of the home that is asked; raises InvalidInputError."""
    cursor = _decoded(given, HistoryCursor)
    if cursor is None:
        return None
    if _outside(cursor.after_ns) or _outside(cursor.after_ns + window_ns) or "\x00" in cursor.home:
        raise refusal("cursor", _EXPECTED_CURSOR)
    if home not in (None, cursor.home):
        raise refusal("cursor", f"that of a page of the home {home}")
    return cursor


def cursor_of(given: str | None, type_: type[T]) -> T | None:
    """Return the place in a list where the page before ended; raises InvalidInputError."""
    return _decoded(given, type_)


def cursor_text(place: Struct | None) -> str | None:
    """A cursor as callers see it: JSON in base64url."""
    if place is None:
        return None
    return base64.urlsafe_b64encode(msgspec.json.encode(place)).rstrip(b"=").decode()


_EXPECTED_CURSOR = "the next_cursor of the page before, unchanged"


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
