"""What has to be known of a home's entities to fill gaps; saved with the gaps, through all connections."""

from __future__ import annotations

from collections.abc import Iterable

from ha_ingestor_core.gaps import Gap
from msgspec import Struct, field

from websocket_ingestion.gaps.filling_plan import MARGIN_NS
from websocket_ingestion.registries.registry_changes import RegistryChanges
from websocket_ingestion.registries.renames import Rename, current_id
from websocket_ingestion.states.home_state import HomeState

_MOST_RENAMES = 10_000

RestoredState = tuple[str, int]
"""An entity, and the time of the `unavailable` that Home Assistant wrote for it after a restart: no event."""


def changed_in(gap: Gap, now: HomeState) -> dict[str, int]:
    """Return the entities that may have changed in a gap, and when they changed last: the history must have it.

    A change between the gap and the snapshot hides those before it, so it counts as far as the history is requested.
    """
    latest_ns = gap.end_ns + MARGIN_NS
    return {entity: time_ns for entity, time_ns in now.updated.items() if gap.start_ns < time_ns < latest_ns}


def home_started_in(gap: Gap, now: HomeState) -> int | None:
    """Return when Home Assistant was started, if that was in a gap: a start sets every state anew."""
    started_ns = min(now.updated.values(), default=0)
    return started_ns if gap.start_ns < started_ns < gap.end_ns else None


class KnownEntities(Struct):
    """`entities` may have changed in a gap; the removal of those in `removed` was captured.

    `renames` are all that ever were, in the order of their times: the history uses the current ids only.
    """

    entities: set[str] = set()
    removed: set[str] = field(default_factory=set, name="gone")  # their names in existing files
    restored: set[RestoredState] = field(default_factory=set, name="memories")
    renames: list[Rename] = []

    def apply(self, changes: RegistryChanges) -> bool:
        """Apply what events changed; return whether anything was new."""
        before = len(self.entities), len(self.removed), len(self.restored), len(self.renames)
        self.entities.update(changes.added)
        self.removed.difference_update(changes.added)
        self.removed.update(changes.removed)
        self.restored.update(changes.restored)
        self.add_renames(changes.renamed)
        return before != (len(self.entities), len(self.removed), len(self.restored), len(self.renames))

    def add_renames(self, renames: Iterable[Rename]) -> list[Rename]:
        """Add renames; return those that were not known. Known ones come again where older registries were saved."""
        new = []
        for rename in renames:
            if current_id(rename.old_id, self.renames) != rename.new_id:
                new.append(rename)
                self.renames.append(rename)
        self.renames.sort(key=lambda rename: rename.time_ns)
        del self.renames[:-_MOST_RENAMES]
        return new

    def vanished(self, now: HomeState) -> set[str]:
        """Return the entities that no longer exist, and whose removal was not captured."""
        if not now.updated:  # Home Assistant refused the snapshot
            return set()
        return self.entities - now.updated.keys() - self.removed - {rename.old_id for rename in self.renames}

    def connected(self, now: HomeState, gaps: Iterable[Gap]) -> None:
        """Apply the state at a connection; of removed entities only those that open gaps need are kept."""
        starts = [gap.start_ns for gap in gaps]
        here = set(now.updated)
        self.entities = here | (self.entities if starts else set())
        self.removed = self.entities - here
        oldest_ns = min(starts, default=now.now_ns) - MARGIN_NS
        restored = self.restored | {(entity, now.updated[entity]) for entity in now.restored}
        self.restored = {(entity, time_ns) for entity, time_ns in restored if time_ns >= oldest_ns}
