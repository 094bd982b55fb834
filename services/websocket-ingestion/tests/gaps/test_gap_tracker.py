"""Gaps from a mark to a closed record, against a scripted Home Assistant, a real spool and a delivery that obeys."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest
from ha_ingestor_core.calls.backfill import BackfillRunningError
from ha_ingestor_core.clock import NS_PER_S, SystemClock, ns_to_rfc3339
from ha_ingestor_core.delivery import Receipt
from ha_ingestor_core.errors import InvalidInputError, StoreUnavailableError
from ha_ingestor_core.events import EventBatch, OriginKind, Registries
from ha_ingestor_core.gaps import Gap, GapReason, GapStatus
from msgspec import Raw
from prometheus_client import CollectorRegistry
from pydantic import SecretStr
from structlog.testing import capture_logs
from websocket_ingestion.connection.capture import Home
from websocket_ingestion.connection.reconnect import BackoffLimits
from websocket_ingestion.gaps.checkpoint import Checkpoint, CheckpointFile
from websocket_ingestion.gaps.elapsed import Moment
from websocket_ingestion.gaps.journal import Entries, Journal, OpenGap
from websocket_ingestion.home_ingestion import HomeIngestion
from websocket_ingestion.registries.renames import Rename
from websocket_ingestion.settings import CaptureSettings, GapSettings

HISTORY = "history/history_during_period"
QUICK = {"rest_s": 0, "settle_s": 0, "retry_s": 0.05, "first_start": "0"}
AGO_S = 60


class Rig:
    """A service with a mark that is a minute old, against a home that changed meanwhile."""

    def __init__(self, home_assistant: Any, delivery: Any, sink: Any, folder: Path, eventually: Any) -> None:
        self.home_assistant = home_assistant
        self.delivery = delivery
        self.sink = sink
        self.folder = folder
        self.eventually = eventually
        self.now_ns = SystemClock().now_ns()
        self.registry = CollectorRegistry()
        self.services: list[HomeIngestion] = []

    def mark(self, seconds_ago: float = AGO_S) -> None:
        file = CheckpointFile.open(self.folder / "gaps" / "home.mark")
        ago_ns = self.now_ns - round(seconds_ago * NS_PER_S)
        file.write(Checkpoint(ago_ns, Moment(ago_ns)))
        file.close()

    def read_mark(self) -> Checkpoint | None:
        file = CheckpointFile.open(self.folder / "gaps" / "home.mark")
        file.close()
        return file.checkpoint

    async def marked(self) -> None:
        """Return once the mark is where the newest captured event is."""
        watermark = self.services[-1]._gaps._intake.watermark
        await self.eventually(lambda: (mark := self.read_mark()) and mark.complete_ns == watermark.time_ns)

    async def checked(self, times: int) -> None:
        """Return once the states were compared so many times more."""
        before = len(self.home_assistant.commands_of("get_states"))
        await self.eventually(lambda: len(self.home_assistant.commands_of("get_states")) > before + times)

    def state(self, entity_id: str, state: str, seconds_ago: float, **attributes: Any) -> dict[str, Any]:
        moment = ns_to_rfc3339(self.now_ns - round(seconds_ago * NS_PER_S))
        return {"entity_id": entity_id, "state": state, "attributes": attributes, "last_updated": moment}

    def row(self, state: str | None, seconds_ago: float) -> dict[str, Any]:
        return {"s": state, "a": {}, "lu": self.now_ns / 1e9 - seconds_ago}

    async def start(self, state_check_s: float = 0, **settings: Any) -> HomeIngestion:
        service = HomeIngestion(
            home=Home(name="home", url=self.home_assistant.url, token=SecretStr(self.home_assistant.token)),
            settings=CaptureSettings.model_validate({}).model_copy(update={"state_check_s": state_check_s}),
            gap_settings=GapSettings.model_validate({}).model_copy(update={**QUICK, **settings}),
            data_dir=self.folder,
            instance="here",
            delivery=self.delivery,
            sink=self.sink,
            clock=SystemClock(),
            registry=CollectorRegistry(),
            backoff=BackoffLimits(first_s=0.01, usual_longest_s=0.05, longest_s=0.05),
        )
        self.services.append(service)
        await service.start()
        return service

    async def closed(self, gaps: int = 1) -> Gap:
        await self.eventually(lambda: sum(gap.closed_ns is not None for gap in self.sink.gaps) >= gaps)
        closed: list[Gap] = [gap for gap in self.sink.gaps if gap.closed_ns is not None]
        return closed[-1]

    def recovered(self) -> list[Any]:
        events = [event for batch in self.delivery.delivered for event in batch.events]
        return [json.loads(bytes(event.event)) for event in events if event.kind is OriginKind.BACKFILL]


@pytest.fixture
async def rig(home_assistant: Any, delivery: Any, sink: Any, tmp_path: Path, eventually: Any) -> AsyncIterator[Rig]:
    rig = Rig(home_assistant, delivery, sink, tmp_path, eventually)
    home_assistant.results[HISTORY] = {}
    yield rig
    for service in rig.services:
        await service.stop()


async def test_the_first_start_ever_has_no_gap_and_leaves_a_mark(rig: Rig) -> None:
    rig.home_assistant.states = [rig.state("a.b", "1", 30), rig.state("a.c", "1", 20)]
    service = await rig.start()
    await rig.eventually(lambda: len(rig.delivery.events) == 2)
    await service.stop()
    assert rig.sink.gaps == []
    assert not rig.home_assistant.commands_of(HISTORY)
    mark = rig.read_mark()
    assert mark is not None
    assert abs(mark.complete_ns - rig.now_ns) < 5 * NS_PER_S


async def test_a_kill_before_the_first_snapshot_leaves_a_gap(rig: Rig) -> None:
    rig.home_assistant.ignored = {"get_states"}
    await rig.start()
    await rig.eventually(lambda: rig.home_assistant.commands_of("get_states"))
    mark = rig.read_mark()
    assert mark is not None
    assert abs(mark.complete_ns - rig.now_ns) < 5 * NS_PER_S


async def test_what_changed_while_nobody_captured_is_recovered_and_told(rig: Rig) -> None:
    rig.mark()
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


async def test_what_the_store_had_is_known_and_not_recovered(rig: Rig) -> None:
    rig.mark()
    rig.home_assistant.results[HISTORY] = {"a.b": [rig.row(str(n), 50 - n) for n in range(5)]}
    rig.home_assistant.states = [rig.state("a.b", "4", 46)]

    class Half:
        async def deliver(self, batch: EventBatch) -> Receipt:
            count = len(batch.events)
            return Receipt(written=count // 2, duplicate=count - count // 2)

        async def deliver_registries(self, registries: Any) -> None: ...

    rig.delivery = Half()
    await rig.start()
    gap = await rig.closed()
    assert (gap.recovered, gap.known) == (2, 3)


async def test_a_lost_connection_is_a_gap_of_its_own_reason(rig: Rig) -> None:
    rig.home_assistant.states = [rig.state("a.b", "1", 30)]
    service = await rig.start()
    await rig.eventually(lambda: rig.delivery.events)
    await rig.marked()
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


@pytest.mark.parametrize(
    ("code", "words"), [("unknown_command", "history integration"), ("unauthorized", "does not allow this token")]
)
async def test_a_history_that_cannot_be_asked_leaves_a_partial_gap(rig: Rig, code: str, words: str) -> None:
    rig.mark()
    rig.home_assistant.states = [rig.state("a.b", "1", 30)]
    rig.home_assistant.refusals[HISTORY] = code
    await rig.start()
    gap = await rig.closed()
    assert gap.status is GapStatus.PARTIAL
    assert words in gap.lost[1]


async def test_entities_outside_the_recorder_are_told(rig: Rig) -> None:
    rig.mark()
    rig.home_assistant.states = [rig.state("a.excluded", "1", 30), rig.state("a.b", "1", 20)]
    rig.home_assistant.results[HISTORY] = {"a.b": [rig.row("1", 20)]}
    await rig.start()
    gap = await rig.closed()
    assert gap.status is GapStatus.PARTIAL
    assert "a.excluded" in gap.lost[1]
    assert "a.b" not in gap.lost[1]


async def test_a_recorder_that_is_late_is_asked_again(rig: Rig) -> None:
    rig.mark()
    rig.home_assistant.states = [rig.state("a.b", "1", 20)]
    await rig.start(settle_s=0.3)
    await rig.eventually(lambda: rig.home_assistant.commands_of(HISTORY))
    rig.home_assistant.results[HISTORY] = {"a.b": [rig.row("0", 25), rig.row("1", 20)]}
    gap = await rig.closed()
    assert (gap.status, gap.recovered) == (GapStatus.CLOSED, 2)


async def test_what_was_only_restored_is_no_change(rig: Rig) -> None:
    rig.mark()
    rig.home_assistant.states = [
        rig.state("a.gone", "unavailable", 20, restored=True),
        rig.state("a.b", "unavailable", 20),
    ]
    rig.home_assistant.results[HISTORY] = {
        "a.gone": [rig.row("7", 40), {**rig.row("unavailable", 20), "lu": _lu(rig, "a.gone")}],
        "a.b": [{**rig.row("unavailable", 20), "lu": _lu(rig, "a.b")}],
    }
    await rig.start()
    gap = await rig.closed()
    told = [(event["data"]["entity_id"], event["data"]["new_state"]["state"]) for event in rig.delivery.events]
    assert sorted(told) == [("a.b", "unavailable"), ("a.b", "unavailable"), ("a.gone", "7")]
    assert gap.status is GapStatus.CLOSED


def _lu(rig: Rig, entity_id: str) -> float:
    state = next(state for state in rig.home_assistant.states if state["entity_id"] == entity_id)
    return datetime.fromisoformat(state["last_updated"]).timestamp()


async def test_a_gap_that_is_closed_and_not_yet_told_does_not_grow(rig: Rig) -> None:
    rig.mark()
    start_ns = rig.now_ns - AGO_S * NS_PER_S
    closed = Gap(home="home", start_ns=start_ns, end_ns=start_ns + 1, reason=GapReason.RESTART, found_ns=2, closed_ns=3)
    Journal(rig.folder / "gaps" / "home.json").write(Entries(gaps=[OpenGap(closed, done_ns=start_ns + 1)]))
    rig.home_assistant.states = [rig.state("a.b", "1", 10)]
    rig.home_assistant.results[HISTORY] = {"a.b": [rig.row("0", 30), rig.row("1", 10)]}
    await rig.start()
    await rig.closed(2)
    assert [event["data"]["new_state"]["state"] for event in rig.recovered()] == ["0", "1"]


async def test_a_memory_that_was_told_live_is_neither_an_event_nor_a_recovered_change(rig: Rig) -> None:
    rig.mark()
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


async def test_an_entity_that_vanished_and_that_the_history_never_knew_is_named(rig: Rig) -> None:
    rig.home_assistant.states = [rig.state(entity_id, "1", 900) for entity_id in ("a.b", "a.hidden", "a.seen_to_go")]
    first = await rig.start()
    await rig.eventually(lambda: len(rig.delivery.events) == 3)
    event = rig.home_assistant.event("state_changed", entity_id="a.seen_to_go", old_state={}, new_state=None)
    await rig.home_assistant.send_text(json.dumps(event, separators=(",", ":")))
    await rig.eventually(lambda: len(rig.delivery.events) == 4)
    await first.stop()
    rig.mark(5)
    rig.home_assistant.states = [rig.state("a.b", "1", 900)]
    await rig.start()
    gap = await rig.closed()
    assert "of 1 entities" in gap.lost[1]
    assert "a.hidden" in gap.lost[1]


async def test_an_entity_that_vanished_and_that_the_history_knows_from_before_lost_nothing(rig: Rig) -> None:
    rig.home_assistant.states = [rig.state("a.b", "1", 900), rig.state("a.forgotten", "1", 900)]
    first = await rig.start()
    await rig.eventually(lambda: len(rig.delivery.events) == 2)
    await first.stop()
    rig.mark(5)
    rig.home_assistant.states = [rig.state("a.b", "1", 900)]
    rig.home_assistant.results[HISTORY] = {"a.forgotten": [rig.row("1", 900)]}
    await rig.start()
    gap = await rig.closed()
    assert gap.status is GapStatus.CLOSED
    assert rig.home_assistant.commands_of(HISTORY)[-1]["include_start_time_state"] is True


async def test_what_the_history_has_not_told_is_remembered_by_the_next_process(rig: Rig) -> None:
    rig.mark()
    rig.home_assistant.states = [rig.state("a.hidden", "1", 20), rig.state("a.b", "1", 30)]
    rig.home_assistant.refusals = {HISTORY: "unknown_error"}
    first = await rig.start()
    await rig.eventually(lambda: rig.home_assistant.commands_of(HISTORY))
    await first.stop()
    rig.home_assistant.refusals = {}
    rig.home_assistant.results[HISTORY] = {"a.b": [rig.row("1", 30)]}
    rig.home_assistant.states = [rig.state("a.hidden", "2", -100), rig.state("a.b", "1", 30)]
    await rig.start()
    gap = await rig.closed()
    assert "a.hidden" in gap.lost[1]


async def test_what_happened_before_a_rename_is_told_of_the_old_id(rig: Rig) -> None:
    """Home Assistant's recorder gives all that it has to the new id."""
    rig.mark()
    rig.home_assistant.states = [rig.state("a.new", "3", 10)]
    rows = [rig.row("1", 40), rig.row("2", 30), rig.row("3", 10)]
    rig.home_assistant.results[HISTORY] = {"a.new": rows}
    journal = Journal(rig.folder / "gaps" / "home.json")
    journal.write(Entries(renames=[Rename("a.old", "a.new", rig.now_ns - 20 * NS_PER_S)], entities={"a.old"}))
    await rig.start()
    gap = await rig.closed()
    told = [(event["data"]["entity_id"], event["data"]["new_state"]["state"]) for event in rig.recovered()]
    assert told == [("a.old", "1"), ("a.old", "2"), ("a.new", "3")]
    assert gap.status is GapStatus.CLOSED


