"""Gaps from a checkpoint to a closed record, against a scripted Home Assistant and a real spool."""

from __future__ import annotations

import asyncio
import json
from datetime import datetime

import msgspec
from ha_ingestor_core.clock import NS_PER_S, SystemClock, ns_to_rfc3339
from ha_ingestor_core.events import Registries
from ha_ingestor_core.gaps import Gap, GapReason, GapStatus
from msgspec import Raw
from structlog.testing import capture_logs
from websocket_ingestion.gaps.journal import Entries, Journal, OpenGap

from tests.websocket_ingestion.gap_rig import AGO_S, HISTORY, GapRig


async def test_the_first_start_ever_has_no_gap_and_leaves_a_checkpoint(rig: GapRig) -> None:
    rig.home_assistant.states = [rig.state("a.b", "1", 30), rig.state("a.c", "1", 20)]
    service = await rig.start()
    await rig.eventually(lambda: len(rig.delivery.events) == 2)
    await service.stop()
    assert rig.sink.gaps == []
    assert not rig.home_assistant.commands_of(HISTORY)
    mark = rig.read_checkpoint()
    assert mark is not None
    assert abs(mark.complete_ns - rig.now_ns) < 5 * NS_PER_S


async def test_a_kill_before_the_first_snapshot_leaves_a_gap(rig: GapRig) -> None:
    rig.home_assistant.ignored = {"get_states"}
    await rig.start()
    await rig.eventually(lambda: rig.home_assistant.commands_of("get_states"))
    mark = rig.read_checkpoint()
    assert mark is not None
    assert abs(mark.complete_ns - rig.now_ns) < 5 * NS_PER_S


async def test_changes_while_nothing_was_captured_are_recovered_and_recorded(rig: GapRig) -> None:
    rig.set_checkpoint()
    rig.home_assistant.states = [rig.state("a.b", "3", 10), rig.state("a.c", "old", 900)]
    rig.home_assistant.results[HISTORY] = {"a.b": [rig.row("1", 40), rig.row("2", 30), rig.row("3", 10)]}
    with capture_logs() as logs:
        await rig.start()
        gap = await rig.closed()
    assert [event["data"]["new_state"]["state"] for event in rig.recovered()] == ["1", "2", "3"]
    assert (gap.reason, gap.status, gap.recovered, gap.known, gap.entities) == (
        GapReason.RESTART,
        GapStatus.CLOSED,
        3,
        0,
        2,
    )
    assert gap.start_ns == rig.now_ns - AGO_S * NS_PER_S
    assert len(gap.lost) == 1
    first = rig.sink.gaps[0]
    assert (first.status, first.closed_ns) == (GapStatus.OPEN, None)
    (log,) = [log for log in logs if log["event"] == "gap_closed"]
    assert log["summary"].endswith("3 changes recovered")
    question = rig.home_assistant.commands_of(HISTORY)[0]
    assert question["entity_ids"] == ["a.b", "a.c"]


async def test_a_lost_connection_is_a_gap_of_its_own_reason(rig: GapRig) -> None:
    rig.home_assistant.states = [rig.state("a.b", "1", 30)]
    service = await rig.start()
    await rig.eventually(lambda: rig.delivery.events)
    await rig.checkpoint_written()
    rig.home_assistant.results[HISTORY] = {"a.b": [rig.row("2", 5)]}
    await rig.home_assistant.drop()
    gap = await rig.closed()
    assert (gap.reason, gap.recovered) == (GapReason.CONNECTION_LOST, 1)
    assert service.status()["gaps"] | {"captured_until": ""} == {
        "found": 1,
        "closed": 1,
        "open": 0,
        "captured_until": "",
        "filling": None,
    }


