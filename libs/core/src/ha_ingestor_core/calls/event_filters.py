"""The event filters of an enrichment-pipeline in another process, over HTTP."""

from __future__ import annotations

import msgspec

from ha_ingestor_core.errors import (
    ServiceUnavailableError,
)
from ha_ingestor_core.filters.rules import Filters, FiltersInForce
from ha_ingestor_core.http.client import InternalClient


class RemoteFilters:
    """`EventFilters` of an enrichment-pipeline in another process; also raises the errors of `InternalClient`."""

    def __init__(self, client: InternalClient) -> None:
        self._client = client

    async def filters(self) -> FiltersInForce:
        """Return the filters in force."""
        return _in_force(await self._client.get("/filters"))

    async def set_filters(self, filters: Filters) -> FiltersInForce:
        """Replace the filters for all later batches, also after a restart; return the filters in force."""
        return _in_force(await self._client.send("PUT", "/filters", msgspec.json.encode(filters)))


def _in_force(content: bytes) -> FiltersInForce:
    try:
        return msgspec.json.decode(content, type=FiltersInForce)
    except msgspec.MsgspecError as err:
        raise ServiceUnavailableError(f"Unexpected response of /filters: {err}") from err
