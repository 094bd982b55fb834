"""`/filters`: which events are kept; read and changed while everything runs."""

from __future__ import annotations

from typing import Any

import msgspec
from fastapi import APIRouter, Depends, Response
from ha_ingestor_core.filters import EventFilters, Filters

from admin_api.errors import ERRORS
from admin_api.models import ErrorAnswer, FiltersAnswer, FiltersBody
from admin_api.parameters import only_known
from admin_api.views import JsonAnswer

_FIXED: dict[int | str, dict[str, Any]] = {
    409: {"model": ErrorAnswer, "description": "An environment variable sets the filters: detail.variables"}
}


class FilterEndpoints:
    """The filters of the enrichment-pipeline."""

    def __init__(self, *, filters: EventFilters) -> None:
        self._filters = filters
        self.router = APIRouter(prefix="/api/v1/filters", tags=["filters"], dependencies=[Depends(only_known)])
        self.router.add_api_route("", self.get_filters, response_model=FiltersAnswer, responses=ERRORS)
        self.router.add_api_route(
            "", self.put_filters, methods=["PUT"], response_model=FiltersAnswer, responses={**ERRORS, **_FIXED}
        )

    async def get_filters(self) -> Response:
        """The filters in force, and where they come from."""
        return JsonAnswer(await self._filters.filters())

    async def put_filters(self, body: FiltersBody) -> Response:
        """Put other filters in force, all of them: what the body leaves out is empty. They outlive a restart."""
        return JsonAnswer(await self._filters.set_filters(msgspec.convert(body.model_dump(), Filters)))