async def test_a_missed_rename_keeps_its_time_where_the_clock_was_set_back_behind_the_mark(rig: Rig) -> None:
    rig.mark(seconds_ago=-3600)
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


async def test_an_entity_that_is_renamed_before_its_gap_is_filled_is_asked_for_by_its_new_id(rig: Rig) -> None:
    rig.mark()
    rig.home_assistant.states = [rig.state("a.old", "2", 20)]
    await rig.start(settle_s=0.5)
    await rig.eventually(lambda: rig.delivery.events)
    data = {"action": "update", "entity_id": "a.new", "old_entity_id": "a.old", "changes": {}}
    event = rig.home_assistant.event("entity_registry_updated", **data)
    event["event"]["time_fired"] = ns_to_rfc3339(rig.now_ns)
    await rig.home_assistant.send_text(json.dumps(event))
    moment = datetime.fromisoformat(rig.home_assistant.states[0]["last_updated"]).timestamp()
    rig.home_assistant.results[HISTORY] = lambda asked: (
        {"a.new": [rig.row("1", 30), {**rig.row("2", 20), "lu": moment}]} if "a.new" in asked["entity_ids"] else {}
    )
    gap = await rig.closed()
    told = [(event["data"]["entity_id"], event["data"]["new_state"]["state"]) for event in rig.recovered()]
    assert told == [("a.old", "1"), ("a.old", "2")]
    assert gap.status is GapStatus.CLOSED


