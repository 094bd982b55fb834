"""A backfill over HTTP: started with two times, followed to its end."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import aiohttp
import msgspec
import pytest
from admin_api.http.server import HttpServer
from admin_api.records.models import BackfillAnswer
from admin_api.security.scopes import Scope
from aiohttp.test_utils import unused_port
from ha_ingestor_core.calls.backfill import BackfillProgress, BackfillRunningError
from ha_ingestor_core.errors import ServiceUnavailableError
from ha_ingestor_core.gaps import GapStatus

START, END = "2026-11-24T14:02:00+00:00", "2026-11-24T14:31:00+00:00"
START_NS = 1_795_528_920_000_000_000

Post = Callable[[Any], Awaitable[tuple[int, Any]]]


@pytest.fixture
async def post(app: Any, secret_of: Callable[[Scope], str]) -> AsyncIterator[Post]:
    """Sends a JSON body over a socket with scope operate."""
    server = HttpServer(app, host="127.0.0.1", port=unused_port())
    await server.start()

    async def send(body: Any) -> tuple[int, Any]:
        headers = {"Authorization": f"Bearer {secret_of(Scope.OPERATE)}"}
        url = f"{server.url}/api/v1/backfill"
        async with aiohttp.ClientSession() as http, http.post(url, json=body, headers=headers) as response:
            return response.status, await response.json()

    yield send
    await server.stop()


async def test_there_is_none_before_the_first(get: Any) -> None:
    assert (await get("/api/v1/backfill")).json == {"backfill": None}


async def test_a_backfill_is_begun_and_followed(post: Post, get: Any, backfill: Any) -> None:
    status, begun = await post({"start": START, "end": END})
    assert status == 202
    assert begun["backfill"]["done_percent"] == 0
    assert backfill.progress.gap.start_ns == START_NS
    gap = msgspec.structs.replace(
        backfill.progress.gap, status=GapStatus.PARTIAL, recovered=7, known=2, lost=["this"], closed_ns=START_NS
    )
    backfill.progress = BackfillProgress(gap, 100.0)
    told = (await get("/api/v1/backfill")).json
    BackfillAnswer.model_validate(told)
    assert told["backfill"] == {
        "start": "2026-11-24T14:02:00.000000+00:00",
        "end": "2026-11-24T14:31:00.000000+00:00",
        "status": "partial",
        "done_percent": 100.0,
        "entities": 0,
        "entities_done": 0,
        "read_until": None,
        "recovered": 7,
        "known": 2,
        "lost": ["this"],
        "closed": "2026-11-24T14:02:00.000000+00:00",
    }


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"start": "yesterday", "end": END}, "start"),
        ({"start": START, "end": "2026-11-24T25:00:00"}, "end"),
        ({"start": START}, "end"),
        ({"start": START, "end": END, "home": "x"}, "home"),
    ],
)
async def test_what_is_wrong_is_named(post: Post, body: Any, field: str) -> None:
    status, answer = await post(body)
    assert status == 422
    assert answer["error"]["detail"]["field"] == field


async def test_a_second_one_has_to_wait(post: Post, backfill: Any) -> None:
    backfill.error = BackfillRunningError("A backfill is already running")
    status, answer = await post({"start": START, "end": END})
    assert (status, answer["error"]["key"]) == (422, "backfill_running")


async def test_without_websocket_ingestion_a_backfill_is_a_503(post: Post, backfill: Any) -> None:
    backfill.error = ServiceUnavailableError("nobody there")
    status, answer = await post({"start": START, "end": END})
    assert (status, answer["error"]["key"]) == (503, "service_unavailable")
