"""A session over a real socket: the order of commands, the snapshot, registries, and odd frames."""

from __future__ import annotations

import json
from typing import Any

import pytest
from aiohttp import WSMsgType
from ha_ingestor_core.delivery import ConnectionState
from ha_ingestor_core.service_metrics import Counter
from structlog.testing import capture_logs


def a_state(entity_id: str, state: str, **more: Any) -> dict[str, Any]:
    moment = "2026-11-24T08:00:00.000001+00:00"
    return {"entity_id": entity_id, "state": state, "attributes": {}, "last_updated": moment, **more}


async def test_the_commands_go_in_the_order_that_leaves_no_hole(start: Any, home_assistant: Any) -> None:
    await start()
    assert [(command["id"], command["type"]) for command in home_assistant.commands] == [
        (1, "supported_features"),
        (2, "subscribe_events"),
        (3, "config/entity_registry/list"),
        (4, "config/device_registry/list"),
        (5, "config/area_registry/list"),
        (6, "config/floor_registry/list"),
        (7, "config/label_registry/list"),
        (8, "get_config"),
        (9, "get_states"),
    ]
    assert home_assistant.commands[0]["features"] == {"coalesce_messages": 1}


async def test_events_are_delivered_single_and_coalesced(
    start: Any, home_assistant: Any, delivery: Any, eventually: Any
) -> None:
    rig = await start()
    await home_assistant.send(home_assistant.event(n=0))
    await home_assistant.send(*[home_assistant.event(n=n) for n in range(1, 501)])
    await eventually(lambda: len(delivery.events) == 501)
    assert [event["data"]["n"] for event in delivery.events] == list(range(501))
    await eventually(lambda: rig.counters.totals[Counter.PROCESSED] == 501)
    assert rig.counters.totals[Counter.RECEIVED] == 501


async def test_a_burst_before_the_registries_are_there_is_delivered_without_them(
    start: Any, home_assistant: Any, delivery: Any, eventually: Any
) -> None:
    home_assistant.hangs_on = {"config/entity_registry/list"}
    await start(disk_bytes=600, subscribed=False)
    await eventually(lambda: home_assistant.commands_of("config/entity_registry/list"))
    await home_assistant.send(*[home_assistant.event(n=n) for n in range(9)])
    await eventually(lambda: len(delivery.events) == 9)
    home_assistant.released.set()
    await eventually(lambda: home_assistant.commands_of("get_states"))


async def test_the_snapshot_comes_as_events_of_its_own_kind(
    start: Any, home_assistant: Any, delivery: Any, eventually: Any
) -> None:
    home_assistant.states = [a_state("light.a", "on"), a_state("light.b", "off"), {"odd": 1}]
    await start()
    await eventually(lambda: len(delivery.events) == 3)
    assert delivery.events[0]["data"]["new_state"] == home_assistant.states[0]
    assert delivery.events[2] == {"odd": 1}
    assert delivery.kinds == ["snapshot"] * 3


async def test_the_first_events_name_the_registries(
    start: Any, home_assistant: Any, delivery: Any, eventually: Any
) -> None:
    home_assistant.results["config/area_registry/list"] = [{"area_id": "kitchen"}]
    home_assistant.states = [a_state("light.a", "on")]
    await start()
    await eventually(lambda: delivery.events)
    assert bytes(delivery.registries[0].areas) == b'[{"area_id": "kitchen"}]'
    assert delivery.delivered[0].registry_version == delivery.registries[0].version


@pytest.mark.parametrize("kind", ["area", "floor", "label"])
async def test_changed_registries_are_fetched_once_after_a_flurry(
    start: Any, home_assistant: Any, delivery: Any, eventually: Any, kind: str
) -> None:
    await start()
    home_assistant.results["config/area_registry/list"] = [{"area_id": "attic"}]
    await home_assistant.send(*[home_assistant.event(f"{kind}_registry_updated") for _ in range(20)])
    await eventually(lambda: len(home_assistant.commands_of("config/area_registry/list")) == 2)
    await home_assistant.send(home_assistant.event(last=True))
    await eventually(lambda: delivery.events[-1:] and delivery.events[-1]["data"] == {"last": True})
    assert len(home_assistant.commands_of("config/area_registry/list")) == 2


async def test_an_older_release_without_a_registry_is_captured(
    start: Any, home_assistant: Any, delivery: Any, eventually: Any
) -> None:
    home_assistant.refusals = {"config/area_registry/list": "unknown_command", "supported_features": "unknown_command"}
    await start()
    await home_assistant.send(home_assistant.event())
    await eventually(lambda: delivery.events)
    assert bytes(delivery.registries[0].areas) == b"[]"


