"""WebSocket messages in the format of Home Assistant: a result begins with its id, an event ends with it."""

from __future__ import annotations

from typing import Any

import msgspec

from ha_ingestor.demo_home.house import HA_VERSION

AUTH_REQUIRED = msgspec.json.encode({"type": "auth_required", "ha_version": HA_VERSION})
AUTH_OK = msgspec.json.encode({"type": "auth_ok", "ha_version": HA_VERSION})


def auth_invalid(message: str) -> bytes:
    """Return the refusal of a login."""
    return msgspec.json.encode({"type": "auth_invalid", "message": message})


def pong(message_id: int) -> bytes:
    """Return the answer to a ping."""
    return msgspec.json.encode({"id": message_id, "type": "pong"})


def result(message_id: int, payload: Any = None) -> bytes:
    """Return the answer to a successful command."""
    return msgspec.json.encode({"id": message_id, "type": "result", "success": True, "result": payload})


def error(message_id: Any, code: str, message: str) -> bytes:
    """Return the answer to a failed command."""
    failure = {"code": code, "message": message}
    return msgspec.json.encode({"id": message_id, "type": "result", "success": False, "error": failure})


def event(message_id: int, event_json: bytes) -> bytes:
    """Return the message of an event for one subscription, from encoded JSON."""
    return b'{"type":"event","event":%b,"id":%d}' % (event_json, message_id)
