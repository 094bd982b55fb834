"""The HTTP endpoints of delivery, replay, filters and taps: /api/v1/{events,registries,rejected,taps} and /filters."""

from __future__ import annotations

from http import HTTPStatus
from typing import TypeVar

import msgspec
from aiohttp import web
from ha_ingestor_core.calls.taps import TAPS_PATH, Taps
from ha_ingestor_core.delivery import EventDelivery, Receipt, Replay
from ha_ingestor_core.errors import InvalidInputError
from ha_ingestor_core.events import EventBatch, Registries
from ha_ingestor_core.filters.live_filter import LiveFilter
from ha_ingestor_core.filters.rules import EventFilters, Filters
from ha_ingestor_core.http.service_app import json_response, read_body
from ha_ingestor_store.questions import RecentRejected
from ha_ingestor_store.store import RejectedReader

from enrichment_pipeline.validation.decode_errors import DECODE_ERRORS, explain

T = TypeVar("T")

_batches = msgspec.json.Decoder(EventBatch)
_registries = msgspec.json.Decoder(Registries)
_filters = msgspec.json.Decoder(Filters)
_live_filters = msgspec.json.Decoder(LiveFilter)
_questions = msgspec.json.Decoder(RecentRejected)


class EventsRejectedError(InvalidInputError):
    """Some events of a batch were rejected, the others are stored: `detail.receipt` acknowledges the batch."""

    key = "events_rejected"


def add_routes(app: web.Application, delivery: EventDelivery, replay: Replay) -> None:
    """Add the routes of delivery and replay; bodies may be compressed (Content-Encoding: gzip)."""

    async def post_events(request: web.Request) -> web.Response:
        receipt = await delivery.deliver(_decoded(_batches, await read_body(request)))
        if receipt.rejected:
            raise EventsRejectedError(_reasons(receipt), receipt=receipt)
        return json_response(receipt)

    async def put_registries(request: web.Request) -> web.Response:
        registries = _decoded(_registries, await read_body(request))
        home = request.match_info["home"]
        if registries.home != home:
            expected = f"{home}, as in the path"
            raise InvalidInputError(f"home must be {expected}", field="home", expected=expected)
        await delivery.deliver_registries(registries)
        return web.Response(status=HTTPStatus.NO_CONTENT)

    async def post_replay(request: web.Request) -> web.Response:
        return json_response(await replay.replay(request.match_info["id"]))

    app.router.add_post("/api/v1/events", post_events)
    app.router.add_post("/api/v1/rejected/{id}/replay", post_replay)
    app.router.add_put("/api/v1/registries/{home}", put_registries)


def add_rejected_routes(app: web.Application, rejected: RejectedReader) -> None:
    """Add the routes of rejected events: POST /api/v1/rejected/{search,counts}, GET /api/v1/rejected/{id}."""

    async def search(request: web.Request) -> web.Response:
        return json_response(await rejected.rejected_events(_decoded(_questions, await read_body(request))))

    async def count(request: web.Request) -> web.Response:
        return json_response(await rejected.rejected_counts(_decoded(_questions, await read_body(request))))

    async def get_one(request: web.Request) -> web.Response:
        return json_response(await rejected.rejected_event(request.match_info["id"]))

    app.router.add_post("/api/v1/rejected/search", search)
    app.router.add_post("/api/v1/rejected/counts", count)
    app.router.add_get("/api/v1/rejected/{id}", get_one)


def add_filter_routes(app: web.Application, filters: EventFilters) -> None:
    """Add the routes of filters: GET /filters, PUT /filters."""

    async def get_filters(_: web.Request) -> web.Response:
        return json_response(await filters.filters())

    async def put_filters(request: web.Request) -> web.Response:
        return json_response(await filters.set_filters(_decoded(_filters, await read_body(request))))

    app.router.add_get("/filters", get_filters)
    app.router.add_put("/filters", put_filters)


def add_tap_routes(app: web.Application, taps: Taps) -> None:
    """Add the routes of taps: POST /api/v1/taps opens one, POST …/{id}/read reads it, DELETE …/{id} closes it."""

    async def open_tap(request: web.Request) -> web.Response:
        return json_response(await taps.open_tap(_decoded(_live_filters, await read_body(request))))

    async def read_tap(request: web.Request) -> web.Response:
        response = json_response(await taps.read_tap(request.match_info["id"]))
        response.enable_compression()
        return response

    async def close_tap(request: web.Request) -> web.Response:
        await taps.close_tap(request.match_info["id"])
        return web.Response(status=HTTPStatus.NO_CONTENT)

    app.router.add_post(TAPS_PATH, open_tap)
    app.router.add_post(f"{TAPS_PATH}/{{id}}/read", read_tap)
    app.router.add_delete(f"{TAPS_PATH}/{{id}}", close_tap)


def _decoded(decoder: msgspec.json.Decoder[T], body: bytes) -> T:
    try:
        return decoder.decode(body)
    except DECODE_ERRORS as err:
        found = explain(err, "body")
        raise InvalidInputError(found.message, field=found.field, expected=found.expected) from err


def _reasons(receipt: Receipt) -> str:
    first = receipt.rejected[0]
    return f"Rejected events: {len(receipt.rejected)}. The first one, at index {first.index}: {first.message}"
