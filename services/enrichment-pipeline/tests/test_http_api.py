"""The HTTP form of the delivery."""

from __future__ import annotations

import asyncio
import dataclasses
import gzip
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import aiohttp
import msgspec
import pytest
from enrichment_pipeline.main import EnrichmentPipelineServer, build_enrichment_pipeline_server
from enrichment_pipeline.rejected.rejected_file import RejectedFile
from enrichment_pipeline.settings import FilterSettings, Settings
from ha_ingestor_core.calls.event_filters import RemoteFilters
from ha_ingestor_core.calls.service_reports import RemoteStatus
from ha_ingestor_core.calls.taps import RemoteTaps
from ha_ingestor_core.delivery import Receipt, Replayed, ReplayOutcome
from ha_ingestor_core.errors import (
    BackpressureError,
    FixedByEnvironmentError,
    InvalidInputError,
    NotFoundError,
    RegistryUnknownError,
    ServiceRefusedError,
    ServiceUnavailableError,
    StoreUnavailableError,
)
from ha_ingestor_core.events import EventBatch, Registries
from ha_ingestor_core.filters.live_filter import LiveFilter
from ha_ingestor_core.filters.rules import FilterLists, Filters, FilterSource
from ha_ingestor_core.http.client import InternalClient
from ha_ingestor_store.answers import RejectedPage
from ha_ingestor_store.points import RejectedEvent
from ha_ingestor_store.questions import RecentRejected, RejectedCursor

TOKEN = "a-token-of-sixteen"
Batch = Callable[..., EventBatch]
Changes = Callable[..., list[dict[str, Any]]]
Serve = Callable[..., Awaitable[InternalClient]]


@pytest.fixture
async def serve(store: Any, settings: Callable[..., Settings]) -> AsyncIterator[Serve]:
    servers: list[EnrichmentPipelineServer] = []
    clients: list[InternalClient] = []

    async def start(token: str = TOKEN, **pipeline: Any) -> InternalClient:
        server = build_enrichment_pipeline_server(settings(**pipeline), store=store)
        servers.append(server)
        await server.start()
        clients.append(InternalClient(server.url, token))
        return clients[-1]

    yield start
    store.gate.set()
    for client in clients:
        await client.close()
    for server in servers:
        await server.stop()


async def _deliver(client: InternalClient, batch: EventBatch) -> Receipt:
    return msgspec.json.decode(await client.send("POST", "/api/v1/events", msgspec.json.encode(batch)), type=Receipt)


async def test_a_replay_is_answered_with_its_end(
    serve: Serve, changes: Changes, store: Any, rejected_file: RejectedFile
) -> None:
    client = await serve()
    event = RejectedEvent("home", 17, "s", "k", "why", msgspec.json.encode(changes(1)[0]).decode())
    await rejected_file.keep([event])
    answer = msgspec.json.decode(await client.send("POST", f"/api/v1/rejected/{event.id}/replay"), type=Replayed)
    assert (answer.outcome, len(store.points)) == (ReplayOutcome.WRITTEN, 1)
    with pytest.raises(NotFoundError, match="no rejected event nothing"):
        await client.send("POST", "/api/v1/rejected/nothing/replay")


async def test_rejected_events_are_served_over_http_as_stored(serve: Serve, rejected_file: RejectedFile) -> None:
    client = await serve()
    events = [RejectedEvent("home", n, "s", "k" if n else "l", "why", '{"a":"\\u0000"}') for n in range(3)]
    await rejected_file.keep(events)
    question = RecentRejected(key="k", limit=1)
    page = msgspec.json.decode(
        await client.send("POST", "/api/v1/rejected/search", msgspec.json.encode(question)), type=RejectedPage
    )
    assert page == await rejected_file.rejected_events(question)
    assert (page.events, page.next_cursor) == ([events[2]], RejectedCursor(2, events[2].id))
    counts = await client.send("POST", "/api/v1/rejected/counts", msgspec.json.encode(RecentRejected()))
    assert msgspec.json.decode(counts) == {"k": 2, "l": 1}
    found = await client.get(f"/api/v1/rejected/{events[0].id}")
    assert msgspec.json.decode(found, type=RejectedEvent) == events[0]
    assert await client.get("/api/v1/rejected/nothing") == b"null"
    with pytest.raises(InvalidInputError, match="limit"):
        await client.send("POST", "/api/v1/rejected/search", b'{"limit":"x"}')


async def test_a_replay_needs_the_token(serve: Serve) -> None:
    with pytest.raises(ServiceRefusedError):
        await (await serve(token="wrong")).send("POST", "/api/v1/rejected/nothing/replay")


