"""What is requested from the history, and what of it becomes an event."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

import pytest
from ha_ingestor_core.clock import NS_PER_S, ns_to_rfc3339
from ha_ingestor_core.delivery import Receipt
from ha_ingestor_core.events import EventBatch
from ha_ingestor_core.gaps import GapStatus
from websocket_ingestion.gaps.journal import Entries, Journal
from websocket_ingestion.registries.renames import Rename

from tests.websocket_ingestion.gap_rig import HISTORY, GapRig


async def test_what_the_store_had_is_known_and_not_recovered(rig: GapRig) -> None:
    rig.set_checkpoint()
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


@pytest.mark.parametrize(
    ("code", "words"), [("unknown_command", "history integration"), ("unauthorized", "does not allow this token")]
)
async def test_a_history_that_cannot_be_requested_leaves_a_partial_gap(rig: GapRig, code: str, words: str) -> None:
    rig.set_checkpoint()
    rig.home_assistant.states = [rig.state("a.b", "1", 30)]
    rig.home_assistant.refusals[HISTORY] = code
    await rig.start()
    gap = await rig.closed()
    assert gap.status is GapStatus.PARTIAL
    assert words in gap.lost[1]


async def test_entities_outside_the_recorder_are_named(rig: GapRig) -> None:
    rig.set_checkpoint()
    rig.home_assistant.states = [rig.state("a.excluded", "1", 30), rig.state("a.b", "1", 20)]
    rig.home_assistant.results[HISTORY] = {"a.b": [rig.row("1", 20)]}
    await rig.start()
    gap = await rig.closed()
    assert gap.status is GapStatus.PARTIAL
    assert "a.excluded" in gap.lost[1]
    assert "a.b" not in gap.lost[1]


async def test_a_recorder_that_is_late_is_requested_again(rig: GapRig) -> None:
    rig.set_checkpoint()
    rig.home_assistant.states = [rig.state("a.b", "1", 20)]
    await rig.start(settle_s=0.3)
    await rig.eventually(lambda: rig.home_assistant.commands_of(HISTORY))
    rig.home_assistant.results[HISTORY] = {"a.b": [rig.row("0", 25), rig.row("1", 20)]}
    gap = await rig.closed()
    assert (gap.status, gap.recovered) == (GapStatus.CLOSED, 2)


async def test_what_was_only_restored_is_no_change(rig: GapRig) -> None:
    rig.set_checkpoint()
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


def _lu(rig: GapRig, entity_id: str) -> float:
    state = next(state for state in rig.home_assistant.states if state["entity_id"] == entity_id)
    return datetime.fromisoformat(state["last_updated"]).timestamp()


async def test_an_entity_that_vanished_and_that_the_history_never_knew_is_named(rig: GapRig) -> None:
    rig.home_assistant.states = [rig.state(entity_id, "1", 900) for entity_id in ("a.b", "a.hidden", "a.seen_to_go")]
    first = await rig.start()
    await rig.eventually(lambda: len(rig.delivery.events) == 3)
    event = rig.home_assistant.event("state_changed", entity_id="a.seen_to_go", old_state={}, new_state=None)
    await rig.home_assistant.send_text(json.dumps(event, separators=(",", ":")))
    await rig.eventually(lambda: len(rig.delivery.events) == 4)
    await first.stop()
    rig.set_checkpoint(5)
    rig.home_assistant.states = [rig.state("a.b", "1", 900)]
    await rig.start()
    gap = await rig.closed()
    assert "of 1 entities" in gap.lost[1]
    assert "a.hidden" in gap.lost[1]


async def test_an_entity_that_vanished_and_that_the_history_knows_from_before_lost_nothing(rig: GapRig) -> None:
    rig.home_assistant.states = [rig.state("a.b", "1", 900), rig.state("a.forgotten", "1", 900)]
    first = await rig.start()
    await rig.eventually(lambda: len(rig.delivery.events) == 2)
    await first.stop()
    rig.set_checkpoint(5)
    rig.home_assistant.states = [rig.state("a.b", "1", 900)]
    rig.home_assistant.results[HISTORY] = {"a.forgotten": [rig.row("1", 900)]}
    await rig.start()
    gap = await rig.closed()
    assert gap.status is GapStatus.CLOSED
    assert rig.home_assistant.commands_of(HISTORY)[-1]["include_start_time_state"] is True


async def test_changes_missing_in_the_history_are_remembered_by_the_next_process(rig: GapRig) -> None:
    rig.set_checkpoint()
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


async def test_changes_before_a_rename_have_the_old_id(rig: GapRig) -> None:
    """Home Assistant's recorder gives all that it has to the new id."""
    rig.set_checkpoint()
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


async def test_an_entity_that_is_renamed_before_its_gap_is_filled_is_requested_by_its_new_id(rig: GapRig) -> None:
    rig.set_checkpoint()
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


async def test_one_entity_that_is_refused_does_not_spoil_the_others(rig: GapRig) -> None:
    rig.set_checkpoint()
    rig.home_assistant.states = [rig.state(f"a.e{n}", "1", 900) for n in range(5)]
    rig.home_assistant.refuse = lambda command: (
        "invalid_entity_ids" if "a.e3" in command.get("entity_ids", []) else None
    )
    rig.home_assistant.results[HISTORY] = {"a.e1": [rig.row("1", 30)]}
    await rig.start()
    gap = await rig.closed()
    assert gap.recovered > 0
    assert gap.lost[1:] == ["Changes of a.e3: Home Assistant refused the request (invalid_entity_ids)."]


async def test_entities_that_were_removed_meanwhile_are_requested_too(rig: GapRig) -> None:
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


async def test_what_was_written_before_a_kill_while_filling_counts_as_recovered(rig: GapRig) -> None:
    rig.set_checkpoint()
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


async def test_an_entity_that_came_and_went_meanwhile_is_requested(rig: GapRig) -> None:
    rig.set_checkpoint()
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


async def test_without_a_logbook_the_known_entities_are_requested(rig: GapRig) -> None:
    rig.set_checkpoint()
    rig.home_assistant.states = [rig.state("a.b", "1", 900)]
    rig.home_assistant.refusals = {
        "logbook/get_events": "unknown_command",
        "recorder/list_statistic_ids": "unauthorized",
    }
    await rig.start()
    gap = await rig.closed()
    assert (gap.status, gap.entities) == (GapStatus.CLOSED, 1)
