"""The typed answers of the store, the same for every dialect."""

from __future__ import annotations

from collections.abc import Hashable, Iterable

from ha_ingestor_core.alerts import Alert
from ha_ingestor_core.gaps import Gap
from msgspec import Struct

from ha_ingestor_store.points import EventPoint, RejectedEvent
from ha_ingestor_store.questions import AlertCursor, EventCursor, GapCursor, RejectedCursor


class WriteResult(Struct, frozen=True):
    """The outcomes of a batch: written + duplicate + len(rejected) + len(expired) = number of points.

    `duplicates` and `expired` (older than the retention) are indices in the batch, ascending; of several points with
    one new key the first is written.
    """

    written: int = 0
    duplicates: list[int] = []
    rejected: list[RejectedPoint] = []
    expired: list[int] = []

    @property
    def duplicate(self) -> int:
        """The number of points that were stored already."""
        return len(self.duplicates)


def repeats(keys: Iterable[Hashable], new: Iterable[Hashable]) -> list[int]:
    """Return the indices of the keys of a batch that are not `new`; of equal keys only the first counts as new."""
    unseen = set(new)
    duplicates = []
    for index, key in enumerate(keys):
        if key in unseen:
            unseen.remove(key)
        else:
            duplicates.append(index)
    return duplicates


class RejectedPoint(Struct, frozen=True):
    """A point that the store rejected, by its index in the batch, with the reason."""

    index: int
    key: str
    message: str


class Coverage(Struct, frozen=True):
    """The time from which an answer counts, later than requested if capture began later; None: nothing captured."""

    start_ns: int | None
    complete: bool


class EventCount(Struct, frozen=True):
    """The number of events."""

    total: int
    coverage: Coverage


class EventStatistics(Struct, frozen=True):
    """The number of events, by event type and by domain."""

    total: int
    by_event_type: dict[str, int]
    by_domain: dict[str, int]
    coverage: Coverage


class TrendPoint(Struct, frozen=True):
    """The count of the window that starts at `start_ns`."""

    start_ns: int
    count: int


class ErrorRate(Struct, frozen=True):
    """Writes to the store in a range, of all services together."""

    total_writes: int
    write_errors: int

    @property
    def percent(self) -> float | None:
        """Errors in percent of the writes; None if there are no writes."""
        return 100.0 * self.write_errors / self.total_writes if self.total_writes else None


class ServiceStatistics(Struct, frozen=True):
    """One service in a range: counters as sums, ratios from sums, percentiles from summed buckets, latest levels."""

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

    `queue_depth_max` and `lag_s_max` are the highest values that one instance reported; None is unknown. Latencies and
    success are None for a service that does not report the counters behind them.
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
    """One state of an entity, with its unit at that time."""

    time_ns: int
    state: str | None
    value: float | None
    unit: str | None = None


class HistoryPage(Struct, frozen=True):
    """States of an entity, oldest first; `next_after_ns` is None on the last page. `unit` is the latest unit."""

    unit: str | None
    points: list[HistoryPoint]
    next_after_ns: int | None


class WindowPoint(Struct, frozen=True):
    """The numeric values of an entity in one window, in one unit; `count` is the number of its states.

    `mean` is weighted by time, over the part of the window in which the value is known; a value that continues from
    before the window counts in `min`, `mean` and `max`. `converted_from` lists the other units of the values.
    """

    start_ns: int
    min: float
    mean: float
    max: float
    count: int
    unit: str | None = None
    converted_from: tuple[str, ...] = ()


class WindowsPage(Struct, frozen=True):
    """Windows with a known value, oldest first; `next_after_ns` is None on the last page.

    `unit` is the latest unit of the entity, to which values are converted where the conversion is known; a window has a
    point for each remaining unit, by its name.
    """

    unit: str | None
    points: list[WindowPoint]
    next_after_ns: int | None


class EntityCount(Struct, frozen=True):
    """The number of events of an entity of a home."""

    home: str
    entity_id: str
    count: int


class KnownEntity(Struct, frozen=True):
    """An entity as of its newest state change: its names, its place, and its device and integration.

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
    """A silent entity: `seen_ns` is its last event or sign of life, `changed_ns` its last state change.

    `usual_ns` is the longest silence that is usual for it, None if not known yet.
    """

    home: str
    entity_id: str
    seen_ns: int
    changed_ns: int
    silent_ns: int
    usual_ns: int | None = None

    @property
    def factor(self) -> float | None:
        """The silence as a multiple of `usual_ns`."""
        return self.silent_ns / self.usual_ns if self.usual_ns else None


class RejectedPage(Struct, frozen=True):
    """Rejected events, newest first; `next_cursor` is None on the last page."""

    events: list[RejectedEvent]
    next_cursor: RejectedCursor | None = None


class GapPage(Struct, frozen=True):
    """Gaps, newest first; `next_cursor` is None on the last page. `open` counts all open gaps, at any time."""

    gaps: list[Gap]
    next_cursor: GapCursor | None
    open: int


class AlertPage(Struct, frozen=True):
    """Alerts, newest first; `next_cursor` is None on the last page."""

    alerts: list[Alert]
    next_cursor: AlertCursor | None