async def test_one_entity_that_is_refused_does_not_spoil_the_others(rig: Rig) -> None:
    rig.mark()
    rig.home_assistant.states = [rig.state(f"a.e{n}", "1", 900) for n in range(5)]
    rig.home_assistant.refuse = lambda command: (
        "invalid_entity_ids" if "a.e3" in command.get("entity_ids", []) else None
    )
    rig.home_assistant.results[HISTORY] = {"a.e1": [rig.row("1", 30)]}
    await rig.start()
    gap = await rig.closed()
    assert gap.recovered > 0
    assert gap.lost[1:] == ["Changes of a.e3: Home Assistant refused the request (invalid_entity_ids)."]


async def test_an_open_gap_goes_on_at_the_next_start(rig: Rig) -> None:
    rig.mark()
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


async def test_a_gap_is_told_once_the_store_takes_it(rig: Rig) -> None:
    rig.mark()
    rig.sink.gap_outcomes = [StoreUnavailableError("away")] * 2
    rig.home_assistant.states = [rig.state("a.b", "1", 900)]
    await rig.start()
    await rig.eventually(lambda: not rig.sink.gap_outcomes)
    gap = await rig.closed()
    assert gap.status is GapStatus.CLOSED


async def test_entities_that_were_removed_meanwhile_are_asked_for_too(rig: Rig) -> None:
    rig.home_assistant.states = [rig.state("a.b", "1", 900), rig.state("a.removed", "1", 900)]
    first = await rig.start()
    await rig.eventually(lambda: len(rig.delivery.events) == 2)
    event = rig.home_assistant.event("state_changed", entity_id="a.added", old_state=None, new_state={})
    await rig.home_assistant.send_text(json.dumps(event, separators=(",", ":")))
    await rig.eventually(lambda: len(rig.delivery.events) == 3)
    await first.stop()
    rig.home_assistant.states = [rig.state("a.b", "1", 900)]
    await rig.start()
    await rig.closed()
    assert rig.home_assistant.commands_of(HISTORY)[0]["entity_ids"] == ["a.added", "a.b", "a.removed"]


