"""The typed answers of the store; every dialect gives the same."""

from __future__ import annotations

from collections.abc import Hashable, Iterable

from ha_ingestor_core.alerts import Alert
from ha_ingestor_core.gaps import Gap
from msgspec import Struct

from ha_ingestor_store.points import EventPoint, RejectedEvent
from ha_ingestor_store.questions import AlertCursor, EventCursor, GapCursor, RejectedCursor


class WriteResult(Struct, frozen=True):
    """What became of a batch of points. written + duplicate + len(rejected) + len(expired) = points of the batch.

    `duplicates` and `expired` (older than the store keeps) are indices in the batch, ascending; of several with one new
    key the first is written.
    """

    written: int = 0
    duplicates: list[int] = []
    rejected: list[RejectedPoint] = []
    expired: list[int] = []

    @property
    def duplicate(self) -> int:
        """How many were there already."""
        return len(self.duplicates)


def repeats(keys: Iterable[Hashable], new: Iterable[Hashable]) -> list[int]:
    """The indices of the keys of a batch that are not `new`; of several that are equal, the first is."""
    unseen = set(new)
    duplicates = []
    for index, key in enumerate(keys):
        if key in unseen:
            unseen.remove(key)
        else:
            duplicates.append(index)
    return duplicates


class RejectedPoint(Struct, frozen=True):
    """A point that the store refused, by its index in the batch, with the store's reason."""

    index: int
    key: str
    message: str


class Coverage(Struct, frozen=True):
    """From when an answer counts: later than the asked start where capture began later. None: nothing captured yet."""

    start_ns: int | None
    complete: bool


class EventCount(Struct, frozen=True):
    """How many events."""

    total: int
    coverage: Coverage


class EventStatistics(Struct, frozen=True):
    """How many events, and of what."""

    total: int
    by_event_type: dict[str, int]
    by_domain: dict[str, int]
    coverage: Coverage


class TrendPoint(Struct, frozen=True):
    """The count of one window that starts at `start_ns`."""

    start_ns: int
    count: int


class ErrorRate(Struct, frozen=True):
    """Writes to the store over a period, all services together."""

    total_writes: int
    write_errors: int

    @property
    def percent(self) -> float | None:
        """Errors in percent of the writes; None without writes."""
        return 100.0 * self.write_errors / self.total_writes if self.total_writes else None


class ServiceStatistics(Struct, frozen=True):
    """One service over a period: counters as sums, ratios from sums, percentiles from summed buckets, latest levels."""

    service: str
    counters: dict[str, int]
    processing_time_ms: float | None
    processing_time_ms_p95: float | None
    success_rate: float | None
    queue_depth: float | None
    lag_s: float | None
    last_seen_ns: int


class ServiceTrendPoint(Struct, frozen=True):
    """The sum of one counter, or the mean of one level, in the window that starts at `start_ns`."""

    start_ns: int
    value: float


class ServiceWindow(Struct, frozen=True):
    """One service in the window that starts at `start_ns`: ratios from sums, percentiles from summed buckets.

    `queue_depth_max` and `lag_s_max` are the highest that one instance reported; None is unknown. Of a service that
    reports latencies or success without the counters behind them, these are None.
    """

    service: str
    start_ns: int
    counters: dict[str, int]
    processing_time_ms: float | None
    processing_time_ms_p50: float | None
    processing_time_ms_p95: float | None
    success_rate: float | None
    queue_depth_max: float | None
    lag_s_max: float | None


class LatestMetric(Struct, frozen=True):
    """The newest value of one field of one service instance."""

    service: str
    instance: str
    name: str
    value: float
    time_ns: int


class EventPage(Struct, frozen=True):
    """Events, newest first; `next_cursor` is None on the last page."""

    events: list[EventPoint]
    next_cursor: EventCursor | None


class HistoryPoint(Struct, frozen=True, gc=False):
    """One state of an entity, with the unit that it had then."""

    time_ns: int
    state: str | None
    value: float | None
    unit: str | None = None


class HistoryPage(Struct, frozen=True):
    """States of an entity, oldest first; `next_after_ns` is None on the last page. `unit` is the latest."""

    unit: str | None
    points: list[HistoryPoint]
    next_after_ns: int | None


class WindowPoint(Struct, frozen=True):
    """The numeric values that an entity had in one window, in one unit; `count` is how many states there were.

    `mean` is weighted by time, over the part of the window in which the value is known; a value that was there at the
    beginning counts in `min`, `mean` and `max`. `converted_from` are the other units that values came in.
    """

    start_ns: int
    min: float
    mean: float
    max: float
    count: int
    unit: str | None = None
    converted_from: tuple[str, ...] = ()


class WindowsPage(Struct, frozen=True):
    """Windows in which a number is known, oldest first; `next_after_ns` is None on the last page.

    `unit` is the latest unit of the entity, to which values are converted where that is known; a window has a point for
    each unit that is left, by its name.
    """

    unit: str | None
    points: list[WindowPoint]
    next_after_ns: int | None


class EntityCount(Struct, frozen=True):
    """How many events an entity of a home had."""

    home: str
    entity_id: str
    count: int


class KnownEntity(Struct, frozen=True):
    """An entity by its newest state change: what it is called, where it is, and what it belongs to.

    `labels` is a JSON array of names.
    """

    home: str
    entity_id: str
    time_ns: int
    state: str | None
    removed: bool
    unit: str | None = None
    friendly_name: str | None = None
    area: str | None = None
    floor: str | None = None
    labels: str | None = None
    device: str | None = None
    device_class: str | None = None
    integration: str | None = None


class EntitySilence(Struct, frozen=True):
    """An entity that is silent: heard of last at `seen_ns`, by an event or a sign of life, changed at `changed_ns`.

    `usual_ns` is the longest it usually keeps silent, None while too little is known.
    """

    home: str
    entity_id: str
    seen_ns: int
    changed_ns: int
    silent_ns: int
    usual_ns: int | None = None

    @property
    def factor(self) -> float | None:
        """The silence in usual intervals."""
        return self.silent_ns / self.usual_ns if self.usual_ns else None


class RejectedPage(Struct, frozen=True):
    """Rejected events, newest first; `next_cursor` is None on the last page."""

    events: list[RejectedEvent]
    next_cursor: RejectedCursor | None = None


class GapPage(Struct, frozen=True):
    """Gaps, newest first; `next_cursor` is None on the last page. `open` counts all that are open, of any time."""

    gaps: list[Gap]
    next_cursor: GapCursor | None
    open: int


class AlertPage(Struct, frozen=True):
    """Alerts, newest first; `next_cursor` is None on the last page."""

    alerts: list[Alert]
    next_cursor: AlertCursor | None
