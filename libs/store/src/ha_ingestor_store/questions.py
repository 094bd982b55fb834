"""InfluxReader to the store that need more than a time range, as values."""

from __future__ import annotations

from ha_ingestor_core.gaps import GapReason
from msgspec import Struct

from ha_ingestor_store.points import SeriesKey
from ha_ingestor_store.time_range import ALWAYS, TimeRange


class Homes(Struct, frozen=True):
    """Which homes a question is about: one, or all except a few."""

    only: str | None = None
    but: tuple[str, ...] = ()

    def include(self, home: str) -> bool:
        """Return whether a home is among them."""
        return home not in self.but and self.only in (None, home)


EVERY_HOME = Homes()


class EventCursor(Struct, frozen=True, array_like=True):
    """The last event of a page, newest first: the next page starts after it."""

    time_ns: int
    series: SeriesKey


class RecentEvents(Struct, frozen=True):
    """Events, newest first (within one nanosecond: by their tags), at most `limit`.

    `entity_id` is a glob of `*` and `?`, case-sensitive; `[` is no wildcard. Without a wildcard it is the id of an
    entity, across all its renames; with one it is compared with the stored ids. `domain`, `event_type` and `area` are
    exact; the area is the stored one.
    """

    time_range: TimeRange
    entity_id: str | None = None
    domain: str | None = None
    event_type: str | None = None
    area: str | None = None
    limit: int = 100
    cursor: EventCursor | None = None
    homes: Homes = EVERY_HOME


class GapCursor(Struct, frozen=True, array_like=True):
    """The last gap of a page, by its key: the next page starts after it."""

    start_ns: int
    home: str
    reason: GapReason


class RecentGaps(Struct, frozen=True):
    """Gaps that overlap the range, latest start first (within one nanosecond: by home and reason)."""

    time_range: TimeRange
    home: str | None = None
    limit: int = 100
    cursor: GapCursor | None = None


class AlertCursor(Struct, frozen=True, array_like=True):
    """The last alert of a page, by its key: the next page starts after it."""

    since_ns: int
    rule: str
    service: str


class RecentAlerts(Struct, frozen=True):
    """Alerts that overlap the range, latest start first (within one nanosecond: by rule and service).

    An active alert overlaps every range after its start.
    """

    time_range: TimeRange
    rule: str | None = None
    limit: int = 100
    cursor: AlertCursor | None = None


class RejectedCursor(Struct, frozen=True, array_like=True):
    """The last rejected event of a page: the next page starts after it."""

    time_ns: int
    id: str


class RecentRejected(Struct, frozen=True):
    """Rejected events, newest first (within one nanosecond: by id), at most `limit`; None matches any."""

    time_range: TimeRange = ALWAYS
    home: str | None = None
    service: str | None = None
    key: str | None = None
    limit: int = 100
    cursor: RejectedCursor | None = None
    with_payloads: bool = True
    replayed: bool | None = None


class EntityHistory(Struct, frozen=True):
    """The state changes of one entity of one home, oldest first, at most `limit`, later than `after_ns`.

    No two state changes of an entity of one home have the same time, so the time of the last point is the cursor.
    """

    home: str
    entity_id: str
    time_range: TimeRange
    limit: int = 1000
    after_ns: int | None = None


class EntityWindows(Struct, frozen=True):
    """The numbers of one entity of one home in windows aligned to 1970, oldest first, at most `limit` windows.

    `after_ns` is the start of the last window of the previous page. A value holds until the next one, the last one
    until `now_ns`.
    """

    home: str
    entity_id: str
    time_range: TimeRange
    window_ns: int
    now_ns: int
    limit: int = 1000
    after_ns: int | None = None


class KnownEntities(Struct, frozen=True):
    """Entities as of their newest state change in the range: all, or those with one id."""

    time_range: TimeRange
    entity_id: str | None = None
    homes: Homes = EVERY_HOME


class SilentEntities(Struct, frozen=True):
    """Entities that are silent at `now_ns`, at most `limit`.

    With `before_ns`: those without a state change or sign of life since then. Without: those silent for `factor` times
    their usual interval.
    """

    now_ns: int
    before_ns: int | None = None
    factor: float = 2.0
    limit: int = 100
    homes: Homes = EVERY_HOME
