"""The time that a statistic is asked for: a period that ends now, or a range between two times."""

from __future__ import annotations

import time
from functools import lru_cache
from typing import Annotated, Any

from fastapi import Depends, Query
from ha_ingestor_core.clock import ns_to_rfc3339
from ha_ingestor_store.periods import EXPECTED_PERIOD, MINUTE_NS, TimeRange, parse_period, period_range
from msgspec import Struct

from admin_api.http.parameters import PERIOD_SCHEMA, Time, refusal, time_of
from admin_api.http.views import View

DEFAULT_PERIOD = "1h"
DAY = "24h"


def _period_query(default: str) -> Any:
    return Query(
        description=f"{EXPECTED_PERIOD}, ending now; {default} without `start`, and not with it",
        examples=["1h", "15m", "7d"],
        json_schema_extra={**PERIOD_SCHEMA},
    )


class AskedRange(Struct, frozen=True, omit_defaults=True):
    """Either a period that ends now, or a range from `start` until `end`, which is now where it is not given.

    All are kept in the words of the request: what they mean moves on with the time (`start=24h`), and a question is
    remembered and its answer kept by them.
    """

    period: str | None = None
    start: str | None = None
    end: str | None = None

    @property
    def ttl_s(self) -> float:
        """How long an answer is fresh; raises InvalidInputError where the time is none."""
        if self.start is None:
            return _ttl_s(self.period or "")
        start_ns, end_ns = self._bounds(self.start, time.time_ns())
        return ttl_of(MINUTE_NS if end_ns is None else end_ns - start_ns)

    def at(self, now_ns: int) -> TimeRange:
        """The range; what is yet to come is left out. Raises InvalidInputError where nothing of it is over."""
        if self.start is None:
            return period_range(self.period or "", now_ns)
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
        """What an answer says of its time: `period` as it was asked for, `start` and `end`."""
        time_range = self.at(now_ns)
        return {
            "period": self.period,
            "start": ns_to_rfc3339(time_range.start_ns),
            "end": ns_to_rfc3339(time_range.end_ns),
        }


def asked_range(
    period: Annotated[str | None, _period_query(DEFAULT_PERIOD)] = None, start: Time = None, end: Time = None
) -> AskedRange:
    """The time that a request asks for; raises InvalidInputError where they are not given together so."""
    return _asked_range(DEFAULT_PERIOD, period, start, end)


def asked_day(
    period: Annotated[str | None, _period_query(DAY)] = None, start: Time = None, end: Time = None
) -> AskedRange:
    """Likewise; the last 24 hours where nothing is given."""
    return _asked_range(DAY, period, start, end)


Asked = Annotated[AskedRange, Depends(asked_range)]
AskedDay = Annotated[AskedRange, Depends(asked_day)]


def _asked_range(default: str, period: str | None, start: str | None, end: str | None) -> AskedRange:
    if not start and not end:
        return AskedRange(default if period is None else period)
    if period:
        raise refusal("period", "left out where start is given: a period ends now")
    if not start:
        raise refusal("start", "given with end")
    return AskedRange(None, start, end or None)


@lru_cache(maxsize=1024)  # a dashboard asks about the same few periods, thousands of times
def _ttl_s(period: str) -> float:
    return ttl_of(parse_period(period))


_FRESHEST_S, _STALEST_S = 1.0, 60.0
_PERIOD_PER_SECOND_S = 12 * 3600


def ttl_of(period_ns: int) -> float:
    """Seconds that an answer about a period is fresh: 1 for anything up to half a day, 14 for a week, 60 for months."""
    return min(_STALEST_S, max(_FRESHEST_S, period_ns / 1e9 / _PERIOD_PER_SECOND_S))
