"""The HTTP form of the rejected events that the enrichment-pipeline keeps: questions, and their replay."""

from __future__ import annotations

from typing import TypeVar
from urllib.parse import quote

import msgspec
from ha_ingestor_core.delivery import Replayed
from ha_ingestor_core.errors import ServiceRefusedError
from ha_ingestor_core.internal_http import InternalClient
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
    """`RejectedReader` and `Replay` of an enrichment-pipeline in another process; raises as InternalClient does."""

    def __init__(self, client: InternalClient) -> None:
        self._client = client

    async def rejected_events(self, question: RecentRejected) -> RejectedPage:
        """See RejectedReader.rejected_events."""
        return _decoded(_pages, await self._client.send("POST", f"{_ROOT}/search", msgspec.json.encode(question)))

    async def rejected_event(self, rejected_id: str) -> RejectedEvent | None:
        """See RejectedReader.rejected_event."""
        return _decoded(_one, await self._client.get(f"{_ROOT}/{quote(rejected_id, safe='')}"))

    async def rejected_counts(self, question: RecentRejected) -> dict[str, int]:
        """See RejectedReader.rejected_counts."""
        return _decoded(_counts, await self._client.send("POST", f"{_ROOT}/counts", msgspec.json.encode(question)))

    async def replay(self, rejected_id: str) -> Replayed:
        """See Replay.replay."""
        return _decoded(_replays, await self._client.send("POST", f"{_ROOT}/{quote(rejected_id, safe='')}/replay"))


def _decoded(decoder: msgspec.json.Decoder[T], answer: bytes) -> T:
    try:
        return decoder.decode(answer)
    except msgspec.MsgspecError as err:
        raise ServiceRefusedError(
            f"the enrichment-pipeline's answer about rejected events is unreadable: {err}"
        ) from err
