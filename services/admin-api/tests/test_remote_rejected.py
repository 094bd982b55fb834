"""The replay over HTTP."""

from __future__ import annotations

from typing import Any, cast

import pytest
from admin_api.remote_rejected import HttpRejected
from ha_ingestor_core.delivery import Rejection, Replayed, ReplayOutcome
from ha_ingestor_core.errors import ServiceRefusedError
from ha_ingestor_core.internal_http import InternalClient


class FakeClient:
    def __init__(self, answer: bytes) -> None:
        self.answer = answer
        self.sent: list[tuple[str, str]] = []

    async def send(self, method: str, path: str) -> bytes:
        self.sent.append((method, path))
        return self.answer


def replay_over(client: Any) -> HttpRejected:
    return HttpRejected(cast("InternalClient", client))


async def test_an_id_cannot_leave_its_place_in_the_path() -> None:
    client = FakeClient(b'{"outcome":"rejected","replayed_ns":5,"rejection":{"index":0,"key":"k","message":"m"}}')
    replayed = await replay_over(client).replay("../a?b")
    assert replayed == Replayed(ReplayOutcome.REJECTED, 5, Rejection(0, "k", "m"))
    assert client.sent == [("POST", "/api/v1/rejected/..%2Fa%3Fb/replay")]


@pytest.mark.parametrize("answer", [b"", b"{}", b'{"outcome":"lost","replayed_ns":5}'])
async def test_what_is_no_replay_is_refused(answer: bytes) -> None:
    with pytest.raises(ServiceRefusedError, match="unreadable"):
        await replay_over(FakeClient(answer)).replay("id")
