"""A plain WebSocket client is answered as by a real Home Assistant 2024.3."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any

import aiohttp
import pytest
from ha_ingestor.demo_home import House, SimulatedHomeAssistant
from ha_ingestor_core.errors import TerminalError

Connect = Callable[[], Awaitable[Any]]


def shape(message: dict[str, Any]) -> list[Any]:
    """The keys of a message and of what it holds, in their order."""
    nested = ("event", "data", "new_state", "context", "error")
    return [[key, shape(message[key])] if key in nested and message[key] else key for key in message]


async def test_right_token_is_let_in(connect: Connect, server: SimulatedHomeAssistant) -> None:
    client = await connect()
    assert await client.receive() == {"type": "auth_required", "ha_version": "2024.3.3"}
    await client.send(type="auth", access_token=server.token)
    assert await client.receive() == {"type": "auth_ok", "ha_version": "2024.3.3"}


@pytest.mark.parametrize(
    ("login", "message"),
    [
        ({"type": "auth", "access_token": "wrong"}, "Invalid access token or password"),
        ({"type": "auth", "access_token": "fälsch"}, "Invalid access token or password"),
        ({"id": 1, "type": "ping"}, "Auth message incorrectly formatted"),
    ],
)
async def test_wrong_login_is_refused_and_closed(connect: Connect, login: dict[str, Any], message: str) -> None:
    client = await connect()
    await client.receive()
    await client.send(**login)
    refusal = await client.receive()
    assert refusal["type"] == "auth_invalid"
    assert refusal["message"].startswith(message)
    assert (await client.socket.receive()).type is aiohttp.WSMsgType.CLOSE


async def test_ping_gives_pong(client: Any) -> None:
    assert await client.ask("ping") == {"id": 1, "type": "pong"}


async def test_used_id_is_refused(client: Any) -> None:
    await client.ask("ping")
    await client.send(id=1, type="ping")
    assert (await client.receive())["error"] == {
        "code": "id_reuse",
        "message": "Identifier values have to increase.",
    }


async def test_unknown_command_is_refused(client: Any, recorded_messages: list[dict[str, Any]]) -> None:
    refusal = await client.ask("no_such_command")
    recorded = next(message for message in recorded_messages if message.get("success") is False)
    assert {**refusal, "id": recorded["id"]} == recorded


async def test_command_without_id_is_refused(client: Any) -> None:
    await client.send(type="ping")
    assert (await client.receive())["error"]["code"] == "invalid_format"


async def test_refused_command_is_unknown(client: Any, server: SimulatedHomeAssistant) -> None:
    server.refused_commands.add("config/floor_registry/list")
    assert (await client.ask("config/floor_registry/list"))["error"]["code"] == "unknown_command"


async def test_messages_have_the_keys_of_a_real_home_assistant_in_their_order(
    client: Any, house: House, recorded_messages: list[dict[str, Any]]
) -> None:
    def recorded(event_type: str) -> dict[str, Any]:
        events = (message for message in recorded_messages if message["type"] == "event")
        return next(message for message in events if message["event"]["event_type"] == event_type)

    subscribed = await client.ask("subscribe_events")
    house.set_state("light.a", "on")
    state_changed = await client.receive()
    house.fire("call_service", {"domain": "light", "service": "turn_on", "service_data": {}})
    assert shape(subscribed) == ["id", "type", "success", "result"]
    assert shape(state_changed) == shape(recorded("state_changed"))
    assert shape(await client.receive()) == shape(recorded("call_service"))


@pytest.mark.parametrize("registry", ["area", "device", "entity"])
async def test_registries_have_the_keys_of_a_real_one(
    client: Any, house: House, registry: str, recorded_messages: list[dict[str, Any]]
) -> None:
    house.registries.area("kuche", "Küche")
    device = house.registries.device("lamp", "Lampe", area_id="kuche", manufacturer="M", model="L")
    house.registries.entity("light.a", device=device)
    position = {"area": 4, "device": 5, "entity": 6}[registry]
    recorded = next(message for message in recorded_messages if message.get("id") == position)
    answer = await client.ask(f"config/{registry}_registry/list")
    assert list(answer["result"][0]) == list(recorded["result"][0])


async def test_get_states_answers_every_state(client: Any, house: House) -> None:
    house.set_state("light.a", "on")
    house.set_state("light.b", "off")
    answer = await client.ask("get_states")
    assert [(state["entity_id"], state["state"]) for state in answer["result"]] == [
        ("light.a", "on"),
        ("light.b", "off"),
    ]


async def test_get_config_names_the_home(client: Any, house: House) -> None:
    assert (await client.ask("get_config"))["result"]["location_name"] == house.name


async def test_subscription_of_one_type_hears_no_other(client: Any, house: House) -> None:
    await client.ask("subscribe_events", event_type="wanted")
    house.fire("unwanted")
    house.fire("wanted")
    assert (await client.receive())["event"]["event_type"] == "wanted"


async def test_each_subscription_gets_the_event_with_its_id(client: Any, house: House) -> None:
    await client.ask("subscribe_events")
    await client.ask("subscribe_events", event_type="wanted")
    house.fire("wanted")
    assert [(await client.receive())["id"], (await client.receive())["id"]] == [1, 2]


async def test_unsubscribed_client_hears_nothing(client: Any, house: House) -> None:
    await client.ask("subscribe_events")
    assert (await client.ask("unsubscribe_events", subscription=1))["success"]
    house.fire("unheard")
    assert (await client.ask("ping"))["type"] == "pong"
    assert (await client.ask("unsubscribe_events", subscription=1))["error"]["code"] == "not_found"


async def test_messages_are_single_frames_without_the_feature(client: Any, house: House) -> None:
    await client.ask("subscribe_events")
    for number in range(5):
        house.fire("counted", {"number": number})
    assert [(await client.receive())["event"]["data"]["number"] for _ in range(5)] == [0, 1, 2, 3, 4]
    assert not any(frame.startswith("[") for frame in client.frames)


async def test_thousands_of_events_are_coalesced_and_arrive_in_order(client: Any, house: House) -> None:
    await client.ask("supported_features", features={"coalesce_messages": 1})
    await client.ask("subscribe_events")
    for number in range(5000):
        house.fire("counted", {"number": number})
    received = [(await client.receive())["event"]["data"]["number"] for _ in range(5000)]
    assert received == list(range(5000))
    assert len(client.frames) < 20


async def test_history_answers_compressed_states(client: Any, house: House) -> None:
    house.set_state("light.a", "on", {"brightness": 5}, time_ns=1_800_000_000_000_120_000)
    answer = await client.ask(
        "history/history_during_period",
        start_time="2027-01-15T07:00:00+00:00",
        end_time="2027-01-15T09:00:00+00:00",
        entity_ids=["light.a", "light.b"],
        significant_changes_only=False,
    )
    assert answer["result"] == {"light.a": [{"s": "on", "a": {"brightness": 5}, "lu": 1800000000.00012}]}


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ({"start_time": "2027-01-15T07:00:00+00:00"}, "invalid_format"),
        ({"start_time": "yesterday", "entity_ids": []}, "invalid_start_time"),
        ({"start_time": "2027-01-15", "end_time": "x", "entity_ids": []}, "invalid_end_time"),
    ],
)
async def test_wrong_history_request_is_refused(client: Any, arguments: dict[str, Any], code: str) -> None:
    assert (await client.ask("history/history_during_period", **arguments))["error"]["code"] == code


async def test_raw_frame_reaches_every_subscriber_between_the_events(
    client: Any, house: House, server: SimulatedHomeAssistant
) -> None:
    await client.ask("supported_features", features={"coalesce_messages": 1})
    await client.ask("subscribe_events")
    house.fire("before")
    assert server.send_frame('{"cut off') == 1
    house.fire("after")
    frames = [await client.socket.receive_str(timeout=5) for _ in range(3)]
    assert [frames[0].count("before"), frames[1], frames[2].count("after")] == [1, '{"cut off', 1]


async def test_raw_event_is_sent_as_an_event_of_the_subscription(client: Any, server: SimulatedHomeAssistant) -> None:
    await client.ask("subscribe_events")
    server.send_event('{"no":"event type"}')
    assert await client.receive() == {"type": "event", "event": {"no": "event type"}, "id": 1}


async def test_dropped_client_is_cut_off(client: Any, server: SimulatedHomeAssistant) -> None:
    assert server.drop_connections() == 1
    message = await client.socket.receive(timeout=5)
    assert message.type in (aiohttp.WSMsgType.CLOSED, aiohttp.WSMsgType.ERROR)


async def test_restarted_server_keeps_its_port(connect: Connect, server: SimulatedHomeAssistant) -> None:
    url = server.url
    await server.stop()
    with pytest.raises(aiohttp.ClientError):
        await connect()
    await server.start()
    assert server.url == url
    assert (await (await connect()).receive())["type"] == "auth_required"


async def test_client_that_leaves_too_much_unread_is_cut_off(house: House, connect: Connect) -> None:
    server = SimulatedHomeAssistant(house, "t", max_pending=10)
    await server.start()
    async with (
        aiohttp.ClientSession() as session,
        session.ws_connect(f"{server.url}/api/websocket") as socket,
    ):
        await socket.receive_json()
        await socket.send_json({"type": "auth", "access_token": "t"})
        await socket.send_json({"id": 1, "type": "subscribe_events"})
        assert json.loads(await socket.receive_str())["type"] == "auth_ok"
        assert json.loads(await socket.receive_str())["success"]
        for _ in range(11):
            house.fire("too_much")
        async with asyncio.timeout(5):
            while (await socket.receive()).type is aiohttp.WSMsgType.TEXT:
                pass
    await server.stop()


async def test_a_port_that_is_taken_is_said_with_what_may_help(server: SimulatedHomeAssistant) -> None:
    taken = int(server.url.rpartition(":")[2])
    other = SimulatedHomeAssistant(server.house, "token", port=taken)
    with pytest.raises(TerminalError, match=f"Cannot listen on 127.0.0.1:{taken}.*--port"):
        await other.start()
    await other.stop()
