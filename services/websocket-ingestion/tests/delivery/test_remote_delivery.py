"""The HTTP form of the delivery: what an answer means."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import msgspec
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from ha_ingestor_core.delivery import Receipt, Rejection
from ha_ingestor_core.errors import (
    BackpressureError,
    IngestorError,
    InvalidInputError,
    RegistryUnknownError,
    ServiceRefusedError,
    ServiceUnavailableError,
)
from ha_ingestor_core.events import EventBatch, OriginKind, RawEvent, Registries
from ha_ingestor_core.http.client import InternalClient
from ha_ingestor_core.http.service_app import json_response
from msgspec import Raw
from websocket_ingestion.delivery import remote_delivery
from websocket_ingestion.delivery.remote_delivery import HttpDelivery

BATCH = EventBatch("home", [RawEvent(Raw(b'{"a": 1.0}'), 7, OriginKind.SNAPSHOT)], "v1")


class FakePipeline:
    """Answers as a test says, and records what it receives."""

    def __init__(self) -> None:
        self.answer = json_response(Receipt(written=1))
        self.requests: list[tuple[str, str, bytes]] = []
        self.may_answer = asyncio.Event()
        self.may_answer.set()
        app = web.Application(client_max_size=1 << 30)
        app.router.add_route("*", "/{path:.*}", self._handle)
        self.server = TestServer(app)

    async def _handle(self, request: web.Request) -> web.Response:
        self.requests.append((request.method, request.raw_path, await request.read()))
        await self.may_answer.wait()
        answer, self.answer = self.answer, json_response(Receipt(written=1))  # a response goes out once
        return answer


@pytest.fixture
async def pipeline() -> AsyncIterator[FakePipeline]:
    fake = FakePipeline()
    await fake.server.start_server()
    yield fake
    await fake.server.close()


@pytest.fixture
async def remote(pipeline: FakePipeline) -> AsyncIterator[HttpDelivery]:
    client = InternalClient(str(pipeline.server.make_url("")), "a-token-of-sixteen")
    yield HttpDelivery(client)
    await client.close()


async def test_one_batch_goes_after_the_other(pipeline: FakePipeline, remote: HttpDelivery) -> None:
    pipeline.may_answer.clear()
    both = asyncio.gather(remote.deliver(BATCH), remote.deliver(BATCH))
    await asyncio.sleep(0.1)
    assert len(pipeline.requests) == 1
    pipeline.may_answer.set()
    assert list(await both) == [Receipt(written=1), Receipt(written=1)]


def refusal(status: int, **detail: Any) -> web.Response:
    body = {"error": {"key": "a_key", "message": "because", "detail": detail}}
    return web.Response(body=msgspec.json.encode(body), status=status, content_type="application/json")


async def test_a_batch_arrives_as_it_was(pipeline: FakePipeline, remote: HttpDelivery) -> None:
    assert await remote.deliver(BATCH) == Receipt(written=1)
    method, path, body = pipeline.requests[0]
    assert (method, path) == ("POST", "/api/v1/events")
    assert b'{"a": 1.0}' in body
    arrived = msgspec.json.decode(body, type=EventBatch)
    assert (arrived.home, arrived.registry_version, len(arrived.events)) == ("home", "v1", 1)
    assert (arrived.events[0].received_ns, arrived.events[0].kind) == (7, OriginKind.SNAPSHOT)


async def test_events_that_were_rejected_are_acknowledged(pipeline: FakePipeline, remote: HttpDelivery) -> None:
    pipeline.answer = refusal(422, receipt={"rejected": [{"index": 0, "key": "malformed", "message": "no"}]})
    assert await remote.deliver(BATCH) == Receipt(rejected=[Rejection(0, "malformed", "no")])


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (422, InvalidInputError),
        (409, RegistryUnknownError),
        (429, BackpressureError),
        (503, ServiceUnavailableError),
        (500, ServiceUnavailableError),
        (401, ServiceRefusedError),
    ],
)
async def test_a_failure_is_the_error_that_it_was_there(
    pipeline: FakePipeline, remote: HttpDelivery, status: int, error: type[IngestorError]
) -> None:
    pipeline.answer = refusal(status)
    with pytest.raises(error):
        await remote.deliver(BATCH)


@pytest.mark.parametrize("body", [b"no json", b'"text"', b'{"written":"one"}'])
async def test_an_answer_that_is_no_receipt_is_no_acknowledgement(
    pipeline: FakePipeline, remote: HttpDelivery, body: bytes
) -> None:
    pipeline.answer = web.Response(body=body)
    with pytest.raises(ServiceRefusedError):
        await remote.deliver(BATCH)


async def test_a_batch_too_large_for_the_receiver_is_not_sent(
    pipeline: FakePipeline, remote: HttpDelivery, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(remote_delivery, "MAX_BODY_BYTES", 20)
    with pytest.raises(InvalidInputError, match="must not exceed 20 bytes"):
        await remote.deliver(BATCH)
    with pytest.raises(InvalidInputError, match="must not exceed 20 bytes"):
        await remote.deliver_registries(Registries("home", "v1"))
    assert pipeline.requests == []


async def test_registries_are_put_under_their_home(pipeline: FakePipeline, remote: HttpDelivery) -> None:
    await remote.deliver_registries(Registries("a/home", "v1", areas=Raw(b'[{"x":1}]')))
    method, path, body = pipeline.requests[0]
    assert (method, path) == ("PUT", "/api/v1/registries/a%2Fhome")
    assert bytes(msgspec.json.decode(body, type=Registries).areas) == b'[{"x":1}]'
