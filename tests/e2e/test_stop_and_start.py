"""Stop and start: a clean exit under load, and the same answers as before."""

from __future__ import annotations

import asyncio
import json
import signal
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from functools import partial
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from ha_ingestor.demo_home import House, SimulatedHomeAssistant
from ha_ingestor_core.errors import ServiceUnavailableError
from ha_ingestor_core.http.client import InternalClient

from tests.e2e.ingestor import Api, Ingestor, Process, wait_until_closed
from tests.ports import free_port


class Load:
    """A home with a thousand changes per second."""

    def __init__(self) -> None:
        self.house = House()
        self.home_assistant = SimulatedHomeAssistant(self.house, "token")
        self._number = 0
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        await self.home_assistant.start()
        self._task = asyncio.create_task(self._run())

    @property
    def last_number(self) -> int:
        """The last state; states are numbered from 1."""
        return self._number

    async def pause(self) -> None:
        if self._task:
            self._task.cancel()
            await asyncio.wait({self._task})

    async def stop(self) -> None:
        await self.pause()
        await self.home_assistant.stop()

    async def _run(self) -> None:
        while True:
            for _ in range(20):
                self._number += 1
                self.house.set_state(f"sensor.s{self._number % 40}", str(self._number), {"unit_of_measurement": "W"})
            await asyncio.sleep(0.02)


@pytest.fixture
async def load() -> AsyncIterator[Load]:
    running = Load()
    await running.start()
    yield running
    await running.stop()


async def all_events(api: Api) -> list[dict[str, Any]]:
    """Return every event of the API, newest first."""
    events: list[dict[str, Any]] = []
    parameters: dict[str, Any] = {"limit": 1000}
    while True:
        page = await api.get("/api/v1/events", **parameters)
        events += page["events"]
        if page["next_cursor"] is None:
            return events
        parameters["cursor"] = page["next_cursor"]


async def test_ctrl_c_under_load_with_a_page_open_is_clean_and_quick(
    load: Load, tmp_path: Path, store_variables: dict[str, str]
) -> None:
    ingestor = Ingestor(tmp_path, url=load.home_assistant.url, token="token", **store_variables)
    async with aiohttp.ClientSession() as page:
        await ingestor.start()
        await ingestor.api.eventually(ingestor.api.total, lambda total: total > 1000)
        stream = await page.get(f"{ingestor.api.url}/api/v1/stream")
        assert await stream.content.readline()
        acknowledged = {event["id"]: event for event in await all_events(ingestor.api)}
        code = await ingestor.process.end(signal.SIGINT)  # fails after a time limit
        assert code == 0, ingestor.process.log
        assert "Traceback" not in ingestor.process.log
        stream.close()
    await load.pause()

    await ingestor.start()  # with the same data
    after = {event["id"]: event for event in await all_events(ingestor.api)}
    assert acknowledged.items() <= after.items()
    await ingestor.process.end()
    await ingestor.api.close()


async def whole_events(api: Api) -> dict[str, dict[str, Any]]:
    """Return events by id when two reads agree: InfluxDB may show a point without some fields while it is written."""
    first = {event["id"]: event for event in await all_events(api)}
    second = {event["id"]: event for event in await all_events(api)}
    return {id_: event for id_, event in second.items() if first.get(id_) == event}


async def test_kill_9_under_load_leaves_what_was_shown(
    load: Load, tmp_path: Path, store_variables: dict[str, str]
) -> None:
    ingestor = Ingestor(tmp_path, url=load.home_assistant.url, token="token", **store_variables)
    await ingestor.start()
    await ingestor.api.eventually(ingestor.api.total, lambda total: total > 1000)
    shown = await whole_events(ingestor.api)
    assert shown
    await ingestor.process.end(signal.SIGKILL)
    await load.pause()

    async def events_and_total() -> tuple[list[dict[str, Any]], int]:
        return await all_events(ingestor.api), await ingestor.api.total()

    await ingestor.start()
    # The spool is delivered now; after that, rollups and events agree.
    after, _ = await ingestor.api.eventually(events_and_total, lambda both: len(both[0]) == both[1])
    by_id = {event["id"]: event for event in after}
    assert shown.items() <= by_id.items()
    assert len(by_id) == len(after)
    await ingestor.process.end()
    await ingestor.api.close()