async def test_filling_can_be_off_and_says_so(rig: Rig) -> None:
    rig.mark()
    await rig.start(enabled=False)
    gap = await rig.closed()
    assert gap.status is GapStatus.PARTIAL
    assert "GAP_FILLING" in gap.lost[1]
    assert not rig.home_assistant.commands_of(HISTORY)


async def test_a_backfill_on_demand_runs_once_at_a_time_and_tells_how_far_it_is(rig: Rig) -> None:
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
    await rig.eventually(lambda: service._gaps._requested.last)
    done = await service.backfill_progress()
    assert done is not None
    assert (done.done_percent, done.gap.recovered, done.gap.status) == (100.0, 1, GapStatus.CLOSED)


async def test_progress_counts_the_entities_whose_history_was_read(rig: Rig) -> None:
    rig.mark()
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


async def test_why_a_gap_is_not_filled_yet_is_told(rig: Rig) -> None:
    rig.mark()
    rig.home_assistant.states = [rig.state("a.b", "1", 10)]
    rig.home_assistant.refusals[HISTORY] = "home_assistant_error"
    service = await rig.start(retry_s=600)
    await rig.eventually(lambda: (service.status()["gaps"]["filling"] or {}).get("last_error"))
    assert "home_assistant_error" in service.status()["gaps"]["filling"]["last_error"]


