"""The HTTP form of the delivery to the enrichment-pipeline."""

from __future__ import annotations

import asyncio
from typing import Any
from urllib.parse import quote

import msgspec
from ha_ingestor_core.delivery import Receipt
from ha_ingestor_core.errors import InvalidInputError, ServiceRefusedError
from ha_ingestor_core.events import EventBatch, Registries
from ha_ingestor_core.http.client import InternalClient
from ha_ingestor_core.http.service_app import MAX_BODY_BYTES


class HttpDelivery:
    """`EventDelivery` to an enrichment-pipeline in another process; one at a time, so that the order is kept."""

    def __init__(self, client: InternalClient) -> None:
        self._client = client
        self._turn = asyncio.Lock()

    async def deliver(self, batch: EventBatch) -> Receipt:
        """Deliver a batch; raises as EventDelivery does, and InvalidInputError where the whole batch is invalid."""
        body = msgspec.json.encode(batch)
        if len(body) > MAX_BODY_BYTES:
            raise InvalidInputError(f"a batch must not exceed {MAX_BODY_BYTES} bytes", bytes=len(body))
        try:
            async with self._turn:
                answer = await self._client.send("POST", "/api/v1/events", body)
        except InvalidInputError as err:
            if "receipt" not in err.detail:
                raise
            # Some events were rejected and saved by the pipeline, so this is an acknowledgement.
            return _receipt(err.detail["receipt"])
        return _receipt(_decoded(answer))

    async def deliver_registries(self, registries: Registries) -> None:
        """Deliver registries; raises as EventDelivery does, and InvalidInputError where they are invalid."""
        body = msgspec.json.encode(registries)
        if len(body) > MAX_BODY_BYTES:
            raise InvalidInputError(f"registries must not exceed {MAX_BODY_BYTES} bytes", bytes=len(body))
        await self._client.send("PUT", f"/api/v1/registries/{quote(registries.home, safe='')}", body)


def _decoded(answer: bytes) -> Any:
    try:
        return msgspec.json.decode(answer)
    except msgspec.MsgspecError as err:
        raise ServiceRefusedError("the answer of the enrichment-pipeline is not JSON") from err


def _receipt(body: Any) -> Receipt:
    try:
        return msgspec.convert(body, Receipt)
    except msgspec.MsgspecError as err:
        raise ServiceRefusedError(f"the answer of the enrichment-pipeline is not a receipt: {err}") from err
