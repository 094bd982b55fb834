"""`ha-ingestor backfill` with a scripted Admin API."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from ha_ingestor.backfill_progress import AdminApiBackfill, FirstThatAnswers, follow
from ha_ingestor_core.calls.backfill import BackfillProgress
from ha_ingestor_core.errors import InvalidInputError, ServiceRefusedError, ServiceUnavailableError
from ha_ingestor_core.gaps import Gap, GapReason, GapStatus

HOUR_NS = 3600 * 1_000_000_000


class ScriptedAdminApi:
    """Answers a POST and each GET with the next of its bodies."""

    def __init__(self) -> None:
        self.answers: list[tuple[int, Any]] = []
        self.asked: list[Any] = []
        app = web.Application()
        app.router.add_route("*", "/api/v1/backfill", self._answer)
        self.server = TestServer(app)

    @property
    def way(self) -> AdminApiBackfill:
        return AdminApiBackfill(str(self.server.make_url("")).rstrip("/"))

    async def _answer(self, request: web.Request) -> web.Response:
        self.asked.append((request.method, await request.json() if request.can_read_body else None))
        status, body = self.answers.pop(0)
        return web.json_response(body, status=status)


@pytest.fixture
async def api() -> AsyncIterator[ScriptedAdminApi]:
    scripted = ScriptedAdminApi()
    await scripted.server.start_server()
    yield scripted
    await scripted.server.close()


def told(done: float, **more: Any) -> dict[str, Any]:
    return {
        "backfill": {
            "start": "1970-01-01T00:00:00.000000+00:00",
            "end": "1970-01-01T01:00:00.000000+00:00",
            "status": "open",
            "done_percent": done,
            "entities": 5,
            "recovered": 0,
            "known": 0,
            "lost": [],
            "closed": None,
            **more,
        }
    }


async def test_it_is_followed_to_its_end(api: ScriptedAdminApi) -> None:
    end = told(100.0, status="partial", recovered=3, lost=["this"], closed="1970-01-01T02:00:00+00:00")
    api.answers = [(202, told(0.0)), (200, told(50.0)), (200, end)]
    seen: list[float] = []
    done = await follow(api.way, 0, HOUR_NS, lambda at: seen.append(at.done_percent))
    assert seen == [0.0, 50.0, 100.0]
    assert (done.gap.status, done.gap.recovered, done.gap.lost) == (GapStatus.PARTIAL, 3, ["this"])
    assert api.asked[0] == (
        "POST",
        {"start": "1970-01-01T00:00:00.000000+00:00", "end": "1970-01-01T01:00:00.000000+00:00"},
    )


@pytest.mark.parametrize(
    ("status", "error"), [(422, InvalidInputError), (503, ServiceUnavailableError), (404, ServiceRefusedError)]
)
async def test_refusals_are_told_in_their_words(api: ScriptedAdminApi, status: int, error: type[Exception]) -> None:
    api.answers = [(status, {"error": {"key": "k", "message": "in words", "detail": {}}})]
    with pytest.raises(error, match="in words"):
        await api.way.begin_backfill(0, 1)


async def test_an_ingestor_that_was_started_anew_is_not_waited_for(api: ScriptedAdminApi) -> None:
    api.answers = [(202, told(0.0)), (200, {"backfill": None})]
    with pytest.raises(ServiceUnavailableError, match="no longer knows"):
        await follow(api.way, 0, HOUR_NS, lambda _: None)


class Direct:
    """Another way, which always works."""

    async def begin_backfill(self, start_ns: int, end_ns: int) -> BackfillProgress:
        gap = Gap(home="h", start_ns=start_ns, end_ns=end_ns, reason=GapReason.REQUESTED, found_ns=0, closed_ns=1)
        return BackfillProgress(gap, 100.0)

    async def backfill_progress(self) -> BackfillProgress | None:
        return None


async def test_the_next_way_is_taken_where_nobody_answers_on_the_first() -> None:
    ways = FirstThatAnswers([AdminApiBackfill("http://127.0.0.1:1"), Direct()])
    assert (await follow(ways, 1, 2, lambda _: None)).gap.home == "h"
    with pytest.raises(ServiceUnavailableError, match=r"127\.0\.0\.1:1"):
        await FirstThatAnswers([AdminApiBackfill("http://127.0.0.1:1")]).begin_backfill(1, 2)
