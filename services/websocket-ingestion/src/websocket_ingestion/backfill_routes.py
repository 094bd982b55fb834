"""A backfill over HTTP: `POST /backfill` begins one, `GET /backfill` returns its progress."""

from __future__ import annotations

from http import HTTPStatus

import msgspec
from aiohttp import web
from ha_ingestor_core.calls.backfill import Backfill, BackfillRequest
from ha_ingestor_core.errors import InvalidInputError
from ha_ingestor_core.http.service_app import json_response, read_body

_decoder = msgspec.json.Decoder(BackfillRequest)


def add_backfill_routes(app: web.Application, backfill: Backfill) -> None:
    """Add the routes, which need the internal token."""

    async def post_backfill(request: web.Request) -> web.Response:
        try:
            wanted = _decoder.decode(await read_body(request))
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as err:
            expected = '{"start_ns": …, "end_ns": …}, nanoseconds since 1970'
            raise InvalidInputError(f"body must be {expected}: {err}", field="body", expected=expected) from err
        return json_response(await backfill.begin_backfill(wanted.start_ns, wanted.end_ns), HTTPStatus.ACCEPTED)

    async def get_backfill(_: web.Request) -> web.Response:
        return json_response(await backfill.backfill_progress())

    app.router.add_post("/backfill", post_backfill)
    app.router.add_get("/backfill", get_backfill)
