"""`/filters`: read, preview and change the filters of events."""

from __future__ import annotations

from typing import Any

import msgspec
from fastapi import APIRouter, Depends, Request, Response
from ha_ingestor_core.clock import Clock, ns_to_rfc3339
from ha_ingestor_core.filters.event_filter import EventFilter
from ha_ingestor_core.filters.rules import EventFilters, Filters, check_filters
from ha_ingestor_store.store import StoreReader
from ha_ingestor_store.time_range import period_range

from admin_api.filters.models import FilterPreviewAnswer, FiltersAnswer, FiltersBody
from admin_api.filters.preview import preview, preview_view
from admin_api.http.errors import ERRORS, NO_BODY
from admin_api.http.models import ErrorAnswer
from admin_api.http.parameters import Period, only_known
from admin_api.http.views import JsonAnswer
from admin_api.security.caller import note

_FIXED: dict[int | str, dict[str, Any]] = {
    409: {"model": ErrorAnswer, "description": "The filters are set by environment variables, see detail.variables"}
}


class FilterEndpoints:
    """The filters of the enrichment-pipeline."""

    def __init__(self, *, filters: EventFilters, reader: StoreReader, clock: Clock) -> None:
        self._filters = filters
        self._reader = reader
        self._clock = clock
        self.router = APIRouter(prefix="/api/v1/filters", tags=["filters"], dependencies=[Depends(only_known)])
        self.router.add_api_route("", self.get_filters, response_model=FiltersAnswer, responses=ERRORS)
        self.router.add_api_route(
            "", self.put_filters, methods=["PUT"], response_model=FiltersAnswer, responses={**ERRORS, **_FIXED}
        )

        self.router.add_api_route(
            "/preview",
            self.preview_filters,
            methods=["POST"],
            response_model=FilterPreviewAnswer,
            responses={**ERRORS, **NO_BODY},
        )

    async def get_filters(self) -> Response:
        """Return the effective filters and their source."""
        return JsonAnswer(await self._filters.filters())

    async def put_filters(self, request: Request, body: FiltersBody) -> Response:
        """Replace all filters; omitted lists are empty. The filters persist across restarts."""
        note(request, filters=body.model_dump())
        return JsonAnswer(await self._filters.set_filters(msgspec.convert(body.model_dump(), Filters)))

    async def preview_filters(self, body: FiltersBody, period: Period = "1h") -> Response:
        """Return what the given filters would drop from the newest events of a period that ends now; changes nothing.

        Events dropped by the effective filters are not stored and not counted.
        """
        filters = msgspec.convert(body.model_dump(), Filters)
        check_filters(filters)
        time_range = period_range(period, self._clock.now_ns())
        outcome = await preview(self._reader, EventFilter(filters), time_range)
        return JsonAnswer({"period": period, "end": ns_to_rfc3339(time_range.end_ns), **preview_view(outcome)})
