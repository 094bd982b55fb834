"""Refusals by the state of a server or proxy: after them every event is stored once, and none is rejected."""

from __future__ import annotations

import asyncio
import json
import socket
import ssl
import subprocess
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, closing
from pathlib import Path

import msgspec
import pytest
from enrichment_pipeline.main import EnrichmentPipeline, build_enrichment_pipeline
from enrichment_pipeline.settings import Settings
from ha_ingestor_core.clock import ns_to_rfc3339
from ha_ingestor_core.errors import TransientError, WritesRefusedError
from ha_ingestor_core.events import EventBatch, OriginKind, RawEvent
from ha_ingestor_core.service_metrics import ServiceMetricsPoint
from ha_ingestor_core.settings.loading import load_settings
from ha_ingestor_store import Store, open_store
from ha_ingestor_store.influx.settings import InfluxSettings
from ha_ingestor_store.influx.store import InfluxStore
from ha_ingestor_store.questions import RecentEvents, RecentRejected
from ha_ingestor_store.time_range import HOUR_NS, TimeRange
from msgspec import Raw

from tests.faults import http_proxy
from tests.faults.http_proxy import HttpProxy
from tests.influxdb import InfluxDb1, a_database, require_influxdb, variables

pytestmark = pytest.mark.influxdb

Open = Callable[[InfluxSettings], AbstractAsyncContextManager[tuple[EnrichmentPipeline, Store]]]


