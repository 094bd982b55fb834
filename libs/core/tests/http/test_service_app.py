"""The HTTP form between services: token, errors that come out as they went in, compression."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from ha_ingestor_core.calls.service_reports import RemoteReports, RemoteStatus, add_reports_route
from ha_ingestor_core.errors import (
    BackpressureError,
    IngestorError,
    InvalidInputError,
    RegistryUnknownError,
    ServiceRefusedError,
    ServiceUnavailableError,
    StoreRefusedError,
    StoreUnavailableError,
    UnexpectedError,
)
from ha_ingestor_core.http.client import InternalClient
from ha_ingestor_core.http.service_app import read_body, service_app
from ha_ingestor_core.reporting.report_memory import Reports
from ha_ingestor_core.service_metrics import ServiceMetricsPoint
from prometheus_client import CollectorRegistry, Counter
from yarl import URL

TOKEN = "a-token-of-sixteen"
METRICS_TOKEN = "a-token-for-metrics"

Serve = Callable[..., Awaitable[str]]


class FakeStatus:
    async def status(self) -> dict[str, Any]:
        return {"service": "s", "queue_depth": 4}


class FakeReports:
    async def reports(self, start_ns: int) -> Reports:
        point = ServiceMetricsPoint("s", start_ns + 1, "i", {"events_received": 3}, {"queue_depth": 1.0})
        return Reports("s", start_ns, [point], [point])


@pytest.fixture
async def serve() -> AsyncIterator[Serve]:
    servers: list[TestServer] = []

    async def start(
        handler: Callable[[web.Request], Awaitable[web.Response]] | None = None,
        token: str | None = TOKEN,
        health: str = "healthy",
        metrics_token: str | None = None,
    ) -> str:
        registry = CollectorRegistry()
        Counter("ha_ingestor_test_things", "Things", registry=registry).inc()
        app = service_app(
            status=FakeStatus(),
            health=lambda: {"status": health},
            metrics=registry,
            token=token,
            metrics_token=metrics_token,
        )
        add_reports_route(app, FakeReports())
        if handler:
            app.router.add_post("/do", handler)
        server = TestServer(app)
        servers.append(server)
        await server.start_server()
        return str(server.make_url("")).rstrip("/")

    yield start
    for server in servers:
        await server.close()


async def test_a_status_requires_the_token(serve: Serve) -> None:
    url = await serve()
    client, stranger = InternalClient(url, TOKEN), InternalClient(url, "another-token-here")
    assert await RemoteStatus(client).status() == {"service": "s", "queue_depth": 4}
    with pytest.raises(ServiceRefusedError, match="INTERNAL_TOKEN"):
        await stranger.get("/stats")
    await client.close()
    await stranger.close()


async def test_without_a_configured_token_every_request_is_refused(serve: Serve) -> None:
    client = InternalClient(await serve(token=None), None)
    with pytest.raises(ServiceRefusedError):
        await client.get("/stats")
    await client.close()


async def test_health_is_open_and_so_are_metrics_without_a_token_of_their_own(serve: Serve) -> None:
    client = InternalClient(await serve(), None)
    assert await client.get("/health") == b'{"status":"healthy"}'
    assert b"ha_ingestor_test_things_total 1.0" in await client.get("/metrics")
    await client.close()


@pytest.mark.parametrize(("shown", "is_answered"), [(METRICS_TOKEN, True), (TOKEN, True), (None, False), ("", False)])
async def test_where_a_metrics_token_is_set_metrics_need_it(serve: Serve, shown: str | None, is_answered: bool) -> None:
    client = InternalClient(await serve(metrics_token=METRICS_TOKEN), shown)
    if is_answered:
        assert b"ha_ingestor_test_things_total 1.0" in await client.get("/metrics")
    else:
        with pytest.raises(ServiceRefusedError, match="METRICS_TOKEN"):
            await client.get("/metrics")
    await client.close()


async def test_the_metrics_token_is_valid_for_metrics_alone(serve: Serve) -> None:
    client = InternalClient(await serve(metrics_token=METRICS_TOKEN), METRICS_TOKEN)
    for path in ("/stats", "/stats/reports"):
        with pytest.raises(ServiceRefusedError, match="INTERNAL_TOKEN"):
            await client.get(path)
    await client.close()


@pytest.mark.parametrize("path", ["/stats%0A", "/health%0A", "/metrics%00", "/health%2F..%2Fstats", "//stats"])
async def test_no_spelling_of_a_path_opens_more(serve: Serve, path: str) -> None:
    url = URL(await serve() + path, encoded=True)
    async with aiohttp.ClientSession() as http, http.get(url) as answer:
        assert answer.status in (400, 401, 404)
        assert b"queue_depth" not in await answer.read()


async def test_an_unhealthy_service_answers_503(serve: Serve) -> None:
    client = InternalClient(await serve(health="unhealthy"), None)
    with pytest.raises(ServiceUnavailableError):
        await client.get("/health")
    await client.close()


async def test_a_compressed_body_arrives_whole(serve: Serve) -> None:
    async def echo(request: web.Request) -> web.Response:
        assert request.headers["Content-Encoding"] == "gzip"
        return web.Response(body=await request.read())

    client = InternalClient(await serve(echo), TOKEN)
    body = b'{"a":"\\n"}' * 10_000
    assert await client.send("POST", "/do", body) == body
    await client.close()


@pytest.mark.parametrize(
    ("raised", "received"),
    [
        (InvalidInputError("home must be a string", field="home"), InvalidInputError),
        (RegistryUnknownError("version 7"), RegistryUnknownError),
        (BackpressureError("full", retry_after_s=3), BackpressureError),
        (StoreUnavailableError("locked", retry_after_s=2), ServiceUnavailableError),
        (StoreRefusedError("damaged"), ServiceUnavailableError),
        (UnexpectedError("a mistake"), UnexpectedError),
    ],
)
async def test_an_error_comes_out_as_it_went_in(
    serve: Serve, raised: IngestorError, received: type[IngestorError]
) -> None:
    async def fail(_: web.Request) -> web.Response:
        raise raised

    client = InternalClient(await serve(fail), TOKEN)
    with pytest.raises(received) as caught:
        await client.send("POST", "/do", b"{}")
    assert caught.value.message == raised.message
    assert caught.value.detail == raised.detail
    if isinstance(raised, BackpressureError | StoreUnavailableError):
        assert getattr(caught.value, "retry_after_s", None) == raised.retry_after_s
    await client.close()


async def test_a_token_of_odd_bytes_is_refused_like_any_other(serve: Serve) -> None:
    host, _, port = (await serve()).removeprefix("http://").partition(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    writer.write(b"GET /stats HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer \xff\r\n\r\n")
    assert (await reader.readline()).startswith(b"HTTP/1.1 401 ")
    writer.close()


@pytest.mark.parametrize(
    ("body", "retry_after"),
    [
        (b'{"error":{"message":"no","detail":{"message":"again","retry_after_s":1}}}', "soon"),
        (b'{"error":{"message":"no","detail":["abc"]}}', "Wed, 21 Oct 2026 07:28:00 GMT"),
        (b'{"error":"no"}', "\u00b2"),
        (b'"\xff"', "9" * 400),
        (b"[" * 100_000, "-1"),
    ],
)
async def test_an_unexpected_response_is_translated_to_an_error(serve: Serve, body: bytes, retry_after: str) -> None:
    async def away(_: web.Request) -> web.Response:
        return web.Response(status=503, body=body, headers={"Retry-After": retry_after})

    client = InternalClient(await serve(away), TOKEN)
    with pytest.raises(ServiceUnavailableError) as caught:
        await client.send("POST", "/do", b"{}")
    assert caught.value.retry_after_s is None
    await client.close()


async def test_an_error_in_a_handler_differs_from_an_unavailable_service(serve: Serve) -> None:
    async def fail(_: web.Request) -> web.Response:
        raise ZeroDivisionError("a mistake")

    async def away(_: web.Request) -> web.Response:
        return web.Response(status=500, text="a proxy's own page")

    for handler, expected in ((fail, UnexpectedError), (away, ServiceUnavailableError)):
        client = InternalClient(await serve(handler), TOKEN)
        with pytest.raises(expected):
            await client.send("POST", "/do", b"{}")
        await client.close()


async def test_a_body_that_is_too_large_is_the_callers_to_divide(serve: Serve) -> None:
    async def refuse(_: web.Request) -> web.Response:
        raise web.HTTPRequestEntityTooLarge(max_size=1, actual_size=2)

    client = InternalClient(await serve(refuse), TOKEN)
    with pytest.raises(InvalidInputError, match="413"):
        await client.send("POST", "/do", b"{}")
    await client.close()


async def test_no_response_is_a_transient_error() -> None:
    client = InternalClient("http://127.0.0.1:1", TOKEN)
    with pytest.raises(ServiceUnavailableError, match=r"127\.0\.0\.1:1 did not answer"):
        await client.get("/stats")
    await client.close()


async def test_reports_arrive_as_they_were_sent(serve: Serve) -> None:
    client = InternalClient(await serve(), TOKEN)
    assert await RemoteReports(client).reports(17) == await FakeReports().reports(17)
    with pytest.raises(InvalidInputError, match="start_ns"):
        await client.get("/stats/reports?start_ns=yesterday")
    await client.close()


async def test_a_body_that_does_not_end_is_given_up(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ha_ingestor_core.http.service_app.BODY_LIMIT_S", 0.1)

    async def handler(request: web.Request) -> web.Response:
        return web.Response(body=await read_body(request))

    async def body() -> AsyncIterator[bytes]:
        yield b"{"
        await asyncio.Event().wait()

    url = await serve(handler)
    headers = {"Authorization": f"Bearer {TOKEN}"}
    async with aiohttp.ClientSession() as http, http.post(f"{url}/do", data=body(), headers=headers) as answer:
        assert answer.status == 408