async def test_a_batch_is_answered_with_its_receipt(serve: Serve, batch: Batch, changes: Changes, store: Any) -> None:
    client = await serve()
    assert await _deliver(client, batch(*changes(3))) == Receipt(written=3)
    assert await _deliver(client, batch(*changes(3))) == Receipt(duplicate=3)
    assert len(store.points) == 3


async def test_rejected_events_are_a_422_that_acknowledges_the_batch(
    serve: Serve, batch: Batch, changes: Changes, store: Any, kept: Any
) -> None:
    with pytest.raises(InvalidInputError, match=r"Rejected events: 1\. The first one, at index 1: ") as caught:
        await _deliver(await serve(), batch(*changes(1), {}))
    receipt = msgspec.convert(caught.value.detail["receipt"], Receipt)
    assert (receipt.written, receipt.rejected[0].index, receipt.rejected[0].key) == (1, 1, "missing_field")
    assert (len(store.points), len(kept())) == (1, 1)


async def test_an_envelope_that_is_wrong_is_a_422_that_names_the_field(serve: Serve) -> None:
    client = await serve()
    body = b'{"home":"home","events":[{"event":{},"received_ns":"x"}]}'
    with pytest.raises(InvalidInputError, match=r"events\[0\]\.received_ns must be an integer") as caught:
        await client.send("POST", "/api/v1/events", body)
    assert (caught.value.detail["field"], caught.value.detail["expected"]) == ("events[0].received_ns", "an integer")
    with pytest.raises(InvalidInputError, match="body must be JSON"):
        await client.send("POST", "/api/v1/events", b"{")


async def test_unknown_registries_are_asked_for_and_then_known(serve: Serve, batch: Batch, changes: Changes) -> None:
    client = await serve()
    named = batch(*changes(1), registry_version="v1")
    with pytest.raises(RegistryUnknownError):
        await _deliver(client, named)
    body = msgspec.json.encode(Registries(home="home", version="v1"))
    assert await client.send("PUT", "/api/v1/registries/home", body) == b""
    assert await _deliver(client, named) == Receipt(written=1)


async def test_registries_of_another_home_than_the_path_says_are_refused(serve: Serve) -> None:
    body = msgspec.json.encode(Registries(home="home", version="v1"))
    with pytest.raises(InvalidInputError, match="home must be other, as in the path"):
        await (await serve()).send("PUT", "/api/v1/registries/other", body)


async def test_a_store_that_is_down_is_a_503(serve: Serve, batch: Batch, changes: Changes, store: Any) -> None:
    client = await serve()
    store.failures = [StoreUnavailableError("locked")]
    with pytest.raises(ServiceUnavailableError, match="locked") as caught:
        await _deliver(client, batch(*changes(1)))
    assert caught.value.retry_after_s == 1
    assert await _deliver(client, batch(*changes(1))) == Receipt(written=1)


async def test_a_full_pipeline_is_a_429(serve: Serve, batch: Batch, changes: Changes, store: Any) -> None:
    client = await serve(queue_limit=2)
    store.gate.clear()
    first = asyncio.create_task(_deliver(client, batch(*changes(2))))
    await store.entered.wait()
    with pytest.raises(BackpressureError) as caught:
        await _deliver(client, batch(*changes(1, "a.b")))
    assert caught.value.retry_after_s == 1
    store.gate.set()
    assert await first == Receipt(written=2)


async def test_a_stranger_is_refused(serve: Serve, batch: Batch, changes: Changes, store: Any) -> None:
    with pytest.raises(ServiceRefusedError):
        await _deliver(await serve(token="another-token-here"), batch(*changes(1)))
    assert store.writes == []


async def test_a_compressed_body_is_read_and_a_broken_one_refused(serve: Serve, batch: Batch, changes: Changes) -> None:
    url = f"{(await serve())._base_url}/api/v1/events"
    headers = {"Authorization": f"Bearer {TOKEN}", "Content-Encoding": "gzip"}
    body = gzip.compress(msgspec.json.encode(batch(*changes(1))))
    async with aiohttp.ClientSession(headers=headers) as session:
        async with session.post(url, data=body) as response:
            assert (response.status, await response.json()) == (
                200,
                {"written": 1, "duplicate": 0, "filtered": 0, "expired": 0, "rejected": []},
            )
        async with session.post(url, data=b"this is not gzip") as response:
            assert response.status == 422


