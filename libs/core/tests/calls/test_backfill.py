"""What may be asked for, and the HTTP form's errors."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from ha_ingestor_core.calls.backfill import BackfillProgress, RemoteBackfill, backfill_range
from ha_ingestor_core.errors import InvalidInputError, ServiceUnavailableError
from ha_ingestor_core.gaps import Gap, GapReason

PROGRESS = BackfillProgress(Gap(home="home", start_ns=1, end_ns=2, reason=GapReason.REQUESTED, found_ns=3), 50.0)


class FakeClient:
    def __init__(self, answer: bytes) -> None:
        self.answer = answer
        self.sent: list[Any] = []

    async def send(self, method: str, path: str, body: bytes | None = None) -> bytes:
        self.sent.append((method, path, body))
        return self.answer

    async def get(self, path: str) -> bytes:
        return await self.send("GET", path)


def remote(answer: bytes) -> Any:
    client: Any = FakeClient(answer)
    return RemoteBackfill(client), client


def test_time_that_has_passed_may_be_filled() -> None:
    backfill_range(1, 2, 2)


@pytest.mark.parametrize(
    ("start_ns", "end_ns", "field"), [(2, 2, "from"), (3, 2, "from"), (1, 6, "to"), (-(2**70), 2**70, "to")]
)
def test_no_time_and_the_future_may_not(start_ns: int, end_ns: int, field: str) -> None:
    with pytest.raises(InvalidInputError, match=f"^{field} must be") as raised:
        backfill_range(start_ns, end_ns, 5)
    assert raised.value.detail["field"] == field


async def test_a_progress_comes_out_as_it_went_in() -> None:
    backfill, client = remote(msgspec.json.encode(PROGRESS))
    assert await backfill.begin_backfill(1, 2) == PROGRESS
    assert await backfill.backfill_progress() == PROGRESS
    assert client.sent == [("POST", "/backfill", b'{"start_ns":1,"end_ns":2}'), ("GET", "/backfill", None)]


async def test_no_backfill_yet_is_an_answer_too() -> None:
    assert await remote(b"null")[0].backfill_progress() is None


@pytest.mark.parametrize("answer", [b"null", b"{}", b"<html>"])
async def test_an_answer_that_is_none_is_an_error(answer: bytes) -> None:
    with pytest.raises(ServiceUnavailableError, match="/backfill"):
        await remote(answer)[0].begin_backfill(1, 2)
