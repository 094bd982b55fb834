"""What a home told of its entities, as far as gaps have to know it: kept on disk with them, through all connections."""

from __future__ import annotations

from collections.abc import Iterable

from ha_ingestor_core.gaps import Gap
from msgspec import Struct

from websocket_ingestion.gaps.plan import MARGIN_NS
from websocket_ingestion.registries.registry_changes import RegistryChanges
from websocket_ingestion.registries.renames import Rename, current_id
from websocket_ingestion.states.home_state import HomeState

_MOST_RENAMES = 10_000

Memory = tuple[str, int]
"""An entity, and the time of the `unavailable` that Home Assistant wrote for it after a restart: no transition."""


def changed_in(gap: Gap, now: HomeState) -> dict[str, int]:
    """The entities that may have changed in a gap, and when they changed last: the history has to know just that.

    A change between the gap and the snapshot hides those before it, so it counts as far as the history is asked.
    """
    latest_ns = gap.end_ns + MARGIN_NS
    return {entity: time_ns for entity, time_ns in now.updated.items() if gap.start_ns < time_ns < latest_ns}


def home_started_in(gap: Gap, now: HomeState) -> int | None:
    """When Home Assistant was started, if that was in a gap: it begins every state anew."""
    started_ns = min(now.updated.values(), default=0)
    return started_ns if gap.start_ns < started_ns < gap.end_ns else None


class KnownEntities(Struct):
    """`entities` may have changed in a gap; those of them that are `gone` were seen to go.

    `renames` are all that ever were, in the order of their times: the history tells everything by the ids of today.
    """

    entities: set[str] = set()
    gone: set[str] = set()
    memories: set[Memory] = set()
    renames: list[Rename] = []

    def apply(self, changes: RegistryChanges) -> bool:
        """Take over what events told; whether anything was new."""
        before = len(self.entities), len(self.gone), len(self.memories), len(self.renames)
        self.entities.update(changes.added)
        self.gone.difference_update(changes.added)
        self.gone.update(changes.removed)
        self.memories.update(changes.restored)
        self.add_renames(changes.renamed)
        return before != (len(self.entities), len(self.gone), len(self.memories), len(self.renames))

    def add_renames(self, renames: Iterable[Rename]) -> list[Rename]:
        """Take over renames but those that are known, which are told again where registries were kept before them."""
        new = []
        for rename in renames:
            if current_id(rename.old_id, self.renames) != rename.new_id:
                new.append(rename)
                self.renames.append(rename)
        self.renames.sort(key=lambda rename: rename.time_ns)
        del self.renames[:-_MOST_RENAMES]
        return new

    def vanished(self, now: HomeState) -> set[str]:
        """The entities that are not there any more, and that nobody saw to go."""
        if not now.updated:  # Home Assistant refused to tell
            return set()
        return self.entities - now.updated.keys() - self.gone - {rename.old_id for rename in self.renames}

    def connected(self, now: HomeState, gaps: Iterable[Gap]) -> None:
        """Take over what a connection found; of what is gone no more is kept than the open gaps may have to ask for."""
        starts = [gap.start_ns for gap in gaps]
        here = set(now.updated)
        self.entities = here | (self.entities if starts else set())
        self.gone = self.entities - here
        oldest_ns = min(starts, default=now.now_ns) - MARGIN_NS
        memories = self.memories | {(entity, now.updated[entity]) for entity in now.restored}
        self.memories = {(entity, time_ns) for entity, time_ns in memories if time_ns >= oldest_ns}
