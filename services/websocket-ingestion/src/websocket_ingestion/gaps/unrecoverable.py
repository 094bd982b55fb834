"""What of a gap could not be recovered, and why, in a sentence each."""

from __future__ import annotations

from collections.abc import Collection

from ha_ingestor_core.clock import ns_to_datetime
from ha_ingestor_core.gaps import Gap

from websocket_ingestion.errors import CommandRefusedError
from websocket_ingestion.gaps.plan import FillingLimits, named

OTHER_EVENTS = "Events other than state changes: Home Assistant keeps no history of them."
"""True of every gap, and no reason to call one partial."""


def home_started(started_ns: int) -> str:
    """Home Assistant ended and started in the gap; no reason to call it partial."""
    return (
        f"Home Assistant was started at {ns_to_datetime(started_ns):%Y-%m-%d %H:%M:%S} UTC. If it had not been stopped "
        "in order, its recorder lacks the changes of its last seconds, and nobody can say which."
    )


NOT_REQUESTED = "State changes: GAP_FILLING is off, so the history was not asked."

BY_ENTITY = frozenset({"invalid_entity_ids", "invalid_format"})
"""Home Assistant's codes for a question that one of its entities may have spoilt."""


def history_refused(refusal: CommandRefusedError) -> str:
    """The history can't be asked at all."""
    if refusal.code == "unknown_command":
        return (
            "State changes: Home Assistant runs without its history integration (`history:`), so it could not be asked."
        )
    return f"State changes: Home Assistant does not let this token ask its history ({refusal.code})."


def not_recorded(entities: Collection[str]) -> list[str]:
    """Entities that changed in the gap, of which the history knows nothing."""
    if not entities:
        return []
    return [
        f"Changes of {len(entities)} entities of whose last one the history knows nothing, as of those that Home "
        f"Assistant's recorder leaves out: {named(entities)}."
    ]


def never_sent(entities: Collection[str], missing: Collection[str]) -> list[str]:
    """Entities of which Home Assistant sent no events, and those of them whose last state its history does not know."""
    known = f" Its history does not know the last one of {named(missing)}." if missing else ""
    return [
        f"Home Assistant sent no events for changes of {named(entities)}, as where an attribute can't be JSON: its "
        f"recorder can't store such a state either.{known}"
    ]


def refused(entities: Collection[str], refusal: CommandRefusedError) -> list[str]:
    """Entities that the history does not take a question for."""
    return [f"Changes of {named(entities)}: Home Assistant refused the question ({refusal.code})."]


def too_old(gap: Gap, kept_from_ns: int, limits: FillingLimits) -> list[str]:
    """The part of the gap that the recorder has forgotten."""
    if gap.start_ns >= kept_from_ns:
        return []
    until = min(ns_to_datetime(kept_from_ns), ns_to_datetime(gap.end_ns))
    return [
        f"State changes before {until:%Y-%m-%d %H:%M} UTC that are older than what the recorder keeps "
        f"(HISTORY_KEEP_DAYS={limits.keep_days})."
    ]


def given_up(message: str) -> str:
    """Home Assistant went on refusing, or answered something that could not be read."""
    return f"State changes: Home Assistant's history could not be read, again and again: {message}."
