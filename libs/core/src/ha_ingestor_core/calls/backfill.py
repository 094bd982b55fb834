"""Filling a stretch of time from Home Assistant's history because somebody asked for it, and how far that has come."""

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
    """The time to fill, [start_ns, end_ns) in nanoseconds since 1970."""

    start_ns: int
    end_ns: int


class BackfillProgress(Struct, frozen=True):
    """A backfill as it is now, 0 to 100 percent done; its gap has a `closed_ns` when it has ended.

    The history is read stretch by stretch: of all of the gap's entities until `read_until_ns`, and of `entities_done`
    of them in the stretch after it.
    """

    gap: Gap
    done_percent: float
    entities_done: int = 0
    read_until_ns: int | None = None


class BackfillRunningError(InvalidInputError):
    """Another backfill has not ended yet."""

    key = "backfill_running"


class Backfill(Protocol):
    """Whoever fills what is asked for: websocket-ingestion, whichever way it is reached."""

    async def begin_backfill(self, start_ns: int, end_ns: int) -> BackfillProgress:
        """Begin to fill [start, end); raises InvalidInputError and BackfillRunningError."""
        ...

    async def backfill_progress(self) -> BackfillProgress | None:
        """The backfill that runs, or the last one since the start; None when there was none."""
        ...


class RemoteBackfill:
    """`Backfill` of a websocket-ingestion in another process; raises as InternalClient does, too."""

    def __init__(self, client: InternalClient) -> None:
        self._client = client

    async def begin_backfill(self, start_ns: int, end_ns: int) -> BackfillProgress:
        """Begin to fill [start, end); raises InvalidInputError and BackfillRunningError."""
        body = msgspec.json.encode(BackfillRequest(start_ns, end_ns))
        progress = _progress(await self._client.send("POST", "/backfill", body))
        if progress is None:
            raise ServiceUnavailableError("/backfill was answered with nothing")
        return progress

    async def backfill_progress(self) -> BackfillProgress | None:
        """The backfill that runs, or the last one since the start; None when there was none."""
        return _progress(await self._client.get("/backfill"))


def backfill_range(start_ns: int, end_ns: int, now_ns: int) -> None:
    """Check what was asked for; raises InvalidInputError that names the field and what was expected."""
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
        raise ServiceUnavailableError(f"/backfill is not what was expected: {err}") from err
