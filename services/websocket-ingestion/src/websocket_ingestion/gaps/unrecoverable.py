"""What of a gap cannot be recovered, and why, in a sentence each."""

from __future__ import annotations

from collections.abc import Collection

from ha_ingestor_core.clock import ns_to_datetime
from ha_ingestor_core.gaps import Gap

from websocket_ingestion.errors import CommandRefusedError
from websocket_ingestion.gaps.filling_plan import FillingLimits, shortened

OTHER_EVENTS = "Events other than state changes: Home Assistant keeps no history of them."
"""Applies to every gap, and does not make one partial."""


def home_started(started_ns: int) -> str:
    """Home Assistant was restarted in the gap; this does not make it partial."""
    return (
        f"Home Assistant was started at {ns_to_datetime(started_ns):%Y-%m-%d %H:%M:%S} UTC. If it was not shut down "
        "properly, its recorder lacks the changes of its last seconds, and they cannot be determined."
    )


NOT_REQUESTED = "State changes: GAP_FILLING is off, so the history was not requested."

BY_ENTITY = frozenset({"invalid_entity_ids", "invalid_format"})
"""Home Assistant's codes for a request that it may have refused for one of its entities."""


def history_refused(refusal: CommandRefusedError) -> str:
    """The history cannot be requested at all."""
    if refusal.code == "unknown_command":
        return (
            "State changes: Home Assistant runs without its history integration (`history:`), so there is no history."
        )
    return f"State changes: Home Assistant does not allow this token to read its history ({refusal.code})."


def not_recorded(entities: Collection[str]) -> list[str]:
    """Entities that changed in the gap, and whose changes the history lacks."""
    if not entities:
        return []
    return [
        f"Changes of {len(entities)} entities whose last change is missing in the history, as with entities that Home "
        f"Assistant's recorder excludes: {shortened(entities)}."
    ]


def never_sent(entities: Collection[str], missing: Collection[str]) -> list[str]:
    """Entities for which Home Assistant sent no events, and those of them whose last state its history lacks."""
    known = f" Its history lacks the last change of {shortened(missing)}." if missing else ""
    return [
        f"Home Assistant sent no events for changes of {shortened(entities)}, as with attributes that cannot be JSON: "
        f"its recorder cannot store such a state either.{known}"
    ]


def refused(entities: Collection[str], refusal: CommandRefusedError) -> list[str]:
    """Entities for which Home Assistant refuses a request for history."""
    return [f"Changes of {shortened(entities)}: Home Assistant refused the request ({refusal.code})."]


def too_old(gap: Gap, kept_from_ns: int, limits: FillingLimits) -> list[str]:
    """The part of the gap that the recorder has purged."""
    if gap.start_ns >= kept_from_ns:
        return []
    until = min(ns_to_datetime(kept_from_ns), ns_to_datetime(gap.end_ns))
    return [
        f"State changes before {until:%Y-%m-%d %H:%M} UTC that are older than what the recorder keeps "
        f"(HISTORY_KEEP_DAYS={limits.keep_days})."
    ]


def given_up(message: str) -> str:
    """Home Assistant kept refusing, or its answers could not be read."""
    return f"State changes: Home Assistant's history could not be read in repeated attempts: {message}."
