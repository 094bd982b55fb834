"""The commands of the simulated Home Assistant: pure functions from a message to a result."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import msgspec
from msgspec import Struct

from ha_ingestor.demo_home.history import HistoryRequest
from ha_ingestor.demo_home.house import House

Command = Callable[[House, dict[str, Any]], Any]


class CommandError(Exception):
    """A refusal, with Home Assistant's error code."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


def run_command(house: House, message: dict[str, Any]) -> Any:
    """Return the result of a command; raises CommandError."""
    command = COMMANDS.get(message["type"])
    if command is None:
        raise CommandError("unknown_command", "Unknown command.")
    return command(house, message)


class _HistoryMessage(Struct):
    start_time: str
    entity_ids: list[str]
    end_time: str | None = None
    include_start_time_state: bool = True
    significant_changes_only: bool = True
    minimal_response: bool = False
    no_attributes: bool = False


def _history_during_period(house: House, message: dict[str, Any]) -> dict[str, Any]:
    try:
        wanted = msgspec.convert(message, _HistoryMessage)
    except msgspec.ValidationError as err:
        raise CommandError("invalid_format", str(err)) from err
    request = HistoryRequest(
        start=_timestamp("start_time", wanted.start_time),
        end=None if wanted.end_time is None else _timestamp("end_time", wanted.end_time),
        include_start_time_state=wanted.include_start_time_state,
        significant_changes_only=wanted.significant_changes_only,
        minimal_response=wanted.minimal_response,
        no_attributes=wanted.no_attributes,
    )
    return house.recorder.during(wanted.entity_ids, request)


def _timestamp(field: str, text: str) -> float:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as err:
        raise CommandError(f"invalid_{field}", f"Invalid {field}") from err
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


COMMANDS: dict[str, Command] = {
    "get_config": lambda house, _: house.config(),
    "get_states": lambda house, _: house.states(),
    "config/area_registry/list": lambda house, _: house.registries.areas,
    "config/floor_registry/list": lambda house, _: house.registries.floors,
    "config/label_registry/list": lambda house, _: house.registries.labels,
    "config/device_registry/list": lambda house, _: house.registries.devices,
    "config/entity_registry/list": lambda house, _: house.registries.entities,
    "history/history_during_period": _history_during_period,
}
