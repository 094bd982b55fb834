"""`/tap`: live events as sent by Home Assistant, with their points, for ten minutes; for administrators."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Request, Response
from ha_ingestor_core.clock import NS_PER_S, Clock, ns_to_rfc3339

from admin_api.http.errors import ERRORS, NOT_FOUND
from admin_api.http.models import ErrorAnswer
from admin_api.http.parameters import live_filter_of, only_known
from admin_api.http.views import JsonAnswer
from admin_api.security.caller import caller_of, note
from admin_api.stream.models import TapAnswer, TapBody
from admin_api.stream.server_sent_events import ServerSentEvents
from admin_api.stream.tap_sessions import TapDesk, filter_view

TapId = Annotated[str, Path(examples=["0123456789abcdef"], min_length=1, max_length=64)]

_EXAMPLE = """event: events
data: [{"received": "…", "home": "home", "outcome": "filtered", "reason": {"key": "excluded_domain", …}, …}]

event: status
data: {"remaining_s": 587.2, "left_out": 0, "error": null}

event: end
data: {"reason": "time_over"}
"""
_TAP: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "`events`: a JSON array of TappedEvent, oldest first; `status`: once a second, a TapStatus; "
        "`end`: the reason why the tap ended: closed, time_over, reader_gone, lost, stopped",
        "content": {"text/event-stream": {"schema": {"type": "string"}, "example": _EXAMPLE}},
    },
    429: {"model": ErrorAnswer, "description": "The tap already has a reader"},
}
_TOO_MANY: dict[int | str, dict[str, Any]] = {
    429: {"model": ErrorAnswer, "description": "The limit of four open taps is reached"}
}


class TapEndpoints:
    """Live view of the events in the enrichment-pipeline."""

    def __init__(self, *, desk: TapDesk, clock: Clock) -> None:
        self._desk = desk
        self._clock = clock
        self.router = APIRouter(prefix="/api/v1/tap", tags=["events"], dependencies=[Depends(only_known)])
        add = self.router.add_api_route
        add(
            "",
            self.open_tap,
            methods=["POST"],
            status_code=HTTPStatus.CREATED,
            response_model=TapAnswer,
            responses={**ERRORS, **_TOO_MANY},
        )
        add("/{tap_id}", self.read_tap, response_class=Response, responses={**ERRORS, **NOT_FOUND, **_TAP})
        add(
            "/{tap_id}",
            self.close_tap,
            methods=["DELETE"],
            status_code=HTTPStatus.NO_CONTENT,
            response_class=Response,
            responses={**ERRORS, **NOT_FOUND},
        )

    async def open_tap(self, request: Request, body: TapBody) -> Response:
        """Open a tap for ten minutes. Opening and end are recorded in the audit log.

        Shows at most 100 events per second. A tap without a reader for ten seconds ends.
        """
        wanted = live_filter_of(**body.model_dump())
        note(request, filter=filter_view(wanted))
        tap = await self._desk.open(wanted, caller_of(request))
        note(request, tap_id=tap.id)
        ends_ns = self._clock.now_ns() + round(tap.lasts_s * NS_PER_S)
        return JsonAnswer(
            {"id": tap.id, "ends": ns_to_rfc3339(ends_ns), "remaining_s": tap.lasts_s}, HTTPStatus.CREATED
        )

    async def read_tap(self, tap_id: TapId) -> Response:
        """Return server-sent events: each event as received, with its outcome, and its point or the reason."""
        return ServerSentEvents(lambda: self._desk.read(tap_id))

    async def close_tap(self, tap_id: TapId) -> Response:
        """End a tap."""
        await self._desk.close(tap_id)
        return Response(status_code=HTTPStatus.NO_CONTENT)