async def test_a_request_is_followed_to_its_end_also_before_the_first_days_are_there(rig: Rig) -> None:
    rig.home_assistant.states = [rig.state("a.b", "1", 90_000)]
    rig.home_assistant.results[HISTORY] = {}
    service = await rig.start(first_start="9d", rest_s=0.3)
    await rig.eventually(lambda: rig.home_assistant.commands_of(HISTORY))
    begun = await service.begin_backfill(rig.now_ns - 7200 * NS_PER_S, rig.now_ns - 3600 * NS_PER_S)
    await rig.closed()
    await rig.eventually(lambda: service._gaps._requested.last)
    done = await service.backfill_progress()
    assert done is not None
    assert (done.gap.start_ns, done.gap.reason) == (begun.gap.start_ns, GapReason.REQUESTED)


async def test_a_backfill_of_no_time_or_of_the_future_is_refused(rig: Rig) -> None:
    service = await rig.start()
    with pytest.raises(InvalidInputError, match="from must be a time before to"):
        await service.begin_backfill(2, 1)
    with pytest.raises(InvalidInputError, match="to must be a time that has passed"):
        await service.begin_backfill(1, rig.now_ns + 3600 * NS_PER_S)


async def test_a_state_that_is_dated_ahead_hides_no_outage(rig: Rig) -> None:
    ahead = rig.state("a.ahead", "1", -3600)
    rig.home_assistant.states = [ahead, rig.state("a.b", "0", 900)]
    first = await rig.start()
    await rig.eventually(lambda: len(rig.delivery.events) == 2)
    event = rig.home_assistant.event("state_changed", entity_id="a.ahead", old_state=None, new_state=ahead)
    event["event"]["time_fired"] = ahead["last_updated"]
    await rig.home_assistant.send(event)
    await rig.eventually(lambda: len(rig.delivery.events) == 3)
    await first.stop()
    mark = rig.read_mark()
    assert mark is not None
    assert abs(mark.complete_ns - SystemClock().now_ns()) < 5 * NS_PER_S
    rig.mark()
    rig.home_assistant.states = [ahead, rig.state("a.b", "2", 10)]
    rig.home_assistant.results[HISTORY] = {"a.b": [rig.row("1", 30), {**rig.row("2", 10), "lu": _lu(rig, "a.b")}]}
    await rig.start()
    gap = await rig.closed()
    assert (gap.recovered, gap.status) == (2, GapStatus.CLOSED)
    assert gap.start_ns == rig.now_ns - AGO_S * NS_PER_S
    assert abs(gap.end_ns - SystemClock().now_ns()) < 5 * NS_PER_S


