"""Rejected events and their replay over HTTP."""

from __future__ import annotations

from typing import Any, cast

import msgspec
import pytest
from admin_api.peers.rejected import HttpRejected
from ha_ingestor_core.delivery import Rejection, Replayed, ReplayOutcome
from ha_ingestor_core.errors import ServiceRefusedError
from ha_ingestor_core.http.client import InternalClient
from ha_ingestor_store.answers import RejectedPage
from ha_ingestor_store.points import RejectedEvent
from ha_ingestor_store.questions import RecentRejected, RejectedCursor
from ha_ingestor_store.time_range import TimeRange


class FakeClient:
    def __init__(self, answer: bytes) -> None:
        self.answer = answer
        self.sent: list[tuple[str, str]] = []

        self.bodies: list[bytes] = []

    async def get(self, path: str) -> bytes:
        return await self.send("GET", path)

    async def send(self, method: str, path: str, body: bytes | None = None) -> bytes:
        self.sent.append((method, path))
        if body is not None:
            self.bodies.append(body)
        return self.answer


def rejected_over(client: Any) -> HttpRejected:
    return HttpRejected(cast("InternalClient", client))


async def test_an_id_cannot_leave_its_place_in_the_path() -> None:
    client = FakeClient(b'{"outcome":"rejected","replayed_ns":5,"rejection":{"index":0,"key":"k","message":"m"}}')
    replayed = await rejected_over(client).replay("../a?b")
    assert replayed == Replayed(ReplayOutcome.REJECTED, 5, Rejection(0, "k", "m"))
    assert client.sent == [("POST", "/api/v1/rejected/..%2Fa%3Fb/replay")]


@pytest.mark.parametrize("answer", [b"", b"{}", b'{"outcome":"lost","replayed_ns":5}'])
async def test_what_is_no_replay_is_refused(answer: bytes) -> None:
    with pytest.raises(ServiceRefusedError, match="Cannot read the answer"):
        await rejected_over(FakeClient(answer)).replay("id")


async def test_questions_go_as_they_are_and_answers_come_back_as_they_were() -> None:
    event = RejectedEvent("home", 5, "s", "k", "why", '{"a":"\x00"}')
    page = RejectedPage([event], RejectedCursor(5, event.id))
    question = RecentRejected(TimeRange(1, 9), home="home", limit=3, cursor=RejectedCursor(7, "x"), with_payloads=False)
    client = FakeClient(msgspec.json.encode(page))
    assert await rejected_over(client).rejected_events(question) == page
    assert msgspec.json.decode(client.bodies[0], type=RecentRejected) == question
    client.answer = b'{"k":3}'
    assert await rejected_over(client).rejected_counts(question) == {"k": 3}
    client.answer = msgspec.json.encode(event)
    assert await rejected_over(client).rejected_event("../a") == event
    client.answer = b"null"
    assert await rejected_over(client).rejected_event("nothing") is None
    assert client.sent == [
        ("POST", "/api/v1/rejected/search"),
        ("POST", "/api/v1/rejected/counts"),
        ("GET", "/api/v1/rejected/..%2Fa"),
        ("GET", "/api/v1/rejected/nothing"),
    ]


async def test_an_answer_of_another_shape_is_refused() -> None:
    with pytest.raises(ServiceRefusedError, match="Cannot read the answer"):
        await rejected_over(FakeClient(b'{"events":5}')).rejected_events(RecentRejected())
