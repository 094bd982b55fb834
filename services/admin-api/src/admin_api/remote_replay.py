"""The HTTP form of the replay by the enrichment-pipeline."""

from __future__ import annotations

from urllib.parse import quote

import msgspec
from ha_ingestor_core.delivery import Replayed
from ha_ingestor_core.errors import ServiceRefusedError
from ha_ingestor_core.internal_http import InternalClient


class HttpReplay:
    """`Replay` by an enrichment-pipeline in another process."""

    def __init__(self, client: InternalClient) -> None:
        self._client = client

    async def replay(self, rejected_id: str) -> Replayed:
        """See Replay.replay."""
        answer = await self._client.send("POST", f"/api/v1/rejected/{quote(rejected_id, safe='')}/replay")
        try:
            return msgspec.json.decode(answer, type=Replayed)
        except msgspec.MsgspecError as err:
            raise ServiceRefusedError(f"the enrichment-pipeline answered something that is no replay: {err}") from err
