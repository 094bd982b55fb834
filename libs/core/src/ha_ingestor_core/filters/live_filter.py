"""The filter of the stream and of live taps."""

from __future__ import annotations

from collections.abc import Callable

from msgspec import Struct

from ha_ingestor_core.filters.globs import glob

Accepts = Callable[[str, str | None, str | None, str | None, str | None], bool]
"""Returns whether an event matches: by home, event type, domain, entity ID and area, None where it has none."""


class LiveFilter(Struct, frozen=True):
    """The criteria for events; None matches any. `entity_id` is a glob of `*` and `?`, the others are exact."""

    entity_id: str | None = None
    domain: str | None = None
    event_type: str | None = None
    area: str | None = None
    home: str | None = None

    def matcher(self) -> Accepts:
        """Return the function that decides for every event."""
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
