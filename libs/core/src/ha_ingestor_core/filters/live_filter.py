"""Which events are wanted as they come: what the stream and the tap filter by."""

from __future__ import annotations

from collections.abc import Callable

from msgspec import Struct

from ha_ingestor_core.filters.globs import glob

Accepts = Callable[[str, str | None, str | None, str | None, str | None], bool]
"""Whether an event is wanted, by its home, event type, domain, entity id and area; what it does not have is None."""


class LiveFilter(Struct, frozen=True):
    """The wanted events; None is any. `entity_id` is a glob of `*` and `?`, the others are exact."""

    entity_id: str | None = None
    domain: str | None = None
    event_type: str | None = None
    area: str | None = None
    home: str | None = None

    def matcher(self) -> Accepts:
        """Return the function that decides; build it once, it is called for every event."""
        matches = None if self.entity_id is None else glob(self.entity_id).fullmatch
        wanted_home, wanted_type, wanted_domain, wanted_area = self.home, self.event_type, self.domain, self.area

        def accepts(
            home: str, event_type: str | None, domain: str | None, entity_id: str | None, area: str | None
        ) -> bool:
            return (
                wanted_home in (None, home)
                and wanted_type in (None, event_type)
                and wanted_domain in (None, domain)
                and wanted_area in (None, area)
                and (matches is None or (entity_id is not None and matches(entity_id) is not None))
            )

        return accepts


EVERY_EVENT = LiveFilter()
