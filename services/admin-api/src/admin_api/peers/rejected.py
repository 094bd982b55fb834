"""HTTP client of the rejected events of the enrichment-pipeline: queries and replay."""

from __future__ import annotations

from typing import TypeVar
from urllib.parse import quote

import msgspec
from ha_ingestor_core.delivery import Replayed
from ha_ingestor_core.errors import ServiceRefusedError
from ha_ingestor_core.http.client import InternalClient
from ha_ingestor_store.answers import RejectedPage
from ha_ingestor_store.points import RejectedEvent
from ha_ingestor_store.questions import RecentRejected

_ROOT = "/api/v1/rejected"

T = TypeVar("T")

_pages = msgspec.json.Decoder(RejectedPage)
_counts = msgspec.json.Decoder(dict[str, int])
_one: msgspec.json.Decoder[RejectedEvent | None] = msgspec.json.Decoder(RejectedEvent | None)
_replays = msgspec.json.Decoder(Replayed)


class HttpRejected:
    """`RejectedReader` and `Replay` over HTTP; raises the errors of InternalClient."""

    def __init__(self, client: InternalClient) -> None:
        self._client = client

    async def rejected_events(self, question: RecentRejected) -> RejectedPage:
        """Return a page of rejected events, newest first."""
        return _decoded(_pages, await self._client.send("POST", f"{_ROOT}/search", msgspec.json.encode(question)))

    async def rejected_event(self, rejected_id: str) -> RejectedEvent | None:
        """Return a rejected event; None if the id is unknown."""
        return _decoded(_one, await self._client.get(f"{_ROOT}/{quote(rejected_id, safe='')}"))

    async def rejected_counts(self, question: RecentRejected) -> dict[str, int]:
        """Return the number of rejected events by reason."""
        return _decoded(_counts, await self._client.send("POST", f"{_ROOT}/counts", msgspec.json.encode(question)))

    async def replay(self, rejected_id: str) -> Replayed:
        """Deliver a rejected event again; return the outcome."""
        return _decoded(_replays, await self._client.send("POST", f"{_ROOT}/{quote(rejected_id, safe='')}/replay"))


def _decoded(decoder: msgspec.json.Decoder[T], answer: bytes) -> T:
    try:
        return decoder.decode(answer)
    except msgspec.MsgspecError as err:
        raise ServiceRefusedError(
            f"Cannot read the answer of the enrichment-pipeline: {err}. Run the same release of all services"
        ) from err
