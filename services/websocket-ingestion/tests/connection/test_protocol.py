"""The protocol as data: the recorded session, odd frames, the login."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest
from websocket_ingestion.connection.protocol import Frame, Login, LoginPhase, binary_frame, decode_frame, encode_command
from websocket_ingestion.messages import Message, MessageType


def bodies(frame: Frame) -> list[Any]:
    return [json.loads(bytes(event)) for event in frame.events]


def test_every_recorded_frame_is_understood(recorded: list[dict[str, Any]]) -> None:
    frames = [decode_frame(json.dumps(message, ensure_ascii=False).encode()) for message in recorded]
    events = [message["event"] for message in recorded if message["type"] == "event"]
    assert [body for frame in frames for body in bodies(frame)] == events
    assert len([reply for frame in frames for reply in frame.replies]) == len(recorded) - len(events)
    assert sum(frame.odd for frame in frames) == 0


def test_the_recorded_session_is_the_same_in_one_coalesced_frame(recorded: list[dict[str, Any]]) -> None:
    frame = decode_frame(json.dumps(recorded).encode())
    assert bodies(frame) == [message["event"] for message in recorded if message["type"] == "event"]
    replies = [message["type"] for message in recorded if message["type"] != "event"]
    assert [reply.type for reply in frame.replies] == replies
    assert frame.odd == 0


@pytest.mark.parametrize("keys", [("type", "event", "id"), ("id", "type", "event"), ("event", "id", "type")])
def test_the_order_of_keys_does_not_matter(keys: tuple[str, ...]) -> None:
    message = {"type": "event", "event": {"event_type": "x"}, "id": 3}
    assert bodies(decode_frame(json.dumps({key: message[key] for key in keys}).encode())) == [{"event_type": "x"}]


def test_an_events_body_stays_byte_for_byte() -> None:
    body = b'{ "event_type":"x" ,"data":{"n":1.0,"e":"\\u00e9","d":"\xc3\xa9"} }'
    assert bytes(decode_frame(b'{"type":"event","event":%b,"id":1}' % body).events[0]) == body


def test_a_result_is_a_reply() -> None:
    frame = decode_frame(b'{"id":4,"type":"result","success":true,"result":[1, 2]}')
    assert (frame.replies[0].id, frame.replies[0].success, bytes(frame.replies[0].result)) == (4, True, b"[1, 2]")
    assert frame.events == []


def test_a_refusal_has_its_code() -> None:
    frame = decode_frame(b'{"id":4,"type":"result","success":false,"error":{"code":"not_found","message":"No."}}')
    assert (frame.replies[0].refusal.code, frame.replies[0].refusal.message) == ("not_found", "No.")


def test_a_refusal_of_another_shape_becomes_its_message() -> None:
    frame = decode_frame(b'{"id":4,"type":"result","success":false,"error":"all wrong"}')
    assert (frame.replies[0].refusal.code, frame.replies[0].refusal.message) == ("unknown_error", '"all wrong"')


@pytest.mark.parametrize(
    "frame",
    [b"", b"not json", b'{"type":"event"', b'["unfinished"', b'{"type":"event","event":{"a":nul},"id":1}'],
)
def test_a_frame_that_is_no_json_is_kept_as_one_string(frame: bytes) -> None:
    decoded = decode_frame(frame)
    assert bodies(decoded) == [frame.decode()]
    assert decoded.odd == 1


def test_a_frame_with_bytes_that_are_no_text_is_kept_as_one_string() -> None:
    decoded = decode_frame(b'{"type":"event","event":{"a":"\xff"},"id":1}')
    assert bodies(decoded) == ['{"type":"event","event":{"a":"\\xff"},"id":1}']


def test_a_frame_nested_too_deep_is_kept_as_one_string() -> None:
    frame = b'{"type":"event","event":' + b"[" * 1_000_000 + b"]" * 1_000_000 + b"}"
    assert bodies(decode_frame(frame)) == [frame.decode()]


def test_a_binary_frame_is_kept_as_one_string() -> None:
    assert bodies(binary_frame(b"\x00\xffok")) == ["\x00\\xffok"]


@pytest.mark.parametrize(
    "message",
    [
        {"type": "event", "id": 1},
        {"type": "unheard_of", "id": 1},
        {"type": "event", "id": "one", "event": {}},
        {"id": 1},
        {"type": None},
        {},
        7,
        None,
        "text",
    ],
)
def test_what_is_no_message_is_passed_on_unchanged(message: Any) -> None:
    decoded = decode_frame(json.dumps(message).encode())
    assert bodies(decoded) == [message]
    assert decoded.odd == 1


def test_an_odd_piece_does_not_spoil_its_neighbours_in_a_frame() -> None:
    first, odd, last = {"type": "event", "event": {"n": 1}, "id": 1}, {"type": "unheard_of"}, {"id": 2, "type": "pong"}
    frame = decode_frame(json.dumps([first, odd, 5, first, last]).encode())
    assert bodies(frame) == [{"n": 1}, odd, 5, {"n": 1}]
    assert [reply.type for reply in frame.replies] == ["pong"]
    assert frame.odd == 2


def test_an_empty_array_holds_nothing() -> None:
    assert decode_frame(b"[]") == Frame([])


@pytest.mark.parametrize(
    ("event_type", "touches"),
    [
        ("entity_registry_updated", True),
        ("device_registry_updated", True),
        ("area_registry_updated", True),
        ("state_changed", False),
        ("not_quite_entity_registry_updated", False),
    ],
)
def test_a_frame_says_whether_it_touches_the_registries(event_type: str, touches: bool) -> None:
    message = {"type": "event", "event": {"event_type": event_type, "data": {"text": "x_registry_updated"}}, "id": 1}
    assert touches_registries(json.dumps(message).encode()) is touches
    assert touches_registries(json.dumps([message, 7]).encode()) is touches


def test_a_command_carries_its_id_type_and_fields() -> None:
    text = encode_command(5, "subscribe_events", {"event_type": "state_changed"})
    assert json.loads(text) == {"id": 5, "type": "subscribe_events", "event_type": "state_changed"}


def test_a_login_answers_with_the_token() -> None:
    login = Login("secret")
    answer = login.receive(Message(type=MessageType.AUTH_REQUIRED, ha_version="2026.11.0"))
    assert msgspec.json.decode(answer or "") == {"type": "auth", "access_token": "secret"}
    assert (login.phase, login.is_over) == (LoginPhase.SENT, False)
    assert login.receive(Message(type=MessageType.AUTH_OK)) is None
    assert (login.phase, login.is_over, login.ha_version) == (LoginPhase.OK, True, "2026.11.0")


def test_a_refused_login_keeps_the_reason() -> None:
    login = Login("secret")
    login.receive(Message(type=MessageType.AUTH_INVALID, message="User is not active"))
    assert (login.phase, login.is_over, login.refusal) == (LoginPhase.INVALID, True, "User is not active")


def touches_registries(frame: bytes) -> bool:
    changes = decode_frame(frame).changes
    return changes is not None and changes.touches_registries


@pytest.mark.parametrize("coalesced", [True, False])
def test_what_events_tell_the_capture_is_read_and_a_memory_is_no_event(coalesced: bool) -> None:
    memory, other = (
        {"type": "event", "event": {"event_type": "state_changed", "data": data}, "id": 2}
        for data in (
            {
                "entity_id": "a.b",
                "old_state": None,
                "new_state": {"last_updated": "2026-01-01T00:00:00+00:00", "attributes": {"restored": True}},
            },
            {"entity_id": "a.c", "old_state": {}, "new_state": {}},
        )
    )
    frames = [msgspec.json.encode(each) for each in ([[memory, other]] if coalesced else [memory, other])]
    decoded = [decode_frame(frame) for frame in frames]
    assert [json.loads(bytes(event)) for frame in decoded for event in frame.events] == [other["event"]]
    assert [changes.added for frame in decoded if (changes := frame.changes)] == [["a.b"]]


@pytest.mark.parametrize("odd", ["", ', "odd"'])
def test_an_answer_to_a_command_that_comes_as_an_event_is_no_event_of_the_house(odd: str) -> None:
    house, answer = '{"id":2,"type":"event","event":{"n":1}}', '{"id":7,"type":"event","event":{"result":"x"}}'
    frame = decode_frame(f"[{house},{answer}{odd}]".encode(), {7})
    assert bytes(frame.events[0]) == b'{"n":1}'
    assert [(reply.id, bytes(reply.event)) for reply in frame.replies] == [(7, b'{"result":"x"}')]
    alone = decode_frame(answer.encode(), {7})
    assert (alone.events, len(alone.replies)) == ([], 1)
    assert len(decode_frame(answer.encode()).events) == 1
