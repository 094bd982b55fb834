"""Renames: which entity had an id at which time, so that a history includes all ids of an entity.

Home Assistant announces a rename by an `entity_registry_updated` with `old_entity_id`. Events keep their original id,
which is part of their key, so a question about an entity is asked for each of its ids in the time of that id.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from itertools import pairwise
from typing import Any, NamedTuple

import msgspec
from msgspec import Struct

from ha_ingestor_store.points import EventPoint
from ha_ingestor_store.questions import EVERY_HOME, Homes

ENTITY_REGISTRY_UPDATED = "entity_registry_updated"
BEGIN_NS, END_NS = -(2**63), 2**63 - 1

HomeEntity = tuple[str, str]
"""A home and an entity id."""


class Rename(Struct, frozen=True):
    """From `time_ns` on, the entity `old_id` of a home has the id `new_id`."""

    home: str
    old_id: str
    new_id: str
    time_ns: int


class IdRange(NamedTuple):
    """The time range [start_ns, end_ns) in which an entity had one id."""

    entity_id: str
    start_ns: int = BEGIN_NS
    end_ns: int = END_NS
    homes: Homes = EVERY_HOME


class _RegistryUpdate(Struct):
    entity_id: Any = None
    old_entity_id: Any = None


_updates = msgspec.json.Decoder(_RegistryUpdate)


def renames_in(points: Iterable[EventPoint]) -> list[Rename]:
    """Return the renames that these events announce."""
    return [r for point in points if point.event_type == ENTITY_REGISTRY_UPDATED and (r := _rename(point)) is not None]


class Renames:
    """All known renames."""

    def __init__(self, renames: Iterable[Rename] = ()) -> None:
        ordered = sorted(renames, key=lambda r: (r.time_ns, r.home, r.old_id, r.new_id))
        self._number = len(ordered)
        self._of_id: dict[HomeEntity, list[Rename]] = defaultdict(list)
        for rename in ordered:
            old, new = self._of_id[rename.home, rename.old_id], self._of_id[rename.home, rename.new_id]
            if old and new and old[-1] is new[-1] and old[-1].new_id == rename.new_id:
                continue  # found twice: announced by Home Assistant, and by comparing its registry before and after
            old.append(rename)
            new.append(rename)
        self._homes = sorted({rename.home for rename in ordered})

    def __len__(self) -> int:
        return self._number

    def id_ranges(self, entity_id: str, homes: Homes = EVERY_HOME) -> list[IdRange]:
        """Return the ranges of all ids of the entity with this id, latest first, separately for homes with renames."""
        with_renames = [home for home in self._homes if homes.include(home) and self._renames_of(home, entity_id)]
        found = [id_range for home in with_renames for id_range in self._walk(home, entity_id)]
        if homes.only is None:
            found.append(IdRange(entity_id, homes=Homes(but=(*homes.but, *with_renames))))
        elif not with_renames:
            found.append(IdRange(entity_id, homes=homes))
        return sorted(found, key=lambda id_range: -id_range.end_ns)

    def since(self, home: str, entity_id: str) -> int:
        """Return the time since which the id belongs to its current entity."""
        return max((r.time_ns for r in self._renames_of(home, entity_id)), default=BEGIN_NS)

    def owners(self, home: str, entity_id: str, start_ns: int, end_ns: int) -> list[tuple[IdRange, str]]:
        """Return the ranges of an id within a range, oldest first, each with the current id of its entity."""
        cuts = [r.time_ns for r in self._renames_of(home, entity_id) if start_ns < r.time_ns < end_ns]
        edges = [start_ns, *sorted(set(cuts)), end_ns]
        return [
            (IdRange(entity_id, begin, end, Homes(only=home)), self._current_id(home, entity_id, begin))
            for begin, end in pairwise(edges)
        ]

    def given_up(self) -> set[HomeEntity]:
        """Return every id from which an entity was renamed."""
        return {(home, r.old_id) for (home, _), renames in self._of_id.items() for r in renames}

    def _walk(self, home: str, entity_id: str) -> Iterable[IdRange]:
        """Return the ranges of one entity, the latest first, until its id was unused or another entity's."""
        end_ns = END_NS
        while True:
            before = [r for r in self._renames_of(home, entity_id) if r.time_ns < end_ns]
            last = before[-1] if before else None
            yield IdRange(entity_id, last.time_ns if last else BEGIN_NS, end_ns, Homes(only=home))
            if last is None or last.new_id != entity_id:
                return
            entity_id, end_ns = last.old_id, last.time_ns

    def _current_id(self, home: str, entity_id: str, time_ns: int) -> str:
        """Return the current id of the entity that had this id at that time."""
        while after := [r for r in self._renames_of(home, entity_id) if r.time_ns > time_ns]:
            if after[0].old_id != entity_id:
                break
            entity_id, time_ns = after[0].new_id, after[0].time_ns
        return entity_id

    def _renames_of(self, home: str, entity_id: str) -> list[Rename]:
        return self._of_id.get((home, entity_id), [])


NO_RENAMES = Renames()


def _rename(point: EventPoint) -> Rename | None:
    if not point.data or '"old_entity_id"' not in point.data:
        return None
    try:
        update = _updates.decode(point.data)
    except msgspec.MsgspecError:
        return None
    old, new = update.old_entity_id, update.entity_id
    if not (isinstance(old, str) and isinstance(new, str) and old and new) or old == new:
        return None
    return Rename(point.home, old, new, point.time_ns)
