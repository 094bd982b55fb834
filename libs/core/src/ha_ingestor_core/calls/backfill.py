"""Backfills on request: filling a time range from Home Assistant's history, and the progress."""

from __future__ import annotations

from typing import Protocol

import msgspec
from msgspec import Struct

from ha_ingestor_core.clock import ns_to_rfc3339
from ha_ingestor_core.errors import InvalidInputError, ServiceUnavailableError
from ha_ingestor_core.gaps import Gap
from ha_ingestor_core.http.client import InternalClient

_EARLIEST_NS, _LATEST_NS = -(2**63), 2**63 - 1


class BackfillRequest(Struct, frozen=True, forbid_unknown_fields=True):
    """The time range to fill, [start_ns, end_ns) in nanoseconds since 1970."""

    start_ns: int
    end_ns: int


class BackfillProgress(Struct, frozen=True):
    """The progress of a backfill, 0 to 100 percent; its gap has a `closed_ns` when it has ended.

    The history is read in time ranges: for all entities of the gap until `read_until_ns`, and for `entities_done`
    of them in the time range after it.
    """

    gap: Gap
    done_percent: float
    entities_done: int = 0
    read_until_ns: int | None = None


class BackfillRunningError(InvalidInputError):
    """Another backfill is running."""

    key = "backfill_running"


class Backfill(Protocol):
    """Runs backfills on request."""

    async def begin_backfill(self, start_ns: int, end_ns: int) -> BackfillProgress:
        """Start to fill [start, end); raises InvalidInputError and BackfillRunningError."""
        ...

    async def backfill_progress(self) -> BackfillProgress | None:
        """Return the progress of the running or the last backfill; None where there was none since the start."""
        ...


class RemoteBackfill:
    """`Backfill` of a websocket-ingestion in another process; also raises the errors of InternalClient."""

    def __init__(self, client: InternalClient) -> None:
        self._client = client

    async def begin_backfill(self, start_ns: int, end_ns: int) -> BackfillProgress:
        """Start to fill [start, end); raises InvalidInputError and BackfillRunningError."""
        body = msgspec.json.encode(BackfillRequest(start_ns, end_ns))
        progress = _progress(await self._client.send("POST", "/backfill", body))
        if progress is None:
            raise ServiceUnavailableError("Empty response of /backfill")
        return progress

    async def backfill_progress(self) -> BackfillProgress | None:
        """Return the progress of the running or the last backfill; None where there was none since the start."""
        return _progress(await self._client.get("/backfill"))


def backfill_range(start_ns: int, end_ns: int, now_ns: int) -> None:
    """Validate the time range of a request; raises InvalidInputError."""
    if start_ns >= end_ns:
        raise _refusal("from", f"a time before to ({_text(end_ns)})")
    if end_ns > now_ns:
        raise _refusal("to", f"a time that has passed; it is {_text(now_ns)}")


def _refusal(field: str, expected: str) -> InvalidInputError:
    return InvalidInputError(f"{field} must be {expected}", field=field, expected=expected)


def _text(time_ns: int) -> str:
    return ns_to_rfc3339(min(max(time_ns, _EARLIEST_NS), _LATEST_NS))


def _progress(content: bytes) -> BackfillProgress | None:
    try:
        return msgspec.json.decode(content, type=BackfillProgress | None)
    except msgspec.MsgspecError as err:
        raise ServiceUnavailableError(f"Unexpected response of /backfill: {err}") from err