async def test_a_mark_of_an_earlier_release_that_is_ahead_hides_no_outage(rig: Rig) -> None:
    file = CheckpointFile.open(rig.folder / "gaps" / "home.mark")
    file.write(Checkpoint(rig.now_ns + 3600 * NS_PER_S, Moment(rig.now_ns - AGO_S * NS_PER_S)))
    file.close()
    rig.home_assistant.states = [rig.state("a.ahead", "1", -3600), rig.state("a.b", "1", 10)]
    rig.home_assistant.results[HISTORY] = {"a.b": [rig.row("0", 30), {**rig.row("1", 10), "lu": _lu(rig, "a.b")}]}
    await rig.start()
    gap = await rig.closed()
    assert gap.recovered == 2
    assert gap.start_ns <= rig.now_ns - AGO_S * NS_PER_S


async def test_what_was_written_before_a_kill_while_filling_counts_as_recovered(rig: Rig) -> None:
    rig.mark()
    rig.home_assistant.states = [rig.state("a.b", "2", 20), rig.state("b.c", "1", 900)]
    known = [rig.row("1", 30), {**rig.row("2", 20), "lu": _lu(rig, "a.b")}]
    rig.home_assistant.results[HISTORY] = lambda asked: {"a.b": known} if "a.b" in asked["entity_ids"] else {}
    rig.home_assistant.refuse = lambda command: "unknown_error" if "b.c" in command.get("entity_ids", []) else None
    first = await rig.start(entities=1)  # a.b is stored, then the question for b.c fails, again and again
    await rig.eventually(lambda: len(rig.recovered()) >= 2)
    await first.stop()

    class Knows:
        async def deliver(self, batch: EventBatch) -> Receipt:
            return Receipt(duplicate=len(batch.events))

        async def deliver_registries(self, registries: Any) -> None: ...

    rig.delivery = Knows()
    rig.home_assistant.refuse = lambda _: None
    await rig.start(entities=1)
    gap = await rig.closed()
    assert gap.recovered >= 2  # the first delivery takes everything for new, also what was repeated there
    assert gap.known == 0


async def test_what_was_captured_between_two_gaps_is_in_none(rig: Rig) -> None:
    rig.home_assistant.states = [rig.state("a.b", "1", 900)]
    await rig.start(settle_s=6)
    await rig.eventually(lambda: rig.delivery.events)
    for connections in (2, 3):
        await asyncio.sleep(2)
        await told_live(rig, rig.state("a.c", str(connections), 0) | {"last_updated": _now()}, _now())
        await rig.marked()
        await rig.home_assistant.drop()
        await rig.eventually(lambda: len(rig.home_assistant.sockets) == connections)  # noqa: B023
    gaps = [filled.gap for service in rig.services for filled in service._gaps.open]
    await rig.eventually(lambda: len(rig.services[0]._gaps.open) == 2)
    first, second = (filled.gap for filled in rig.services[0]._gaps.open)
    assert first.end_ns < second.start_ns, gaps


