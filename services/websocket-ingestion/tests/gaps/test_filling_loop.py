"""The order in which gaps are filled, retries, and the write of each to the store."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from ha_ingestor_core.clock import NS_PER_S
from ha_ingestor_core.errors import StoreUnavailableError
from ha_ingestor_core.gaps import GapReason, GapStatus

from tests.websocket_ingestion.gap_rig import AGO_S, HISTORY, GapRig


async def test_an_open_gap_is_continued_at_the_next_start(rig: GapRig) -> None:
    rig.set_checkpoint()
    rig.home_assistant.states = [rig.state("a.b", "1", 30)]
    rig.home_assistant.results[HISTORY] = {"a.b": [rig.row("1", 30)]}
    rig.home_assistant.ignored = {HISTORY}
    first = await rig.start()
    await rig.eventually(lambda: rig.home_assistant.commands_of(HISTORY))
    await first.stop()
    assert all(gap.closed_ns is None for gap in rig.sink.gaps)
    rig.home_assistant.ignored = set()
    await rig.start()
    gap = await rig.closed()
    assert gap.start_ns == rig.now_ns - AGO_S * NS_PER_S
    assert gap.recovered == 1


async def test_a_gap_is_written_once_the_store_accepts_it(rig: GapRig) -> None:
    rig.set_checkpoint()
    rig.sink.gap_outcomes = [StoreUnavailableError("away")] * 2
    rig.home_assistant.states = [rig.state("a.b", "1", 900)]
    await rig.start()
    await rig.eventually(lambda: not rig.sink.gap_outcomes)
    gap = await rig.closed()
    assert gap.status is GapStatus.CLOSED


async def test_filling_can_be_off_and_says_so(rig: GapRig) -> None:
    rig.set_checkpoint()
    await rig.start(enabled=False)
    gap = await rig.closed()
    assert gap.status is GapStatus.PARTIAL
    assert "GAP_FILLING" in gap.lost[1]
    assert not rig.home_assistant.commands_of(HISTORY)


async def test_the_reason_for_a_delayed_filling_is_shown(rig: GapRig) -> None:
    rig.set_checkpoint()
    rig.home_assistant.states = [rig.state("a.b", "1", 10)]
    rig.home_assistant.refusals[HISTORY] = "home_assistant_error"
    service = await rig.start(retry_s=600)
    await rig.eventually(lambda: (service.status()["gaps"]["filling"] or {}).get("last_error"))
    assert "home_assistant_error" in service.status()["gaps"]["filling"]["last_error"]


async def test_a_gap_in_which_home_assistant_was_started_says_what_cannot_be_known(rig: GapRig) -> None:
    rig.set_checkpoint()
    rig.home_assistant.states = [rig.state("a.b", "1", 30), rig.state("a.c", "1", 20)]
    rig.home_assistant.results[HISTORY] = {
        entity: [{**rig.row("1", 20), "lu": _lu(rig, entity)}] for entity in ("a.b", "a.c")
    }
    await rig.start()
    gap = await rig.closed()
    assert gap.status is GapStatus.CLOSED
    assert "Home Assistant was started at" in gap.lost[-1]


async def test_after_the_first_start_the_days_before_it_are_fetched_and_are_no_gap(rig: GapRig) -> None:
    rig.home_assistant.states = [rig.state("a.b", "2", 900)]
    rows = [rig.row("1", 9 * 86_400), {**rig.row("2", 900), "lu": _lu(rig, "a.b")}]
    rig.home_assistant.results[HISTORY] = lambda asked: {"a.b": rows}
    service = await rig.start(first_start="10d")
    gap = await rig.closed()
    assert (gap.reason, gap.status, gap.recovered, gap.lost) == (GapReason.FIRST_START, GapStatus.CLOSED, 2, [])
    assert abs(gap.start_ns - (rig.now_ns - 10 * 86_400 * NS_PER_S)) < 5 * NS_PER_S
    assert all(told.closed_ns for told in rig.sink.gaps)  # an open gap is an alert
    assert service.status()["gaps"]["found"] == 0
    await service.stop()
    await rig.start(first_start="10d")
    await rig.eventually(lambda: any(gap.reason is GapReason.RESTART and gap.closed_ns for gap in rig.sink.gaps))
    assert {gap.reason for gap in rig.sink.gaps} == {GapReason.FIRST_START, GapReason.RESTART}


async def test_the_days_before_the_first_start_continue_after_a_kill_behind_gaps(rig: GapRig) -> None:
    rig.home_assistant.states = [rig.state("a.b", "1", 900)]
    rig.home_assistant.results[HISTORY] = {}
    rig.home_assistant.hangs_on = {HISTORY}
    first = await rig.start(first_start="2d")
    await rig.eventually(lambda: rig.home_assistant.commands_of(HISTORY))
    progress = await first.backfill_progress()
    assert progress is not None
    assert (progress.gap.reason, progress.done_percent) == (GapReason.FIRST_START, 0)
    assert (first.status()["gaps"]["open"], first.status()["gaps"]["filling"]["done_percent"]) == (0, 0)
    await first.stop()
    rig.home_assistant.hangs_on = set()
    rig.home_assistant.released.set()
    await rig.start(first_start="2d")
    await rig.closed(2)
    assert [gap.reason for gap in rig.sink.gaps if gap.closed_ns] == [GapReason.RESTART, GapReason.FIRST_START]


async def test_a_first_start_that_ends_before_its_snapshot_keeps_the_days_before_it(rig: GapRig) -> None:
    rig.home_assistant.ignored = {"get_states"}
    first = await rig.start(first_start="2d")
    await rig.eventually(lambda: rig.home_assistant.commands_of("get_states"))
    await first.stop()
    rig.home_assistant.ignored = set()
    await rig.start(first_start="2d")
    await rig.closed(2)
    assert [gap.reason for gap in rig.sink.gaps if gap.closed_ns] == [GapReason.RESTART, GapReason.FIRST_START]


async def test_a_gap_that_is_found_meanwhile_interrupts_the_days_before_the_first_start(rig: GapRig) -> None:
    rig.home_assistant.states = [rig.state("a.b", "1", 900)]

    def answer(_: Any) -> dict[str, Any]:
        if len(rig.home_assistant.commands_of(HISTORY)) == 2:
            rig.home_assistant.states[0] = rig.state("a.b", "2", -1)  # no event is sent for it
        return {}

    rig.home_assistant.results[HISTORY] = answer
    await rig.start(first_start="9d", state_check_s=0.05, rest_s=0.3)
    await rig.closed(2)
    reasons = [gap.reason for gap in rig.sink.gaps if gap.closed_ns]
    assert reasons == [GapReason.NOT_SENT, GapReason.FIRST_START]
    starts = [asked["start_time"] for asked in rig.home_assistant.commands_of(HISTORY)]
    of_days = starts[:2] + starts[-4:]  # the gap was requested in between
    assert of_days == sorted(set(of_days))


def _lu(rig: GapRig, entity_id: str) -> float:
    state = next(state for state in rig.home_assistant.states if state["entity_id"] == entity_id)
    return datetime.fromisoformat(state["last_updated"]).timestamp()
