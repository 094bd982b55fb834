"""Renames: which entity had an id at which time, so that a history stays one through all its names.

Home Assistant tells a rename by an `entity_registry_updated` that carries `old_entity_id`. The events keep the id that
they came with, since it is part of their key; a question for an entity is asked in id_ranges, one for each of its ids.
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
    """From `time_ns` on, what was called `old_id` in a home is called `new_id`."""

    home: str
    old_id: str
    new_id: str
    time_ns: int


class IdRange(NamedTuple):
    """The time [start_ns, end_ns) in which an entity had one id."""

    entity_id: str
    start_ns: int = BEGIN_NS
    end_ns: int = END_NS
    homes: Homes = EVERY_HOME


class _RegistryUpdate(Struct):
    entity_id: Any = None
    old_entity_id: Any = None


_updates = msgspec.json.Decoder(_RegistryUpdate)


def renames_in(points: Iterable[EventPoint]) -> list[Rename]:
    """The renames that events tell of."""
    return [r for point in points if point.event_type == ENTITY_REGISTRY_UPDATED and (r := _rename(point)) is not None]


class Renames:
    """All renames that are known."""

    def __init__(self, renames: Iterable[Rename] = ()) -> None:
        ordered = sorted(renames, key=lambda r: (r.time_ns, r.home, r.old_id, r.new_id))
        self._number = len(ordered)
        self._of_id: dict[HomeEntity, list[Rename]] = defaultdict(list)
        for rename in ordered:
            old, new = self._of_id[rename.home, rename.old_id], self._of_id[rename.home, rename.new_id]
            if old and new and old[-1] is new[-1] and old[-1].new_id == rename.new_id:
                continue  # told twice: by Home Assistant, and by comparing what its registry said before and after
            old.append(rename)
            new.append(rename)
        self._homes = sorted({rename.home for rename in ordered})

    def __len__(self) -> int:
        return self._number

    def id_ranges(self, entity_id: str, homes: Homes = EVERY_HOME) -> list[IdRange]:
        """What to ask for the entity that has this id now, the latest first; homes where it was renamed one by one."""
        concerned = [home for home in self._homes if homes.include(home) and self._touching(home, entity_id)]
        found = [id_range for home in concerned for id_range in self._walk(home, entity_id)]
        if homes.only is None:
            found.append(IdRange(entity_id, homes=Homes(but=(*homes.but, *concerned))))
        elif not concerned:
            found.append(IdRange(entity_id, homes=homes))
        return sorted(found, key=lambda id_range: -id_range.end_ns)

    def since(self, home: str, entity_id: str) -> int:
        """From when on this id is that of the entity that has it now."""
        return max((r.time_ns for r in self._touching(home, entity_id)), default=BEGIN_NS)

    def owners(self, home: str, entity_id: str, start_ns: int, end_ns: int) -> list[tuple[IdRange, str]]:
        """Return the ranges of an id within a range, oldest first, each with the current id of its entity."""
        cuts = [r.time_ns for r in self._touching(home, entity_id) if start_ns < r.time_ns < end_ns]
        edges = [start_ns, *sorted(set(cuts)), end_ns]
        return [
            (IdRange(entity_id, begin, end, Homes(only=home)), self._name_now(home, entity_id, begin))
            for begin, end in pairwise(edges)
        ]

    def given_up(self) -> set[HomeEntity]:
        """(home, id) of every id that an entity once had and was renamed away from."""
        return {(home, r.old_id) for (home, _), renames in self._of_id.items() for r in renames}

    def _walk(self, home: str, entity_id: str) -> Iterable[IdRange]:
        """Return the ranges of one entity, the latest first, until its id was unused or another entity's."""
        end_ns = END_NS
        while True:
            before = [r for r in self._touching(home, entity_id) if r.time_ns < end_ns]
            last = before[-1] if before else None
            yield IdRange(entity_id, last.time_ns if last else BEGIN_NS, end_ns, Homes(only=home))
            if last is None or last.new_id != entity_id:
                return
            entity_id, end_ns = last.old_id, last.time_ns

    def _name_now(self, home: str, entity_id: str, time_ns: int) -> str:
        """What the entity that had this id at that time is called today."""
        while after := [r for r in self._touching(home, entity_id) if r.time_ns > time_ns]:
            if after[0].old_id != entity_id:
                break
            entity_id, time_ns = after[0].new_id, after[0].time_ns
        return entity_id

    def _touching(self, home: str, entity_id: str) -> list[Rename]:
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
