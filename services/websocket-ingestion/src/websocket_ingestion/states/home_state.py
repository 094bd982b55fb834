"""The state of a home at the beginning of a connection, with which a gap is compared."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec
from ha_ingestor_core.events import Registries
from msgspec import Raw, Struct

from websocket_ingestion.messages import CommandRunner
from websocket_ingestion.states.snapshot import Snapshot


class HomeState(Struct, frozen=True):
    """A home at the subscription: `now_ns` is the latest time of its own clock, `since` that of our monotonic clock.

    `updated` has the time of the last update of each entity's state, `restored` the entities that were only restored
    from the registry after a restart; `registered` are the entities that may have a state.
    """

    runner: CommandRunner
    now_ns: int
    since: float
    updated: Mapping[str, int]
    restored: frozenset[str]
    registered: frozenset[str]


def read_home_state(
    runner: CommandRunner, *, clock_ns: int, since: float, snapshot: Snapshot, registries: Registries
) -> HomeState:
    """Return the state of a home, whose clock shows `clock_ns` at the latest, whatever the times of states are."""
    return HomeState(
        runner=runner,
        now_ns=clock_ns,
        since=since,
        updated=snapshot.updated,
        restored=snapshot.restored,
        registered=registered_entities(registries.entities),
    )


class _Entry(Struct):
    entity_id: str
    disabled_by: str | None = None


def registered_entities(entities: Raw) -> frozenset[str]:
    """Return the entities of a registry that are not disabled; unreadable entries are skipped."""
    try:
        entries = msgspec.json.decode(entities, type=list[Raw])
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return frozenset()
    return frozenset(entry.entity_id for entry in map(_entry, entries) if entry and entry.disabled_by is None)


def _entry(raw: Raw) -> _Entry | None:
    try:
        return msgspec.json.decode(raw, type=_Entry)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None