async def test_a_gap_that_is_closed_and_not_yet_written_does_not_grow(rig: GapRig) -> None:
    rig.set_checkpoint()
    start_ns = rig.now_ns - AGO_S * NS_PER_S
    closed = Gap(home="home", start_ns=start_ns, end_ns=start_ns + 1, reason=GapReason.RESTART, found_ns=2, closed_ns=3)
    Journal(rig.folder / "gaps" / "home.json").write(Entries(gaps=[OpenGap(closed, done_ns=start_ns + 1)]))
    rig.home_assistant.states = [rig.state("a.b", "1", 10)]
    rig.home_assistant.results[HISTORY] = {"a.b": [rig.row("0", 30), rig.row("1", 10)]}
    await rig.start()
    await rig.closed(2)
    assert [event["data"]["new_state"]["state"] for event in rig.recovered()] == ["0", "1"]


async def test_a_restored_state_is_neither_an_event_nor_a_recovered_change(rig: GapRig) -> None:
    rig.set_checkpoint()
    rig.home_assistant.states = [rig.state("a.b", "on", 900)]
    await rig.start(settle_s=0.3)
    await rig.eventually(lambda: rig.home_assistant.commands_of("get_states"))
    memory = rig.state("a.slow", "unavailable", -1, restored=True)
    moment = datetime.fromisoformat(memory["last_updated"]).timestamp()
    event = rig.home_assistant.event("state_changed", entity_id="a.slow", old_state=None, new_state=memory)
    await rig.home_assistant.send_text(json.dumps(event, separators=(",", ":")))
    rig.home_assistant.results[HISTORY] = {"a.slow": [rig.row("on", 30), {**rig.row("unavailable", 0), "lu": moment}]}
    gap = await rig.closed()
    assert [event["data"]["new_state"]["state"] for event in rig.recovered()] == ["on"]
    assert (gap.recovered, len(rig.delivery.events)) == (1, 2)


async def test_a_missed_rename_keeps_its_time_where_the_clock_was_set_back_behind_the_checkpoint(rig: GapRig) -> None:
    rig.set_checkpoint(seconds_ago=-3600)
    (rig.folder / "registries").mkdir()
    known = Registries("home", "before", entities=Raw(b'[{"entity_id":"a.old","id":"1"}]'))
    (rig.folder / "registries" / "home.json").write_bytes(msgspec.json.encode(known))
    renamed = {"entity_id": "a.new", "id": "1", "modified_at": rig.now_ns / 1e9 - 5}
    rig.home_assistant.results["config/entity_registry/list"] = [renamed]
    rig.home_assistant.states = [rig.state("a.new", "3", 2)]
    rig.home_assistant.results[HISTORY] = {"a.new": [rig.row("1", 8), rig.row("2", 4), rig.row("3", 2)]}
    await rig.start()
    await rig.closed()
    changes = [event["data"] for event in rig.recovered() if event["event_type"] == "state_changed"]
    told = [(change["entity_id"], change["new_state"]["state"]) for change in changes]
    assert told == [("a.old", "1"), ("a.new", "2"), ("a.new", "3")]


async def test_what_was_captured_between_two_gaps_is_in_none(rig: GapRig) -> None:
    rig.home_assistant.states = [rig.state("a.b", "1", 900)]
    await rig.start(settle_s=6)
    await rig.eventually(lambda: rig.delivery.events)
    for connections in (2, 3):
        await asyncio.sleep(2)
        await rig.send_live(rig.state("a.c", str(connections), 0) | {"last_updated": _now()}, _now())
        await rig.checkpoint_written()
        await rig.home_assistant.drop()
        await rig.eventually(lambda: len(rig.home_assistant.sockets) == connections)  # noqa: B023
    gaps = [filled.gap for service in rig.services for filled in service._gaps.open]
    await rig.eventually(lambda: len(rig.services[0]._gaps.open) == 2)
    first, second = (filled.gap for filled in rig.services[0]._gaps.open)
    assert first.end_ns < second.start_ns, gaps


def _now() -> str:
    return ns_to_rfc3339(SystemClock().now_ns())