async def test_an_entity_that_came_and_went_meanwhile_is_asked_for(rig: Rig) -> None:
    rig.mark()
    rig.home_assistant.states = [rig.state("a.b", "1", 900)]
    rig.home_assistant.results["logbook/get_events"] = [{"entity_id": "a.ghost"}, {"name": "Home Assistant"}]
    rig.home_assistant.results["recorder/list_statistic_ids"] = [
        {"statistic_id": "sensor.ghost"},
        {"statistic_id": "energy:outside"},
    ]
    ghost = [rig.row("1", 40), rig.row(None, 30)]
    rig.home_assistant.results[HISTORY] = lambda asked: {"a.ghost": ghost} if "a.ghost" in asked["entity_ids"] else {}
    await rig.start()
    gap = await rig.closed()
    assert rig.home_assistant.commands_of(HISTORY)[0]["entity_ids"] == ["a.b", "a.ghost", "sensor.ghost"]
    assert (gap.recovered, gap.status) == (2, GapStatus.CLOSED)


async def test_without_a_logbook_the_known_entities_are_asked_for(rig: Rig) -> None:
    rig.mark()
    rig.home_assistant.states = [rig.state("a.b", "1", 900)]
    rig.home_assistant.refusals = {
        "logbook/get_events": "unknown_command",
        "recorder/list_statistic_ids": "unauthorized",
    }
    await rig.start()
    gap = await rig.closed()
    assert (gap.status, gap.entities) == (GapStatus.CLOSED, 1)


async def test_a_gap_in_which_home_assistant_was_started_says_what_cannot_be_known(rig: Rig) -> None:
    rig.mark()
    rig.home_assistant.states = [rig.state("a.b", "1", 30), rig.state("a.c", "1", 20)]
    rig.home_assistant.results[HISTORY] = {
        entity: [{**rig.row("1", 20), "lu": _lu(rig, entity)}] for entity in ("a.b", "a.c")
    }
    await rig.start()
    gap = await rig.closed()
    assert gap.status is GapStatus.CLOSED
    assert "Home Assistant was started at" in gap.lost[-1]


async def test_after_the_first_start_the_days_before_it_are_fetched_and_are_no_gap(rig: Rig) -> None:
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


async def test_the_days_before_the_first_start_go_on_after_a_kill_and_let_gaps_go_first(rig: Rig) -> None:
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


async def test_a_first_start_that_ends_before_its_snapshot_keeps_the_days_before_it(rig: Rig) -> None:
    rig.home_assistant.ignored = {"get_states"}
    first = await rig.start(first_start="2d")
    await rig.eventually(lambda: rig.home_assistant.commands_of("get_states"))
    await first.stop()
    rig.home_assistant.ignored = set()
    await rig.start(first_start="2d")
    await rig.closed(2)
    assert [gap.reason for gap in rig.sink.gaps if gap.closed_ns] == [GapReason.RESTART, GapReason.FIRST_START]


async def test_a_mark_that_cannot_be_written_holds_up_neither_capturing_nor_a_stop(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: Any) -> None:
        raise OSError(5, "Input/output error")

    rig.mark()
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


async def test_a_gap_that_is_found_meanwhile_interrupts_the_days_before_the_first_start(rig: Rig) -> None:
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
    of_days = starts[:2] + starts[-4:]  # what is missing was asked for in between
    assert of_days == sorted(set(of_days))


async def told_live(rig: Rig, state: dict[str, Any], fired: str | None = None) -> None:
    event = rig.home_assistant.event("state_changed", entity_id=state["entity_id"], old_state={}, new_state=state)
    event["event"]["time_fired"] = fired or event["event"]["time_fired"]
    count = len(rig.delivery.events)
    await rig.home_assistant.send_text(json.dumps(event, separators=(",", ":")))
    await rig.eventually(lambda: len(rig.delivery.events) > count)


