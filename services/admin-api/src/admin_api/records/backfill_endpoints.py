"""`/backfill`: fill a time range from the history of Home Assistant, and show the progress."""

from __future__ import annotations

from http import HTTPStatus

from fastapi import APIRouter, Depends, Request, Response
from ha_ingestor_core.calls.backfill import Backfill

from admin_api.http.errors import ERRORS
from admin_api.http.parameters import only_known, time_of
from admin_api.http.views import JsonAnswer
from admin_api.records.models import BackfillAnswer, BackfillRequest
from admin_api.records.views import backfill_view
from admin_api.security.caller import note


class BackfillEndpoints:
    """Backfills, executed by websocket-ingestion."""

    def __init__(self, *, backfill: Backfill) -> None:
        self._backfill = backfill
        self.router = APIRouter(prefix="/api/v1/backfill", tags=["gaps"], dependencies=[Depends(only_known)])
        self.router.add_api_route(
            "",
            self.begin_backfill,
            methods=["POST"],
            status_code=HTTPStatus.ACCEPTED,
            response_model=BackfillAnswer,
            responses=ERRORS,
        )
        self.router.add_api_route("", self.get_backfill, response_model=BackfillAnswer, responses=ERRORS)

    async def begin_backfill(self, request: Request, wanted: BackfillRequest) -> Response:
        """Start to fill [start, end) from the history of Home Assistant; one backfill at a time."""
        note(request, **wanted.model_dump())
        progress = await self._backfill.begin_backfill(time_of(wanted.start, "start"), time_of(wanted.end, "end"))
        return JsonAnswer({"backfill": backfill_view(progress)}, HTTPStatus.ACCEPTED)

    async def get_backfill(self) -> Response:
        """Return the running backfill, or the last one since websocket-ingestion started; null if there was none."""
        progress = await self._backfill.backfill_progress()
        return JsonAnswer({"backfill": None if progress is None else backfill_view(progress)})
