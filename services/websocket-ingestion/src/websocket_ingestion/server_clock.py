"""What Home Assistant's clock shows at most, by the `Date` of its last HTTP answer, or what a proxy says there."""

from __future__ import annotations

from email.utils import parsedate_to_datetime
from types import SimpleNamespace

import aiohttp
from ha_ingestor_core.clock import NS_PER_S, Clock, datetime_to_ns


class ServerClock:
    """Watches the answers of a client session that was given `trace`."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._told: tuple[int, float] | None = None
        self.trace = aiohttp.TraceConfig()
        self.trace.on_request_end.append(self._note)

    async def _note(self, _: aiohttp.ClientSession, __: SimpleNamespace, end: aiohttp.TraceRequestEndParams) -> None:
        told_ns = http_date_ns(end.response.headers.get("Date", ""))
        self._told = None if told_ns is None else (told_ns, self._clock.monotonic())

    def latest_ns(self) -> int | None:
        """The latest that it may show now: a date is cut to its second. None while no answer has told one."""
        if self._told is None:
            return None
        told_ns, at = self._told
        return told_ns + NS_PER_S + round((self._clock.monotonic() - at) * NS_PER_S)


def http_date_ns(text: str) -> int | None:
    """Nanoseconds since 1970 of an HTTP date; None where it is none."""
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return None
    return datetime_to_ns(moment) if moment.tzinfo else None
