"""Requests a backfill from the running instance and follows its progress to the end."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime
from typing import Any

import aiohttp
import msgspec
from ha_ingestor_core.calls.backfill import Backfill, BackfillProgress
from ha_ingestor_core.clock import datetime_to_ns, ns_to_rfc3339
from ha_ingestor_core.errors import InvalidInputError, ServiceRefusedError, ServiceUnavailableError
from ha_ingestor_core.gaps import Gap, GapReason, GapStatus
from msgspec import Struct

_POLL_S = 0.5
_TIMEOUT = aiohttp.ClientTimeout(total=30)


class AdminApiBackfill:
    """A `Backfill` through the Admin API."""

    def __init__(self, url: str, token: str | None = None) -> None:
        self._url = f"{url}/api/v1/backfill"
        self._headers = {"Authorization": f"Bearer {token}"} if token else {}

    async def begin_backfill(self, start_ns: int, end_ns: int) -> BackfillProgress:
        """Start to fill [start, end); raises InvalidInputError and BackfillRunningError."""
        body = {"start": ns_to_rfc3339(start_ns), "end": ns_to_rfc3339(end_ns)}
        progress = await self._ask("POST", body)
        if progress is None:
            raise ServiceUnavailableError(f"{self._url} returned an empty response")
        return progress

    async def backfill_progress(self) -> BackfillProgress | None:
        """Return the running backfill, or the last one since the start; None if there was none."""
        return await self._ask("GET", None)

    async def _ask(self, method: str, body: dict[str, str] | None) -> BackfillProgress | None:
        try:
            async with (
                aiohttp.ClientSession(headers=self._headers, timeout=_TIMEOUT) as http,
                http.request(method, self._url, json=body) as response,
            ):
                content = await response.read()
        except (aiohttp.ClientError, TimeoutError, OSError) as err:
            raise ServiceUnavailableError(f"{self._url} did not answer: {str(err) or type(err).__name__}") from err
        if not response.ok:
            message = _message(content) or f"{self._url} answered {response.status}"
            if response.status == 422:
                raise InvalidInputError(message)
            if response.status >= 500:
                raise ServiceUnavailableError(message)
            raise ServiceRefusedError(message)
        try:
            found = msgspec.json.decode(content, type=_Answer).backfill
        except msgspec.MsgspecError as err:
            raise ServiceUnavailableError(f"{self._url} returned an unexpected response: {err}") from err
        return found.progress() if found else None


class FirstThatAnswers:
    """Uses the first of several backfills that answers; raises the first error if none does."""

    def __init__(self, ways: list[Backfill]) -> None:
        self._ways = ways

    async def begin_backfill(self, start_ns: int, end_ns: int) -> BackfillProgress:
        """Start to fill [start, end); raises InvalidInputError and BackfillRunningError."""
        first: ServiceUnavailableError | None = None
        for way in self._ways:
            try:
                progress = await way.begin_backfill(start_ns, end_ns)
            except ServiceUnavailableError as err:
                first = first or err
            else:
                self._ways = [way]
                return progress
        raise first or ServiceUnavailableError("No backfill service is configured")

    async def backfill_progress(self) -> BackfillProgress | None:
        """Return the running backfill, or the last one since the start; None if there was none."""
        return await self._ways[0].backfill_progress()


async def follow(
    backfill: Backfill, start_ns: int, end_ns: int, on_progress: Callable[[BackfillProgress], Any]
) -> BackfillProgress:
    """Start a backfill and return when it has ended; raises as Backfill does."""
    progress = await backfill.begin_backfill(start_ns, end_ns)
    while progress.gap.closed_ns is None:
        on_progress(progress)
        await asyncio.sleep(_POLL_S)
        now = await backfill.backfill_progress()
        if now is None or (now.gap.start_ns, now.gap.end_ns) != (progress.gap.start_ns, progress.gap.end_ns):
            raise ServiceUnavailableError(
                "The running instance no longer knows this backfill; it may have been restarted"
            )
        progress = now
    on_progress(progress)
    return progress


class _Backfill(Struct):
    start: datetime
    end: datetime
    status: GapStatus
    done_percent: float
    entities: int
    recovered: int
    known: int
    lost: list[str]
    closed: datetime | None

    def progress(self) -> BackfillProgress:
        gap = Gap(
            home="",
            start_ns=datetime_to_ns(self.start),
            end_ns=datetime_to_ns(self.end),
            reason=GapReason.REQUESTED,
            status=self.status,
            entities=self.entities,
            recovered=self.recovered,
            known=self.known,
            lost=self.lost,
            found_ns=0,
            closed_ns=None if self.closed is None else datetime_to_ns(self.closed),
        )
        return BackfillProgress(gap, self.done_percent)


class _Answer(Struct):
    backfill: _Backfill | None


class _Error(Struct):
    message: str


class _Refusal(Struct):
    error: _Error


def _message(content: bytes) -> str | None:
    try:
        return msgspec.json.decode(content, type=_Refusal).error.message
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return None