async def test_numbers_add_up_after_being_killed_under_load_several_times(
    load: Load, tmp_path: Path, store_variables: dict[str, str]
) -> None:
    """Every event received by each service has one outcome, over five runs, four of which end by kill -9."""
    variables = {"FILTER_EXCLUDE_ENTITIES": "sensor.s1?", **store_variables}
    ingestor = Ingestor(tmp_path, url=load.home_assistant.url, token="token", **variables)
    for life in range(4):
        await ingestor.start()
        before = load.last_number
        while load.last_number < before + 1000 + 300 * life:  # noqa: ASYNC110
            await asyncio.sleep(0.05)
        await ingestor.process.end(signal.SIGKILL)
    await load.pause()
    logged = len(ingestor.process.log)
    await ingestor.start()
    await wait_until_closed(ingestor, logged)  # the events of the filled gaps are counted too

    async def accounts() -> dict[str, Any]:
        return dict((await ingestor.api.get("/api/v1/accounting", period="1h"))["services"])

    def is_done(services: dict[str, Any]) -> bool:
        return services.keys() >= {"websocket-ingestion", "enrichment-pipeline"} and not any(
            service["queued_at_end"] for service in services.values()
        )

    await ingestor.api.eventually(accounts, is_done)

    async def accounts_and_stored() -> tuple[dict[str, Any], int]:
        await asyncio.sleep(1)  # the services share this machine with the test
        return await accounts(), await ingestor.api.total()

    def agree(both: tuple[dict[str, Any], int]) -> bool:
        services, stored = both
        capture, pipeline = services["websocket-ingestion"], services["enrichment-pipeline"]
        written, duplicate = pipeline["written"], pipeline["duplicate"]
        # Events stored when the capture was killed are delivered again. Each service reports alone, every ten seconds.
        if pipeline["received"] < capture["received"]:
            return False
        if store_variables:  # a write that was stored when the pipeline was killed is repeated, as duplicates
            return bool(written <= stored <= written + duplicate)
        return bool(written == stored)  # with the embedded store the totals are in the transaction of the events

    # Counts are reported within ten seconds.
    services, stored = await ingestor.api.eventually(accounts_and_stored, agree)
    assert len(await all_events(ingestor.api)) == stored
    capture, pipeline = services["websocket-ingestion"], services["enrichment-pipeline"]
    assert capture["adds_up"], capture
    assert pipeline["adds_up"], pipeline
    assert capture["filtered"] > 100
    assert (capture["failed"], capture["rejected"]) == (0, 0)
    assert capture["received"] > 4000
    await ingestor.process.end()
    await ingestor.api.close()


async def test_what_was_captured_while_the_pipeline_was_dead_survives_the_death_of_the_capture(
    load: Load, tmp_path: Path
) -> None:
    ports = {name: str(free_port()) for name in ("ingestion", "pipeline", "admin")}
    environment = {
        "HA_URL": load.home_assistant.url,
        "HA_TOKEN": "token",
        "DATA_DIR": str(tmp_path / "data"),
        "INTERNAL_TOKEN": "a-token-for-this-test",
        "WEBSOCKET_INGESTION_PORT": ports["ingestion"],
        "ENRICHMENT_PIPELINE_PORT": ports["pipeline"],
        "ADMIN_API_PORT": ports["admin"],
        "WEBSOCKET_INGESTION_URL": f"http://127.0.0.1:{ports['ingestion']}",
        "ENRICHMENT_PIPELINE_URL": f"http://127.0.0.1:{ports['pipeline']}",
    }
    roles = ("enrichment-pipeline", "websocket-ingestion", "admin-api")
    pipeline, ingestion, admin = (Process("run", role, folder=tmp_path, **environment) for role in roles)
    api = Api(f"http://127.0.0.1:{ports['admin']}")
    capture = InternalClient(environment["WEBSOCKET_INGESTION_URL"], environment["INTERNAL_TOKEN"])
    try:
        await asyncio.gather(pipeline.start(), ingestion.start(), admin.start())
        await api.eventually(api.total, lambda total: total > 500)
        await pipeline.end(signal.SIGKILL)
        before = load.last_number
        while load.last_number < before + 2000:  # noqa: ASYNC110
            await asyncio.sleep(0.05)
        await load.pause()
        await asyncio.sleep(1)
        spooled = json.loads(await capture.get("/stats"))
        assert spooled["queue_depth"] >= 2000
        assert spooled["spool"]["uncommitted_events"] == 0
        await ingestion.end(signal.SIGKILL)
        await load.home_assistant.stop()

        await asyncio.gather(pipeline.start(), ingestion.start())
        stats = await api.eventually(
            partial(stats_of, capture), lambda s: s["queue_depth"] == 0 and s["spool"]["events_at_start"]
        )
        ended = sum(stats["counters"][f"events_{end}"] for end in ("processed", "duplicate", "rejected"))
        assert stats["counters"]["events_received"] == 0, "nothing new came"
        assert ended == stats["spool"]["events_at_start"] == spooled["queue_depth"]
        seen = {int(event["state"]) for event in await all_events(api) if event["entity_id"].startswith("sensor.s")}
        assert set(range(before, load.last_number + 1)) <= seen
    finally:
        await end_all(capture.close, api.close, pipeline.end, ingestion.end, admin.end)


