"""The time range of a statistic: a period that ends now, or a range between two times."""

from __future__ import annotations

import time
from functools import lru_cache
from typing import Annotated, Any

from fastapi import Depends, Query
from ha_ingestor_core.clock import ns_to_rfc3339
from ha_ingestor_core.errors import InvalidInputError
from ha_ingestor_store.time_range import EXPECTED_PERIOD, MINUTE_NS, TimeRange, aligned_period, parse_period
from msgspec import Struct

from admin_api.http.parameters import PERIOD_SCHEMA, Time, refusal, time_of
from admin_api.http.views import View

DEFAULT_PERIOD = "1h"
DAY = "24h"


def _period_query(default: str) -> Any:
    return Query(
        description=f"{EXPECTED_PERIOD}, ending now; default {default}; cannot be combined with `start`",
        examples=["1h", "15m", "7d"],
        json_schema_extra={**PERIOD_SCHEMA},
    )


class RequestedRange(Struct, frozen=True, omit_defaults=True):
    """Either a period that ends now, or a range from `start` until `end` (default: now).

    Holds the texts of the request, since their meaning moves with the time (`start=24h`) and cached answers are
    keyed by them.
    """

    period: str | None = None
    start: str | None = None
    end: str | None = None

    @property
    def ttl_s(self) -> float:
        """Seconds for which an answer is cached; raises InvalidInputError for an invalid time."""
        if self.start is None:
            return _ttl_s(self.period or "")
        start_ns, end_ns = self._bounds(self.start, time.time_ns())
        return ttl_of(MINUTE_NS if end_ns is None else end_ns - start_ns)

    def at(self, now_ns: int) -> TimeRange:
        """Return the range, cut off at `now_ns`; raises InvalidInputError if it lies in the future."""
        if self.start is None:
            return aligned_period(self.period or "", now_ns)
        start_ns, end_ns = self._bounds(self.start, now_ns)
        if start_ns >= now_ns:
            raise refusal("start", "a time before now")
        return TimeRange(start_ns, now_ns if end_ns is None else min(end_ns, now_ns))

    def _bounds(self, start: str, now_ns: int) -> tuple[int, int | None]:
        start_ns = time_of(start, "start", now_ns)
        end_ns = time_of(self.end, "end", now_ns) if self.end else None
        if end_ns is not None and start_ns >= end_ns:
            raise refusal("start", "a time before end")
        return start_ns, end_ns

    def view(self, now_ns: int) -> View:
        """Return the members `period` (as requested), `start` and `end` of an answer."""
        time_range = self.at(now_ns)
        return {
            "period": self.period,
            "start": ns_to_rfc3339(time_range.start_ns),
            "end": ns_to_rfc3339(time_range.end_ns),
        }


def requested_range(
    period: Annotated[str | None, _period_query(DEFAULT_PERIOD)] = None, start: Time = None, end: Time = None
) -> RequestedRange:
    """Return the range of a request, the last hour by default; raises InvalidInputError for a wrong combination."""
    return _requested_range(DEFAULT_PERIOD, period, start, end)


def requested_day(
    period: Annotated[str | None, _period_query(DAY)] = None, start: Time = None, end: Time = None
) -> RequestedRange:
    """Return the range of a request, the last 24 hours by default; raises InvalidInputError."""
    return _requested_range(DAY, period, start, end)


Requested = Annotated[RequestedRange, Depends(requested_range)]
RequestedDay = Annotated[RequestedRange, Depends(requested_day)]


def _requested_range(default: str, period: str | None, start: str | None, end: str | None) -> RequestedRange:
    if not start and not end:
        return RequestedRange(default if period is None else period)
    if period:
        raise InvalidInputError(
            "period cannot be combined with start or end. Remove one of them", field="period", expected="no period"
        )
    if not start:
        raise InvalidInputError("start is required if end is given", field="start", expected="a time before end")
    return RequestedRange(None, start, end or None)


@lru_cache(maxsize=1024)  # dashboards request the same few periods thousands of times
def _ttl_s(period: str) -> float:
    return ttl_of(parse_period(period))


_FRESHEST_S, _STALEST_S = 1.0, 60.0
_PERIOD_PER_SECOND_S = 12 * 3600


def ttl_of(period_ns: int) -> float:
    """Return for how many seconds an answer is cached: 1 up to half a day, 14 for a week, 60 for months."""
    return min(_STALEST_S, max(_FRESHEST_S, period_ns / 1e9 / _PERIOD_PER_SECOND_S))
