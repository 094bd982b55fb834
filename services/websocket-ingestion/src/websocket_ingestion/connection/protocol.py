"""Home Assistant's WebSocket protocol as data: frames, messages, commands and the login; no socket."""

from __future__ import annotations

from collections.abc import Container
from enum import StrEnum
from typing import Any

import msgspec
from msgspec import Raw, Struct

from websocket_ingestion.messages import Message, MessageType
from websocket_ingestion.registries.registry_changes import RegistryChanges, read_changes


class Frame(Struct, frozen=True, gc=False):
    """The content of one frame: bodies of events in their order, and the answers to commands.

    `odd` of the events are not messages of the protocol: they are passed on unchanged (or as a JSON string, where they
    are no JSON), so that the pipeline rejects them with a reason, and nothing is lost here.
    """

    events: list[Raw]
    replies: list[Message] = []
    odd: int = 0
    changes: RegistryChanges | None = None
    """What the events change for the capture itself; nearly always nothing."""


_REPLIES = frozenset(MessageType) - {MessageType.EVENT}

_frame_decoder = msgspec.json.Decoder(Message | list[Message])
_message_decoder = msgspec.json.Decoder(Message)
_pieces_decoder = msgspec.json.Decoder(list[Raw])
# A few thousand brackets cause a RecursionError. UnicodeDecodeError is ours: msgspec does not validate a Raw.
_UNREADABLE = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError)


def decode_frame(frame: bytes, aside: Container[int] = ()) -> Frame:
    """Decode a frame, which is one message or an array of messages; never raises.

    Events of the subscriptions `aside` are answers to commands.
    """
    try:
        if not frame.isascii():
            frame.decode()
        decoded = _frame_decoder.decode(frame)
    except _UNREADABLE:
        return _decode_piece_by_piece(frame, aside)
    if type(decoded) is list:
        messages = decoded
    elif (
        decoded.type == "event" and len(decoded.event) and decoded.id not in aside
    ):  # the fast path of nearly every frame
        events, changes = read_changes(frame, [decoded.event])
        return Frame(events, [], 0, changes)
    else:
        messages = [decoded]
    events = [message.event for message in messages if _has_event(message) and message.id not in aside]
    replies = []
    if len(events) < len(messages):
        replies = [message for message in messages if _is_reply(message, aside)]
        if len(events) + len(replies) < len(messages):
            return _decode_piece_by_piece(frame, aside)
    events, changes = read_changes(frame, events)
    return Frame(events, replies, 0, changes)


def binary_frame(data: bytes) -> Frame:
    """Return a binary frame, which the protocol does not have, as a text that is kept."""
    return Frame([_as_json_string(data)], odd=1)


def encode_command(message_id: int, kind: str, fields: dict[str, Any]) -> str:
    """Return the text of a command."""
    return msgspec.json.encode({"id": message_id, "type": kind, **fields}).decode()


class LoginPhase(StrEnum):
    """The phase of a login."""

    WAITING = "waiting"
    SENT = "sent"
    OK = "ok"
    INVALID = "invalid"


class Login:
    """The login of one connection: returns the answer to each message of the server."""

    def __init__(self, token: str) -> None:
        self.phase = LoginPhase.WAITING
        self.ha_version: str | None = None
        self.refusal = ""
        self._token = token

    @property
    def is_over(self) -> bool:
        """True once the server has decided."""
        return self.phase in (LoginPhase.OK, LoginPhase.INVALID)

    def receive(self, message: Message) -> str | None:
        """Process a message; return the text to answer, if any."""
        self.ha_version = message.ha_version or self.ha_version
        match message.type:
            case MessageType.AUTH_REQUIRED:
                self.phase = LoginPhase.SENT
                return msgspec.json.encode({"type": "auth", "access_token": self._token}).decode()
            case MessageType.AUTH_OK:
                self.phase = LoginPhase.OK
            case MessageType.AUTH_INVALID:
                self.phase = LoginPhase.INVALID
                self.refusal = message.message
        return None


def _has_event(message: Message) -> bool:
    return message.type == "event" and len(message.event) > 0


def _is_reply(message: Message, aside: Container[int]) -> bool:
    return message.type in _REPLIES or (message.type == "event" and message.id in aside)


def _decode_piece_by_piece(frame: bytes, aside: Container[int]) -> Frame:
    try:
        frame.decode()
        pieces = (
            _pieces_decoder.decode(frame) if frame.lstrip().startswith(b"[") else [msgspec.json.decode(frame, type=Raw)]
        )
    except _UNREADABLE:
        return Frame([_as_json_string(frame)], odd=1)
    events: list[Raw] = []
    replies: list[Message] = []
    odd = 0
    for piece in pieces:
        message = _message_or_none(piece)
        if message is not None and _is_reply(message, aside):
            replies.append(message)
        elif message is not None and _has_event(message):
            events.append(message.event)
        else:
            events.append(piece)
            odd += 1
    events, changes = read_changes(frame, events)
    return Frame(events, replies, odd, changes)


def _message_or_none(piece: Raw) -> Message | None:
    try:
        return _message_decoder.decode(piece)
    except _UNREADABLE:
        return None


def _as_json_string(data: bytes) -> Raw:
    return Raw(msgspec.json.encode(data.decode("utf-8", "backslashreplace")))
