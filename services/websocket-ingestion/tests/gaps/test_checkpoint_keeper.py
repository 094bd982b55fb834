"""The checkpoint moves with what is durable, and hides no gap."""

from __future__ import annotations

import asyncio
from datetime import datetime
from typing import Any

import pytest
from ha_ingestor_core.clock import NS_PER_S, SystemClock, ns_to_rfc3339
from ha_ingestor_core.gaps import GapStatus
from structlog.testing import capture_logs
from websocket_ingestion.gaps.checkpoint import Checkpoint, CheckpointFile
from websocket_ingestion.gaps.elapsed import Moment

from tests.websocket_ingestion.gap_rig import AGO_S, HISTORY, GapRig


async def test_a_state_that_is_dated_ahead_hides_no_outage(rig: GapRig) -> None:
    ahead = rig.state("a.ahead", "1", -3600)
    rig.home_assistant.states = [ahead, rig.state("a.b", "0", 900)]
    first = await rig.start()
    await rig.eventually(lambda: len(rig.delivery.events) == 2)
    event = rig.home_assistant.event("state_changed", entity_id="a.ahead", old_state=None, new_state=ahead)
    event["event"]["time_fired"] = ahead["last_updated"]
    await rig.home_assistant.send(event)
    await rig.eventually(lambda: len(rig.delivery.events) == 3)
    await first.stop()
    mark = rig.read_checkpoint()
    assert mark is not None
    assert abs(mark.complete_ns - SystemClock().now_ns()) < 5 * NS_PER_S
    rig.set_checkpoint()
    rig.home_assistant.states = [ahead, rig.state("a.b", "2", 10)]
    rig.home_assistant.results[HISTORY] = {"a.b": [rig.row("1", 30), {**rig.row("2", 10), "lu": _lu(rig, "a.b")}]}
    await rig.start()
    gap = await rig.closed()
    assert (gap.recovered, gap.status) == (2, GapStatus.CLOSED)
    assert gap.start_ns == rig.now_ns - AGO_S * NS_PER_S
    assert abs(gap.end_ns - SystemClock().now_ns()) < 5 * NS_PER_S


async def test_a_checkpoint_of_an_earlier_release_that_is_ahead_hides_no_outage(rig: GapRig) -> None:
    file = CheckpointFile.open(rig.folder / "gaps" / "home.mark")
    file.write(Checkpoint(rig.now_ns + 3600 * NS_PER_S, Moment(rig.now_ns - AGO_S * NS_PER_S)))
    file.close()
    rig.home_assistant.states = [rig.state("a.ahead", "1", -3600), rig.state("a.b", "1", 10)]
    rig.home_assistant.results[HISTORY] = {"a.b": [rig.row("0", 30), {**rig.row("1", 10), "lu": _lu(rig, "a.b")}]}
    await rig.start()
    gap = await rig.closed()
    assert gap.recovered == 2
    assert gap.start_ns <= rig.now_ns - AGO_S * NS_PER_S


async def test_a_checkpoint_that_cannot_be_written_holds_up_neither_capturing_nor_a_stop(
    rig: GapRig, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: Any) -> None:
        raise OSError(5, "Input/output error")

    rig.set_checkpoint()
    rig.home_assistant.states = [rig.state("a.b", "1", 10)]
    monkeypatch.setattr(CheckpointFile, "write", refuse)
    monkeypatch.setattr(CheckpointFile, "close", refuse)
    with capture_logs() as logs:
        service = await rig.start()
        await rig.closed()
        await rig.home_assistant.drop()
        await rig.closed(2)
        await service.stop()
    assert service.status()["spool"]["uncommitted_events"] == 0
    warnings = [line["event"] for line in logs if line["log_level"] in ("warning", "error")]
    assert warnings.count("checkpoint_not_written") == 1
    assert "capture_failed_unexpectedly" not in warnings


async def test_events_that_come_before_the_gap_is_known_do_not_hide_it(rig: GapRig) -> None:
    rig.set_checkpoint()
    rig.home_assistant.hangs_on = {"get_states"}
    await rig.start()
    await rig.eventually(lambda: rig.home_assistant.commands_of("get_states"))
    await rig.home_assistant.send(rig.home_assistant.event() | {"event": {"event_type": "x", "time_fired": _now()}})
    await asyncio.sleep(1.3)  # a tick
    mark = rig.read_checkpoint()
    assert mark is not None
    assert mark.complete_ns == rig.now_ns - AGO_S * NS_PER_S
    rig.home_assistant.released.set()
    await rig.closed()
    await rig.eventually(lambda: (read := rig.read_checkpoint()) and read.complete_ns > rig.now_ns - 2 * NS_PER_S)


def _now() -> str:
    return ns_to_rfc3339(SystemClock().now_ns())


def _lu(rig: GapRig, entity_id: str) -> float:
    state = next(state for state in rig.home_assistant.states if state["entity_id"] == entity_id)
    return datetime.fromisoformat(state["last_updated"]).timestamp()
