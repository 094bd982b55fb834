"""Messages of Home Assistant's WebSocket API, and the interface that runs its commands."""

from __future__ import annotations

from enum import StrEnum
from typing import Any, Protocol

import msgspec
from msgspec import Raw, Struct


class MessageType(StrEnum):
    """The types of the server's messages that are used."""

    AUTH_REQUIRED = "auth_required"
    AUTH_OK = "auth_ok"
    AUTH_INVALID = "auth_invalid"
    EVENT = "event"
    RESULT = "result"
    PONG = "pong"


class CommandError(Struct, frozen=True):
    """Why a command was refused, in Home Assistant's words."""

    code: str = "unknown_error"
    message: str = ""


class Message(Struct, frozen=True, gc=False):
    """One message of the server; bodies stay JSON as received, and are empty where there was none."""

    type: str = ""
    id: int = 0
    event: Raw = Raw(b"")
    success: bool = False
    result: Raw = Raw(b"")
    error: Raw = Raw(b"")
    message: str = ""
    ha_version: str | None = None

    @property
    def refusal(self) -> CommandError:
        """The error of a failed result; one of another shape becomes its message."""
        try:
            return msgspec.json.decode(self.error, type=CommandError)
        except msgspec.MsgspecError:
            return CommandError(message=bytes(self.error).decode("utf-8", "replace"))


class CommandRunner(Protocol):
    """Runs commands on Home Assistant."""

    async def command(self, kind: str, **fields: Any) -> Message:
        """Run a command and return its reply; raises CommandRefusedError and ConnectionLostError."""
        ...
