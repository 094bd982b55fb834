"""The questions that need more than a time range, as values."""

from __future__ import annotations

from ha_ingestor_core.gaps import GapReason
from msgspec import Struct

from ha_ingestor_store.points import SeriesKey
from ha_ingestor_store.time_range import ALWAYS, TimeRange


class Homes(Struct, frozen=True):
    """Which homes are asked about: one, or all but a few."""

    only: str | None = None
    but: tuple[str, ...] = ()

    def include(self, home: str) -> bool:
        """Whether a home is among them."""
        return home not in self.but and self.only in (None, home)


EVERY_HOME = Homes()


class EventCursor(Struct, frozen=True, array_like=True):
    """The last event of a page, newest first: the next page holds what sorts after it."""

    time_ns: int
    series: SeriesKey


class RecentEvents(Struct, frozen=True):
    """Events, newest first (within one nanosecond: by their tags), at most `limit`.

    `entity_id` is a glob of `*` and `?`, case-sensitive; a `[` stands for itself. Without a wildcard it names an
    entity, through all its renames; with one it is held against the ids that events were stored with. `domain`,
    `event_type` and `area` are exact; the area is the one that an event was stored with.
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
    """The last gap of a page, by its key: the next page holds what sorts after it."""

    start_ns: int
    home: str
    reason: GapReason


class RecentGaps(Struct, frozen=True):
    """Gaps that overlap the range, those that began last first (within one nanosecond: by home and reason)."""

    time_range: TimeRange
    home: str | None = None
    limit: int = 100
    cursor: GapCursor | None = None


class AlertCursor(Struct, frozen=True, array_like=True):
    """The last alert of a page, by its key: the next page holds what sorts after it."""

    since_ns: int
    rule: str
    service: str


class RecentAlerts(Struct, frozen=True):
    """Alerts that overlap the range, those that began last first (within one nanosecond: by rule and service).

    An alert that is active reaches into every range after it began.
    """

    time_range: TimeRange
    rule: str | None = None
    limit: int = 100
    cursor: AlertCursor | None = None


class RejectedCursor(Struct, frozen=True, array_like=True):
    """The last rejected event of a page: the next page holds what sorts after it."""

    time_ns: int
    id: str


class RecentRejected(Struct, frozen=True):
    """Rejected events, newest first (within one nanosecond: by id), at most `limit`; what is None is any."""

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

    In one home no two state changes of an entity share a nanosecond, so the time of a page's last point is its cursor.
    """

    home: str
    entity_id: str
    time_range: TimeRange
    limit: int = 1000
    after_ns: int | None = None


class EntityWindows(Struct, frozen=True):
    """The numbers of one entity of one home in windows aligned to 1970, oldest first, at most `limit` windows.

    `after_ns` is the start of the last window of the page before. A value holds until the next one, the last until
    `now_ns`.
    """

    home: str
    entity_id: str
    time_range: TimeRange
    window_ns: int
    now_ns: int
    limit: int = 1000
    after_ns: int | None = None


class KnownEntities(Struct, frozen=True):
    """Entities as their newest state change of the range tells them: all, or those of one id."""

    time_range: TimeRange
    entity_id: str | None = None
    homes: Homes = EVERY_HOME


class SilentEntities(Struct, frozen=True):
    """Entities that are silent at `now_ns`, at most `limit`.

    With `before_ns`: those not heard of since then. Without: those silent for `factor` times their usual interval.
    """

    now_ns: int
    before_ns: int | None = None
    factor: float = 2.0
    limit: int = 100
    homes: Homes = EVERY_HOME
