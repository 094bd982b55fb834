"""Events on the way into the spool: counted until they are durable, written in groups, in their order."""

from __future__ import annotations

import pytest
from websocket_ingestion.spool.write_queue import WriteQueue

from tests.websocket_ingestion.spool_events import events, numbered


def test_events_count_until_they_are_committed() -> None:
    queue = WriteQueue()
    queue.put(events(3, size=10))
    group = queue.next_group()
    assert (queue.is_empty, queue.events, queue.size_bytes) == (True, 3, 30)
    queue.committed(3, group[0].size_bytes)
    assert (queue.events, queue.size_bytes) == (0, 0)


def test_a_group_ends_at_its_size(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("websocket_ingestion.spool.write_queue.GROUP_BYTES", 25)
    queue = WriteQueue()
    for _ in range(4):
        queue.put(events(1, size=10))
    assert [len(queue.next_group()), len(queue.next_group())] == [3, 1]


def test_a_group_that_could_not_be_written_comes_again_in_its_order(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("websocket_ingestion.spool.write_queue.GROUP_BYTES", 1)
    queue = WriteQueue()
    first, second = numbered(0, 1), numbered(1, 2)
    queue.put(first)
    queue.put(second)
    queue.put_back(queue.next_group())
    assert queue.oldest == first[0]
    assert queue.after(0) == first + second
    assert queue.after(2) == second[1:]


def test_without_events_there_is_no_oldest() -> None:
    assert WriteQueue().oldest is None
