"""A backfill between services: with the token only, and with the errors that were raised."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp.test_utils import TestServer
from ha_ingestor_core.calls.backfill import BackfillProgress, RemoteBackfill
from ha_ingestor_core.errors import InvalidInputError, ServiceRefusedError
from ha_ingestor_core.gaps import Gap, GapReason
from ha_ingestor_core.http.client import InternalClient
from ha_ingestor_core.http.service_app import service_app
from prometheus_client import CollectorRegistry
from websocket_ingestion.backfill_routes import add_backfill_routes

TOKEN = "a-token-of-sixteen"


class FakeService:
    def __init__(self) -> None:
        self.progress: BackfillProgress | None = None

    async def status(self) -> dict[str, Any]:
        return {}

    async def begin_backfill(self, start_ns: int, end_ns: int) -> BackfillProgress:
        if start_ns >= end_ns:
            raise InvalidInputError("from should be a time before to")
        gap = Gap(home="home", start_ns=start_ns, end_ns=end_ns, reason=GapReason.REQUESTED, found_ns=9)
        self.progress = BackfillProgress(gap, 1.5)
        return self.progress

    async def backfill_progress(self) -> BackfillProgress | None:
        return self.progress


@pytest.fixture
async def url() -> AsyncIterator[str]:
    service = FakeService()
    app = service_app(status=service, health=lambda: {"status": "healthy"}, metrics=CollectorRegistry(), token=TOKEN)
    add_backfill_routes(app, service)
    async with TestServer(app) as server:
        yield str(server.make_url(""))


@pytest.fixture
async def client(url: str) -> AsyncIterator[InternalClient]:
    client = InternalClient(url, TOKEN)
    yield client
    await client.close()


async def test_a_backfill_is_begun_and_followed_from_another_process(client: InternalClient) -> None:
    backfill = RemoteBackfill(client)
    assert await backfill.backfill_progress() is None
    begun = await backfill.begin_backfill(1, 2)
    assert (begun.gap.start_ns, begun.gap.end_ns, begun.done_percent) == (1, 2, 1.5)
    assert await backfill.backfill_progress() == begun


async def test_a_refusal_arrives_as_it_was_raised(client: InternalClient) -> None:
    with pytest.raises(InvalidInputError, match="from should be a time before to"):
        await RemoteBackfill(client).begin_backfill(2, 1)


@pytest.mark.parametrize("body", [b"", b"{}", b'{"start_ns":"x","end_ns":1}', b'{"start_ns":1,"end_ns":2,"x":3}'])
async def test_a_body_that_is_none_is_refused(client: InternalClient, body: bytes) -> None:
    with pytest.raises(InvalidInputError, match="body must be"):
        await client.send("POST", "/backfill", body)


async def test_without_the_token_access_is_refused(url: str) -> None:
    client = InternalClient(url, "another-token-of-16")
    with pytest.raises(ServiceRefusedError):
        await client.get("/backfill")
    await client.close()
