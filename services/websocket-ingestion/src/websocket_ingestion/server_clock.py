"""Home Assistant's clock, by the `Date` of its HTTP answers; the times of events and states are never taken for it."""

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


class _Told(Struct, frozen=True):
    """A date that came at `at` by our monotonic clock."""

    date_ns: int
    at: float


class ServerClock:
    """Watches the answers of a client session that was given `trace`.

    A date is cut to its second, so the time is known as a range: `earliest_ns` to `latest_ns`. Before the first date
    our own clock stands in.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._told: _Told | None = None
        self.trace = aiohttp.TraceConfig()
        self.trace.on_request_end.append(self._note)

    async def _note(self, _: aiohttp.ClientSession, __: SimpleNamespace, end: aiohttp.TraceRequestEndParams) -> None:
        date_ns = http_date_ns(end.response.headers.get("Date", ""))
        if date_ns is not None:
            self._told = _Told(date_ns, self._clock.monotonic())

    def earliest_ns(self, at: float | None = None) -> int:
        """The earliest that it may have shown at a moment of our monotonic clock; without one, now."""
        now = self._clock.monotonic()
        moment = now if at is None else at
        if self._told is None:
            return self._clock.now_ns() - round((now - moment) * NS_PER_S)
        return self._told.date_ns + round((moment - self._told.at) * NS_PER_S)

    def latest_ns(self) -> int:
        """The latest that it may show now."""
        return self.range_ns(self._clock.monotonic())[1]

    def range_ns(self, at: float) -> tuple[int, int]:
        """The earliest and the latest that it may have shown at a moment of our monotonic clock."""
        earliest_ns = self.earliest_ns(at)
        return earliest_ns, earliest_ns + (NS_PER_S if self._told else 0)

    def offset_s(self) -> float | None:
        """Seconds by which it is ahead of our clock, to half a second; None while no answer has told its time."""
        if self._told is None:
            return None
        return round((self.earliest_ns() + NS_PER_S // 2 - self._clock.now_ns()) / NS_PER_S, 1)

    async def refresh_for_ever(self, http: aiohttp.ClientSession, url: str, token: str) -> None:
        """Ask for the time again and again while a connection lasts: either clock may be set.

        It stops where the token is refused: every refusal counts towards a ban of our address.
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
    """Nanoseconds since 1970 of an HTTP date; None where it is none."""
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return None
    return datetime_to_ns(moment) if moment.tzinfo else None
