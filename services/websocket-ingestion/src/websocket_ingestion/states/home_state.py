"""What a connection tells of its home at its beginning: the states and entities that a gap is compared with."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec
from ha_ingestor_core.events import Registries
from msgspec import Raw, Struct

from websocket_ingestion.messages import CommandRunner
from websocket_ingestion.states.snapshot import Snapshot


class HomeState(Struct, frozen=True):
    """A home as it was found: `now_ns` is the latest that its own clock showed, `since` the time of our monotonic one.

    `updated` tells when each entity's state was last updated, `restored` which of them are no states but memories of a
    Home Assistant that was restarted; `registered` are the entities that may have a state.
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
    """The home that a snapshot tells of; its clock shows `clock_ns` at the latest, whatever a state says."""
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
    """The entities of a registry that are not disabled; entries that can't be read are passed over."""
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