@pytest.mark.parametrize("kind", ["get_states", "config/entity_registry/list"])
async def test_an_answer_larger_than_a_frame_may_be_is_done_without(
    start: Any, home_assistant: Any, delivery: Any, eventually: Any, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    monkeypatch.setattr("websocket_ingestion.connection.handshake.MAX_FRAME_BYTES", 50_000)
    large = [a_state("light.a", "x" * 60_000)]
    if kind == "get_states":
        home_assistant.states = large
    else:
        home_assistant.results[kind] = large
    with capture_logs() as lines:
        rig = await start(subscribed=False)
        await eventually(lambda: len(home_assistant.sockets) == 2)
        await eventually(lambda: rig.gaps.status() and home_assistant.commands_of("subscribe_events")[1:])
        await home_assistant.send(home_assistant.event(n=1))
        await eventually(lambda: delivery.events)
    assert [line["commands"] for line in lines if line["event"] == "answer_too_large"] == [[kind]]
    assert rig.policy.state is ConnectionState.CONNECTED
    assert len(home_assistant.sockets) == 2


async def test_a_frame_that_is_too_large_and_no_answer_takes_no_command_away(
    start: Any, home_assistant: Any, delivery: Any, eventually: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    home_assistant.states = [a_state("light.kitchen", "on")]
    await start()
    monkeypatch.setattr("websocket_ingestion.connection.handshake.MAX_FRAME_BYTES", 50_000)
    await eventually(lambda: len(delivery.events) == 1)
    with capture_logs() as lines:
        await home_assistant.drop()
        await eventually(lambda: len(delivery.events) == 2)  # the snapshot, after which no command is pending
        await home_assistant.send(home_assistant.event(text="x" * 60_000))
        await eventually(lambda: len(home_assistant.sockets) == 3)
    assert not [line for line in lines if line["event"] == "answer_too_large"]


@pytest.mark.parametrize("text", ["no json", '{"type":"event","id":1}', '{"type":"unheard_of"}'])
async def test_a_malformed_frame_is_passed_on_and_stops_nothing(
    start: Any, home_assistant: Any, delivery: Any, eventually: Any, text: str
) -> None:
    rig = await start()
    await home_assistant.send_text(text)
    await home_assistant.send(home_assistant.event())
    await eventually(lambda: len(delivery.events) == 2)
    assert delivery.events[0] == (json.loads(text) if text.startswith("{") else text)
    assert rig.value("odd_messages_total") == 1
    assert len(home_assistant.sockets) == 1


async def test_a_binary_frame_is_passed_on_and_stops_nothing(
    start: Any, home_assistant: Any, delivery: Any, eventually: Any
) -> None:
    await start()
    await home_assistant.send_bytes(b"\x00\xfe")
    await home_assistant.send(home_assistant.event())
    await eventually(lambda: len(delivery.events) == 2)
    assert delivery.events[0] == "\x00\\xfe"


async def test_a_text_frame_that_is_no_text_is_passed_on_and_stops_nothing(
    start: Any, home_assistant: Any, delivery: Any, eventually: Any
) -> None:
    await start()
    await home_assistant.send_bytes(b'{"type":"event","event":{"a":"\xff"}}', WSMsgType.TEXT)
    await home_assistant.send(home_assistant.event())
    await eventually(lambda: len(delivery.events) == 2)
    assert delivery.events[0] == '{"type":"event","event":{"a":"\\xff"}}'


async def test_a_frame_of_20_mib_is_taken(start: Any, home_assistant: Any, delivery: Any, eventually: Any) -> None:
    await start()
    text = "é" * (10 * 1024 * 1024)
    await home_assistant.send_text(json.dumps(home_assistant.event(text=text), ensure_ascii=False))
    await eventually(lambda: delivery.events)
    assert delivery.events[0]["data"]["text"] == text
    assert len(home_assistant.sockets) == 1


async def test_an_event_that_home_assistant_lost_is_counted_and_the_states_are_fetched_again(
    start: Any, home_assistant: Any, eventually: Any
) -> None:
    rig = await start()
    error = {"code": "unknown_error", "message": "Invalid JSON in response"}
    lost = {"id": home_assistant.subscription_id, "type": "result", "success": False, "error": error}
    await home_assistant.send(lost)
    await eventually(lambda: len(home_assistant.commands_of("get_states")) == 2)
    assert rig.value("events_lost_total") == 1


async def test_a_snapshot_that_is_refused_does_not_end_the_session(
    start: Any, home_assistant: Any, delivery: Any, eventually: Any
) -> None:
    home_assistant.refusals = {"get_states": "unknown_error"}
    await start()
    await home_assistant.send(home_assistant.event())
    await eventually(lambda: delivery.events)
    assert len(home_assistant.sockets) == 1


async def test_unknown_messages_are_a_warning_once_per_connection(
    start: Any, home_assistant: Any, delivery: Any, eventually: Any
) -> None:
    rig = await start()
    with capture_logs() as lines:
        for _ in range(3):
            await home_assistant.send_text("no json")
        await eventually(lambda: len(delivery.events) == 3)
    levels = [line["log_level"] for line in lines if line["event"] == "unknown_message_received"]
    assert levels == ["warning", "debug", "debug"]
    assert rig.value("odd_messages_total") == 3