@pytest.fixture
def open_pipeline(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Open:
    """Opens a pipeline with its store on an InfluxDB."""

    @asynccontextmanager
    async def make(settings: InfluxSettings) -> AsyncIterator[tuple[EnrichmentPipeline, Store]]:
        monkeypatch.chdir(tmp_path)
        for name, value in {**variables(settings), "DATA_DIR": str(tmp_path / "data")}.items():
            monkeypatch.setenv(name, value)
        store = await open_store(load_settings(Settings).store, writes_events=True)
        pipeline = build_enrichment_pipeline(load_settings(Settings), store=store.writer)
        await pipeline.start()
        try:
            yield pipeline, store
        finally:
            await pipeline.stop()
            await store.close()

    return make


def events(first: int, count: int, *, new_entities: bool = False) -> EventBatch:
    """Numbered state changes of now, of one entity or of one each."""
    now_ns = time.time_ns()
    bodies = []
    for number in range(first, first + count):
        moment = ns_to_rfc3339(now_ns + number * 1_000)
        entity_id = f"sensor.s{number if new_entities else 0}"
        state = {"entity_id": entity_id, "state": str(number), "attributes": {}, "last_updated": moment}
        state |= {"last_changed": moment, "context": {"id": f"c{number}"}}
        data = {"entity_id": entity_id, "old_state": None, "new_state": state}
        bodies.append({"event_type": "state_changed", "data": data, "origin": "LOCAL", "time_fired": moment})
    raw = [RawEvent(Raw(json.dumps(body).encode()), now_ns, OriginKind.LIVE) for body in bodies]
    return EventBatch(home="home", events=raw)


async def deliver(pipeline: EnrichmentPipeline, batch: EventBatch) -> None:
    """Deliver until acknowledged, as the capture does."""
    while True:
        try:
            receipt = await pipeline.deliver(batch)
        except TransientError:
            await asyncio.sleep(0.05)
        else:
            assert receipt.rejected == []
            return


async def refused(pipeline: EnrichmentPipeline, quoted: str) -> None:
    """Return when the pipeline reports failing writes with the server's message."""
    async with asyncio.timeout(20):
        while quoted not in (pipeline.health().get("reason") or ""):  # noqa: ASYNC110 - as any monitoring asks
            await asyncio.sleep(0.02)
    health = pipeline.health()
    assert (health["status"], health["key"]) == ("degraded", "writes_refused")


async def assert_stored_once(pipeline: EnrichmentPipeline, store: Store, count: int) -> None:
    now_ns = time.time_ns()
    asked = RecentEvents(TimeRange(now_ns - HOUR_NS, now_ns + HOUR_NS), limit=1_000)
    found = (await store.reader.recent_events(asked)).events
    assert sorted(int(event.state or "") for event in found) == list(range(count))
    totals = (await pipeline.status())["totals"]
    assert (totals["received"], totals["written"] + totals["duplicate"], totals["queued"]) == (count, count, 0)
    assert (await pipeline.rejected_events(RecentRejected())).events == []
    assert pipeline.health() == {"status": "healthy"}


@pytest.fixture
async def proxied(influxdb: InfluxSettings) -> AsyncIterator[tuple[HttpProxy, InfluxSettings]]:
    """A database behind a proxy."""
    proxy = HttpProxy(influxdb.url)
    await proxy.start()
    yield proxy, msgspec.structs.replace(influxdb, url=proxy.url)
    await proxy.stop()


@pytest.mark.parametrize(
    ("status", "body", "quoted"),
    [
        (400, http_proxy.TLS_PORT, "HTTP request to an HTTPS server"),
        (400, http_proxy.PAGE, "400 Bad Request nginx"),
        (400, http_proxy.STRANGE, "the moon is full"),
        (413, b"Request Entity Too Large", "Request Entity Too Large"),
    ],
)
@pytest.mark.parametrize("is_first_start", [True, False])
async def test_events_wait_for_the_end_of_a_refusal_that_names_none_of_them(
    proxied: tuple[HttpProxy, InfluxSettings],
    open_pipeline: Open,
    status: int,
    body: bytes,
    quoted: str,
    is_first_start: bool,
) -> None:
    proxy, settings = proxied
    async with open_pipeline(settings) as (pipeline, store):
        first = 0 if is_first_start else 20
        await store.reader.ping()
        if first:
            await deliver(pipeline, events(0, first))
        with proxy.behaving(_only_writes(http_proxy.saying(status, body))):
            delivering = asyncio.create_task(deliver(pipeline, events(first, 40)))
            await refused(pipeline, quoted)
            assert not delivering.done()
        async with asyncio.timeout(20):
            await delivering
        await assert_stored_once(pipeline, store, first + 40)


def _only_writes(behaviour: http_proxy.Behaviour) -> http_proxy.Behaviour:
    """Use a behaviour for writes only: queries are answered, as by a server that reached its limits."""

    async def behave(request: http_proxy.Request, forward: http_proxy.Forward) -> http_proxy.Answer:
        is_write = request.method == "POST" and request.path.partition("?")[0].endswith("/write")
        return await (behaviour(request, forward) if is_write else forward(request))

    return behave


@pytest.fixture
def server_1(tmp_path: Path) -> Iterator[InfluxDb1]:
    """A 1.x that the tests can reconfigure."""
    require_influxdb()
    (tmp_path / "influxdb").mkdir()
    server = InfluxDb1(tmp_path / "influxdb")
    server.start()
    yield server
    server.kill()


@pytest.mark.parametrize("limit", [{"max_series_per_database": 60}, {"max_values_per_tag": 10}])
async def test_events_wait_until_a_limit_of_the_server_is_raised(
    server_1: InfluxDb1, open_pipeline: Open, limit: dict[str, int]
) -> None:
    server_1.kill()
    server_1.configure("data", **limit)
    server_1.start()
    async with open_pipeline(a_database(server_1.url)) as (pipeline, store):
        await deliver(pipeline, events(0, 12, new_entities=True))
        delivering = asyncio.create_task(deliver(pipeline, events(12, 60, new_entities=True)))
        await refused(pipeline, next(iter(limit)).replace("_", "-"))
        server_1.kill()
        server_1.configure("data", **dict.fromkeys(limit, 0))
        server_1.start()
        async with asyncio.timeout(20):
            await delivering
        await assert_stored_once(pipeline, store, 72)


async def test_a_server_that_speaks_tls_for_some_seconds_loses_nothing(
    server_1: InfluxDb1, open_pipeline: Open, tmp_path: Path
) -> None:
    async with open_pipeline(a_database(server_1.url)) as (pipeline, store):
        await deliver(pipeline, events(0, 5))
        server_1.kill()
        server_1.configure("http", https_enabled=True, https_certificate=_certificate(tmp_path))
        await asyncio.to_thread(_start_with_tls, server_1)
        delivering = asyncio.create_task(deliver(pipeline, events(5, 40)))
        await refused(pipeline, "HTTPS server")
        server_1.kill()
        server_1.configure("http", https_enabled=False)
        server_1.start()
        async with asyncio.timeout(20):
            await delivering
        await assert_stored_once(pipeline, store, 45)


def _certificate(folder: Path) -> str:
    path = folder / "certificate.pem"
    command = [
        "openssl",
        "req",
        "-x509",
        "-newkey",
        "rsa:2048",
        "-nodes",
        "-days",
        "2",
        "-subj",
        "/CN=localhost",
        "-keyout",
    ]
    subprocess.run([*command, str(path), "-out", str(folder / "public.pem")], check=True, capture_output=True)
    path.write_bytes(path.read_bytes() + (folder / "public.pem").read_bytes())
    return str(path)


def _start_with_tls(server: InfluxDb1) -> None:
    server.launch()
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    for _ in range(200):
        try:
            with closing(context.wrap_socket(socket.create_connection(("127.0.0.1", server.port), 1))):
                return
        except OSError:
            time.sleep(0.05)
    pytest.fail("influxd did not listen with TLS")


async def test_one_bad_line_blocks_none_of_the_others(
    proxied: tuple[HttpProxy, InfluxSettings], open_pipeline: Open
) -> None:
    """An unknown form of error about one line: that line is isolated, saved and can be replayed."""
    proxy, settings = proxied
    async with open_pipeline(settings) as (pipeline, _):
        await deliver(pipeline, events(0, 3))
        with proxy.behaving(_refusing(b"sensor.s7,", b"the moon is full")):
            receipt = await pipeline.deliver(events(3, 10, new_entities=True))
        assert (receipt.written, [each.key for each in receipt.rejected]) == (9, ["refused_by_store"])
        (kept,) = (await pipeline.rejected_events(RecentRejected())).events
        assert "sensor.s7" in kept.payload
        assert (await pipeline.replay(kept.id)).outcome == "written"


async def test_a_bad_first_line_waits_for_no_more_than_the_first_report(
    proxied: tuple[HttpProxy, InfluxSettings], open_pipeline: Open
) -> None:
    proxy, settings = proxied
    async with open_pipeline(settings) as (pipeline, store):
        await store.reader.ping()
        batch = events(0, 1)
        with proxy.behaving(_refusing(b"sensor.s0,", b"the moon is full")):
            with pytest.raises(WritesRefusedError, match="the moon is full"):
                await pipeline.deliver(batch)
            await store.writer.write_service_metrics(
                [ServiceMetricsPoint("any", time.time_ns(), levels={"lag_s": 1.0})]
            )
            receipt = await pipeline.deliver(batch)
        assert [each.key for each in receipt.rejected] == ["refused_by_store"]


def _refusing(mark: bytes, text: bytes) -> http_proxy.Behaviour:
    async def behave(request: http_proxy.Request, forward: http_proxy.Forward) -> http_proxy.Answer:
        return http_proxy.Answer(400, {}, text) if mark in request.body else await forward(request)

    return _only_writes(behave)


@pytest.fixture
async def kept_for_an_hour(influxdb: InfluxSettings) -> InfluxSettings:
    """A database or bucket with a retention of an hour."""
    settings = msgspec.structs.replace(influxdb, raw_retention_s=3600)
    store = InfluxStore(settings, writes_events=True, rolls_up=False)
    await store.connect()
    await store.close()
    return settings


async def test_what_is_older_than_the_retention_is_not_sent_and_expires_once(
    kept_for_an_hour: InfluxSettings, open_pipeline: Open
) -> None:
    batch = events(0, 1_000)
    old = ns_to_rfc3339(time.time_ns() - 30 * HOUR_NS)[:10]
    today = ns_to_rfc3339(time.time_ns())[:10]
    raw = [Raw(bytes(event.event).replace(today.encode(), old.encode())) for event in batch.events]
    idle = EventBatch(home="home", events=[RawEvent(body, time.time_ns(), OriginKind.SNAPSHOT) for body in raw[:1]])
    history = EventBatch(home="home", events=[RawEvent(body, time.time_ns(), OriginKind.BACKFILL) for body in raw[1:]])
    async with open_pipeline(kept_for_an_hour) as (pipeline, _):
        assert (await pipeline.deliver(history)).expired == 999
        receipts = [await pipeline.deliver(idle) for _ in range(3)]
        assert [(each.expired, each.duplicate) for each in receipts] == [(1, 0), (0, 1), (0, 1)]
        totals = (await pipeline.status())["totals"]
        assert (totals["received"], totals["expired"], totals["duplicate"], totals["rejected"]) == (1_002, 1_000, 2, 0)
        assert (await pipeline.rejected_events(RecentRejected())).events == []


async def test_a_thousand_lines_that_the_server_finds_too_old_cost_one_request(
    kept_for_an_hour: InfluxSettings,
) -> None:
    writes: list[http_proxy.Request] = []

    async def counted(request: http_proxy.Request, forward: http_proxy.Forward) -> http_proxy.Answer:
        if request.method == "POST" and request.path.partition("?")[0].endswith("/write"):
            writes.append(request)
        return await forward(request)

    proxy = HttpProxy(kept_for_an_hour.url)
    await proxy.start()
    store = InfluxStore(msgspec.structs.replace(kept_for_an_hour, url=proxy.url), writes_events=False)
    try:
        connection = await store.connect()
        target = connection.database.write_target(rollups=False)
        with proxy.behaving(counted):
            lines = [f"m,tag=a f=1.0 {number}" for number in range(1_000)]
            refused = await connection.writer.write(target, lines)
    finally:
        await store.close()
        await proxy.stop()
    assert [(each.index, each.key) for each in refused] == [(at, "beyond_retention") for at in range(1_000)]
    assert len(writes) == 1
