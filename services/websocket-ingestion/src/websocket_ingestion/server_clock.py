"""What Home Assistant's clock showed, by the `Date` of its last HTTP answer: to the second, or what a proxy says."""

from __future__ import annotations

from email.utils import parsedate_to_datetime
from types import SimpleNamespace

import aiohttp
from ha_ingestor_core.clock import datetime_to_ns


class ServerClock:
    """Watches the answers of a client session that was given `trace`."""

    def __init__(self) -> None:
        self.time_ns: int | None = None
        """The time of the last answer; None before the first, and where it told none."""
        self.trace = aiohttp.TraceConfig()
        self.trace.on_request_end.append(self._note)

    async def _note(self, _: aiohttp.ClientSession, __: SimpleNamespace, end: aiohttp.TraceRequestEndParams) -> None:
        self.time_ns = http_date_ns(end.response.headers.get("Date", ""))


def http_date_ns(text: str) -> int | None:
    """Nanoseconds since 1970 of an HTTP date; None where it is none."""
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return None
    return datetime_to_ns(moment) if moment.tzinfo else None
