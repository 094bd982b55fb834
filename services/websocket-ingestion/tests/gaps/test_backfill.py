"""A requested backfill, and the progress of filling."""

from __future__ import annotations

from typing import Any

import pytest
from ha_ingestor_core.calls.backfill import BackfillRunningError
from ha_ingestor_core.clock import NS_PER_S
from ha_ingestor_core.errors import InvalidInputError
from ha_ingestor_core.gaps import GapReason, GapStatus

from tests.websocket_ingestion.gap_rig import HISTORY, GapRig


async def test_a_requested_backfill_runs_once_at_a_time_and_shows_its_progress(rig: GapRig) -> None:
    rig.home_assistant.states = [rig.state("a.b", "1", 90_000)]
    service = await rig.start()
    await rig.eventually(lambda: rig.delivery.events)
    assert await service.backfill_progress() is None
    rig.home_assistant.hangs_on = {HISTORY}
    rig.home_assistant.results[HISTORY] = {"a.b": [rig.row("1", 7200)]}
    start_ns, end_ns = rig.now_ns - 4 * 3600 * NS_PER_S, rig.now_ns - 3600 * NS_PER_S
    begun = await service.begin_backfill(start_ns, end_ns)
    assert (begun.gap.reason, begun.gap.start_ns, begun.gap.end_ns) == (GapReason.REQUESTED, start_ns, end_ns)
    assert begun.done_percent == 0
    with pytest.raises(BackfillRunningError):
        await service.begin_backfill(start_ns, end_ns)
    rig.home_assistant.released.set()
    await rig.closed()
    await rig.eventually(lambda: service._gaps.backfill.last)
    done = await service.backfill_progress()
    assert done is not None
    assert (done.done_percent, done.gap.recovered, done.gap.status) == (100.0, 1, GapStatus.CLOSED)


async def test_progress_counts_the_entities_whose_history_was_read(rig: GapRig) -> None:
    rig.set_checkpoint()
    rig.home_assistant.states = [rig.state("a.b", "1", 10), rig.state("a.c", "1", 900), rig.state("a.d", "1", 900)]
    rig.home_assistant.results[HISTORY] = {}

    def hang_from_the_second_question_on(command: Any) -> None:
        if command["type"] == HISTORY:
            rig.home_assistant.hangs_on = {HISTORY}

    rig.home_assistant.refuse = hang_from_the_second_question_on
    service = await rig.start(entities=1)
    await rig.eventually(lambda: len(rig.home_assistant.commands_of(HISTORY)) == 2)
    filling = service.status()["gaps"]["filling"]
    assert (filling["entities"], filling["entities_done"], filling["read_until"]) == (3, 1, None)
    assert filling["done_percent"] == pytest.approx(100 / 3, abs=0.1)
    rig.home_assistant.hangs_on = set()
    rig.home_assistant.released.set()
    await rig.closed()


async def test_a_request_is_followed_to_its_end_also_before_the_first_days_are_there(rig: GapRig) -> None:
    rig.home_assistant.states = [rig.state("a.b", "1", 90_000)]
    rig.home_assistant.results[HISTORY] = {}
    service = await rig.start(first_start="9d", rest_s=0.3)
    await rig.eventually(lambda: rig.home_assistant.commands_of(HISTORY))
    begun = await service.begin_backfill(rig.now_ns - 7200 * NS_PER_S, rig.now_ns - 3600 * NS_PER_S)
    await rig.closed()
    await rig.eventually(lambda: service._gaps.backfill.last)
    done = await service.backfill_progress()
    assert done is not None
    assert (done.gap.start_ns, done.gap.reason) == (begun.gap.start_ns, GapReason.REQUESTED)


async def test_a_backfill_of_no_time_or_of_the_future_is_refused(rig: GapRig) -> None:
    service = await rig.start()
    with pytest.raises(InvalidInputError, match="from must be a time before to"):
        await service.begin_backfill(2, 1)
    with pytest.raises(InvalidInputError, match="to must be a time that has passed"):
        await service.begin_backfill(1, rig.now_ns + 3600 * NS_PER_S)
