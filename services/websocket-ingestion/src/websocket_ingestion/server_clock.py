"""Home Assistant's clock, from the `Date` of its HTTP answers; the times of events and states are not reliable."""

from __future__ import annotations

import asyncio
from email.utils import parsedate_to_datetime
from types import SimpleNamespace

import aiohttp
import structlog
from ha_ingestor_core.clock import NS_PER_S, Clock, datetime_to_ns
from msgspec import Struct

_log = structlog.get_logger()

REFRESH_S = 60.0
_REFUSED = frozenset({401, 403})


class _DateSample(Struct, frozen=True):
    """A date received at `at` by our monotonic clock."""

    date_ns: int
    at: float


class ServerClock:
    """Reads the dates of the answers to a client session that uses `trace`.

    A date has no fraction of a second, so the time is known as a range: `earliest_ns` to `latest_ns`. Before the first
    date, our own clock is used.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._sample: _DateSample | None = None
        self.trace = aiohttp.TraceConfig()
        self.trace.on_request_end.append(self._note)

    async def _note(self, _: aiohttp.ClientSession, __: SimpleNamespace, end: aiohttp.TraceRequestEndParams) -> None:
        date_ns = http_date_ns(end.response.headers.get("Date", ""))
        if date_ns is not None:
            self._sample = _DateSample(date_ns, self._clock.monotonic())

    def earliest_ns(self, at: float | None = None) -> int:
        """Return the earliest time it may have shown at a moment of our monotonic clock, by default now."""
        now = self._clock.monotonic()
        moment = now if at is None else at
        if self._sample is None:
            return self._clock.now_ns() - round((now - moment) * NS_PER_S)
        return self._sample.date_ns + round((moment - self._sample.at) * NS_PER_S)

    def latest_ns(self) -> int:
        """Return the latest time it may show now."""
        return self.range_ns(self._clock.monotonic())[1]

    def range_ns(self, at: float) -> tuple[int, int]:
        """Return the earliest and the latest time it may have shown at a moment of our monotonic clock."""
        earliest_ns = self.earliest_ns(at)
        return earliest_ns, earliest_ns + (NS_PER_S if self._sample else 0)

    def offset_s(self) -> float | None:
        """Return the seconds by which it is ahead of our clock, to half a second; None before the first answer."""
        if self._sample is None:
            return None
        return round((self.earliest_ns() + NS_PER_S // 2 - self._clock.now_ns()) / NS_PER_S, 1)

    async def refresh_for_ever(self, http: aiohttp.ClientSession, url: str, token: str) -> None:
        """Request the time once a minute while a connection lasts, because either clock may be set.

        Stops where the token is refused: every refusal counts towards a ban of our address.
        """
        while True:
            await asyncio.sleep(REFRESH_S)
            try:
                async with http.get(
                    f"{url}/api/",
                    headers={"Authorization": f"Bearer {token}"},
                    timeout=aiohttp.ClientTimeout(total=10),
                ) as answer:
                    status = answer.status
            except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as err:  # ValueError: user:password@
                _log.debug("home_clock_not_refreshed", error=str(err) or type(err).__name__)
                continue
            if status in _REFUSED:
                _log.debug("home_clock_refused", status=status)
                return


def http_date_ns(text: str) -> int | None:
    """Return the nanoseconds since 1970 of an HTTP date; None where it is invalid."""
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return None
    return datetime_to_ns(moment) if moment.tzinfo else None