async def test_a_change_that_home_assistant_never_sent_is_fetched_and_told_as_a_gap(rig: Rig) -> None:
    rig.home_assistant.states = [rig.state("a.b", "1", 900), rig.state("a.c", "1", 900)]
    await rig.start(state_check_s=0.3)
    await rig.eventually(lambda: len(rig.delivery.events) == 2)
    rig.home_assistant.states[1] = rig.state("a.c", "2", -1)
    await told_live(rig, rig.home_assistant.states[1])
    unsent = rig.state("a.b", "3", -2)
    rig.home_assistant.results[HISTORY] = {"a.b": [rig.row("2", -1.5), {**rig.row("3", -2), "lu": _seconds(unsent)}]}
    rig.home_assistant.states[0] = unsent
    gap = await rig.closed()
    assert (gap.reason, gap.status, gap.recovered) == (GapReason.NOT_SENT, GapStatus.PARTIAL, 2)
    assert ["a.b" in gap.lost[0], len(gap.lost)] == [True, 1]
    assert {tuple(asked["entity_ids"]) for asked in rig.home_assistant.commands_of(HISTORY)} == {("a.b",)}
    told = [event["data"]["new_state"]["state"] for event in rig.delivery.events if event["data"]["entity_id"] == "a.b"]
    assert sorted(told) == ["1", "2", "3", "3"]  # the last one also out of the states, with all that they know of it
    await rig.checked(3)
    assert len([gap for gap in rig.sink.gaps if gap.closed_ns]) == 1


async def test_an_entity_whose_state_cannot_be_sent_now_is_named_once(rig: Rig) -> None:
    rig.home_assistant.states = [rig.state("a.b", "1", 900), rig.state("a.c", "1", 900)]
    await rig.start(state_check_s=0.2)
    await rig.eventually(lambda: len(rig.delivery.events) == 2)
    del rig.home_assistant.states[0]
    gap = await rig.closed()
    assert gap.reason is GapReason.NOT_SENT
    assert "lacks the last change of a.b" in gap.lost[0]
    await rig.checked(3)
    assert len([gap for gap in rig.sink.gaps if gap.closed_ns]) == 1


async def test_what_was_never_sent_before_the_connection_was_lost_is_found_by_the_next_one(rig: Rig) -> None:
    rig.home_assistant.states = [rig.state("a.b", "1", 900)]
    await rig.start(state_check_s=3600)
    await rig.eventually(lambda: rig.delivery.events)
    await asyncio.sleep(1)
    unsent = {**rig.state("a.b", "2", 0), "last_updated": _now()}
    await asyncio.sleep(2.5)  # what is barely older than the last captured moment is left to the gap
    later = rig.home_assistant.event("state_changed", entity_id="a.c", old_state={}, new_state=None)
    later["event"]["time_fired"] = _now()
    await rig.home_assistant.send_text(json.dumps(later, separators=(",", ":")))
    await rig.eventually(lambda: len(rig.delivery.events) == 2)
    await rig.marked()
    rig.home_assistant.states = [unsent]
    rig.home_assistant.results[HISTORY] = {"a.b": [{**rig.row("2", 0), "lu": _seconds(unsent)}]}
    await rig.home_assistant.drop()
    await rig.closed(2)
    reasons = {gap.reason for gap in rig.sink.gaps if gap.closed_ns}
    assert reasons == {GapReason.CONNECTION_LOST, GapReason.NOT_SENT}


def _seconds(state: dict[str, Any]) -> float:
    return datetime.fromisoformat(state["last_updated"]).timestamp()


async def test_events_that_come_before_the_gap_is_known_do_not_hide_it(rig: Rig) -> None:
    rig.mark()
    rig.home_assistant.hangs_on = {"get_states"}
    await rig.start()
    await rig.eventually(lambda: rig.home_assistant.commands_of("get_states"))
    await rig.home_assistant.send(rig.home_assistant.event() | {"event": {"event_type": "x", "time_fired": _now()}})
    await asyncio.sleep(1.3)  # a tick
    mark = rig.read_mark()
    assert mark is not None
    assert mark.complete_ns == rig.now_ns - AGO_S * NS_PER_S
    rig.home_assistant.released.set()
    await rig.closed()
    await rig.eventually(lambda: (read := rig.read_mark()) and read.complete_ns > rig.now_ns - 2 * NS_PER_S)


def _now() -> str:
    return ns_to_rfc3339(SystemClock().now_ns())