async def test_a_body_that_is_too_large_is_refused_as_one_to_divide(serve: Serve) -> None:
    body = b'{"home":"' + b"x" * (65 * 1024 * 1024)
    with pytest.raises(InvalidInputError, match="Divide the batch"):
        await (await serve()).send("POST", "/api/v1/events", body)


async def test_the_status_is_served_over_http(serve: Serve, batch: Batch, changes: Changes) -> None:
    client = await serve()
    await _deliver(client, batch(*changes(2)))
    status = await RemoteStatus(client).status()
    assert (status["service"], status["counters"]["events_received"]) == ("enrichment-pipeline", 2)


async def test_a_batch_whose_sender_has_given_up_is_not_written(
    serve: Serve, batch: Batch, changes: Changes, store: Any
) -> None:
    client = await serve()
    store.gate.clear()
    first = asyncio.create_task(_deliver(client, batch(*changes(1, "a.first"))))
    await store.entered.wait()
    second = asyncio.create_task(_deliver(client, batch(*changes(2, "a.second"))))
    await _until_depth(client, 3)
    second.cancel()
    await _until_depth(client, 1)
    store.gate.set()
    await first
    assert await _deliver(client, batch(*changes(2, "a.second"))) == Receipt(written=2)
    assert store.writes == [1, 2]


async def _until_depth(client: InternalClient, depth: int) -> None:
    async with asyncio.timeout(5):
        while (await RemoteStatus(client).status())["queue_depth"] != depth:  # noqa: ASYNC110
            await asyncio.sleep(0.002)


async def test_filters_are_changed_while_it_runs(serve: Serve, batch: Batch, change: Any, store: Any) -> None:
    client = await serve()
    filters = RemoteFilters(client)
    assert (await filters.filters()).source is FilterSource.DEFAULT
    in_force = await filters.set_filters(Filters(exclude=FilterLists(domains=["light"])))
    assert in_force == await filters.filters()
    receipt = await _deliver(client, batch(change("light.hall"), change("sensor.a")))
    assert receipt == Receipt(written=1, filtered=1)
    assert [point.entity_id for point in store.points.values()] == ["sensor.a"]


async def test_wrong_filters_are_refused_by_field(serve: Serve) -> None:
    client = await serve()
    with pytest.raises(InvalidInputError, match="domains must be") as caught:
        await RemoteFilters(client).set_filters(Filters(exclude=FilterLists(domains=["A"])))
    assert caught.value.detail["field"] == "exclude.domains"
    with pytest.raises(InvalidInputError, match="include"):
        await client.send("PUT", "/filters", b'{"include": {"areas": []}}')


async def test_filters_are_for_the_token_only(serve: Serve) -> None:
    with pytest.raises(ServiceRefusedError):
        await RemoteFilters(await serve(token="another-token-of-16")).filters()


async def test_filters_of_the_environment_cannot_be_changed(
    serve: Serve, settings: Callable[..., Settings], store: Any
) -> None:
    fixed = dataclasses.replace(settings(), filters=FilterSettings(exclude_domains="light"))  # type: ignore[call-arg]
    server = build_enrichment_pipeline_server(fixed, store=store)
    await server.start()
    client = InternalClient(server.url, TOKEN)
    try:
        with pytest.raises(FixedByEnvironmentError) as caught:
            await RemoteFilters(client).set_filters(Filters())
        assert caught.value.detail == {"variables": ["FILTER_EXCLUDE_DOMAINS"]}
    finally:
        await client.close()
        await server.stop()


async def test_a_tap_is_opened_read_and_ended_over_http(serve: Serve, batch: Batch, changes: Changes) -> None:
    client = await serve()
    remote = RemoteTaps(client)
    tap = await remote.open_tap(LiveFilter(entity_id="sensor.*", area=None))
    await _deliver(client, batch(*changes(2), *changes(1, "light.hall")))
    page = await remote.read_tap(tap.id)
    assert [msgspec.json.decode(event)["point"]["entity_id"] for event in page.events] == ["sensor.kitchen"] * 2
    await remote.close_tap(tap.id)
    with pytest.raises(NotFoundError, match="has ended"):
        await remote.read_tap(tap.id)


async def test_a_tap_needs_the_internal_token(serve: Serve) -> None:
    with pytest.raises(ServiceRefusedError):
        await RemoteTaps(await serve(token="another-of-sixteen")).open_tap(LiveFilter())


async def test_a_filter_of_a_tap_that_is_none_names_the_field(serve: Serve) -> None:
    with pytest.raises(InvalidInputError) as refused:
        await (await serve()).send("POST", "/api/v1/taps", b'{"entity_id": 5}')
    assert refused.value.detail["field"] == "entity_id"
