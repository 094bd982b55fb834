"""Live taps: events as received from Home Assistant, with their outcomes; in the process, and over HTTP."""

from __future__ import annotations

from enum import StrEnum
from typing import Protocol, TypeVar
from urllib.parse import quote

import msgspec
from msgspec import Raw, Struct

from ha_ingestor_core.errors import ServiceRefusedError
from ha_ingestor_core.filters.live_filter import LiveFilter
from ha_ingestor_core.http.client import InternalClient

TAPS_PATH = "/api/v1/taps"


class TapOutcome(StrEnum):
    """The outcome of an event."""

    WRITTEN = "written"
    DUPLICATE = "duplicate"
    FILTERED = "filtered"
    REJECTED = "rejected"
    EXPIRED = "expired"


class OpenedTap(Struct, frozen=True):
    """The ID of an open tap, and the seconds for which it stays open."""

    id: str
    remaining_s: float


class TapPage(Struct, frozen=True):
    """The events since the last read, oldest first, as JSON objects.

    `left_out` counts matching events that were dropped since the tap was opened: too many per second, or not read in
    time.
    """

    events: list[Raw]
    left_out: int
    remaining_s: float


class Taps(Protocol):
    """The taps of the enrichment-pipeline. While none is open, they cost nothing."""

    async def open_tap(self, wanted: LiveFilter) -> OpenedTap:
        """Open a tap for ten minutes; raises BackpressureError when too many are open."""
        ...

    async def read_tap(self, tap_id: str) -> TapPage:
        """Return the waiting events, and remove them. Raises NotFoundError when the tap has ended.

        A tap that is not read for 15 seconds ends.
        """
        ...

    async def close_tap(self, tap_id: str) -> None:
        """Close a tap; no effect on one that has ended."""
        ...


class RemoteTaps:
    """`Taps` of an enrichment-pipeline in another process; also raises the errors of InternalClient."""

    def __init__(self, client: InternalClient) -> None:
        self._client = client

    async def open_tap(self, wanted: LiveFilter) -> OpenedTap:
        """Open a tap for ten minutes; raises BackpressureError when too many are open."""
        return _decoded(_opened, await self._client.send("POST", TAPS_PATH, msgspec.json.encode(wanted)))

    async def read_tap(self, tap_id: str) -> TapPage:
        """Return the waiting events, and remove them; raises NotFoundError when the tap has ended."""
        return _decoded(_pages, await self._client.send("POST", f"{_path(tap_id)}/read"))

    async def close_tap(self, tap_id: str) -> None:
        """Close a tap; no effect on one that has ended."""
        await self._client.send("DELETE", _path(tap_id))


_opened = msgspec.json.Decoder(OpenedTap)
_pages = msgspec.json.Decoder(TapPage)


def _path(tap_id: str) -> str:
    return f"{TAPS_PATH}/{quote(tap_id, safe='')}"


T = TypeVar("T")


def _decoded(decoder: msgspec.json.Decoder[T], answer: bytes) -> T:
    try:
        return decoder.decode(answer)
    except msgspec.MsgspecError as err:
        raise ServiceRefusedError(f"Unexpected response of {TAPS_PATH}: {err}") from err