async def stats_of(capture: InternalClient) -> dict[str, Any]:
    """Return the statistics of the capture, when it listens."""
    try:
        answer: dict[str, Any] = json.loads(await capture.get("/stats"))
    except ServiceUnavailableError:
        return {"queue_depth": None}
    return answer


async def end_all(*ends: Callable[[], Awaitable[object]]) -> None:
    """Stop all, last first, also if one fails."""
    async with AsyncExitStack() as stack:
        for end in ends:
            stack.push_async_callback(end)


async def test_separate_processes_give_the_same_answers(
    load: Load, tmp_path: Path, store_variables: dict[str, str]
) -> None:
    """On every store the answers are the same as those of one process with the embedded store."""
    ports = {name: str(free_port()) for name in ("ingestion", "pipeline", "admin")}
    environment = {
        "HA_URL": load.home_assistant.url,
        "HA_TOKEN": "token",
        "DATA_DIR": str(tmp_path / "apart"),
        "INTERNAL_TOKEN": "a-token-for-this-test",
        "WEBSOCKET_INGESTION_PORT": ports["ingestion"],
        "ENRICHMENT_PIPELINE_PORT": ports["pipeline"],
        "ADMIN_API_PORT": ports["admin"],
        "WEBSOCKET_INGESTION_URL": f"http://127.0.0.1:{ports['ingestion']}",
        "ENRICHMENT_PIPELINE_URL": f"http://127.0.0.1:{ports['pipeline']}",
        **store_variables,
    }
    apart = [
        Process("run", role, folder=tmp_path, **environment)
        for role in ("enrichment-pipeline", "websocket-ingestion", "admin-api")
    ]
    api = Api(f"http://127.0.0.1:{ports['admin']}")
    together = Ingestor(tmp_path, url=load.home_assistant.url, token="token")
    try:
        await asyncio.gather(together.start(), *(process.start() for process in apart))
        await api.eventually(lambda: api.get("/api/v1/health"), lambda h: h["overall_status"] == "healthy")
        first = load.house.set_state("sensor.first", "1", {})
        await api.eventually(api.total, lambda total: total > 1000)
        await load.pause()
        load.house.set_state("sensor.last", "1", {})
        for each in (api, together.api):
            await each.eventually(partial(each.events, entity_id="sensor.last"), bool)
        ours, theirs = await all_events(api), await all_events(together.api)
        since = next(event["time"] for event in ours if first and event["context_id"] == first.id)
        assert [e for e in ours if e["time"] >= since] == [e for e in theirs if e["time"] >= since]
        await api.eventually(api.total, lambda total: total == len(ours))  # it is as of up to two seconds ago
        end = (await api.events(entity_id="sensor.last"))[0]["time"]  # a value that lasts until now would continue
        for asked in (dict[str, Any](), {"window": "1m"}):
            path = "/api/v1/entities/sensor.s7/history"
            answers = [(await each.get(path, end=end, **asked))["points"] for each in (api, together.api)]
            newest = [[p for p in points if p["time"] >= since] for points in answers]
            assert newest[0][1:] == newest[1][1:]
    finally:
        await end_all(together.api.close, api.close, together.process.end, *(process.end for process in apart))
