"""The preview of filters: counts by rule what they would drop from the newest stored events of a period."""

from __future__ import annotations

from collections import Counter, defaultdict

from ha_ingestor_core.clock import ns_to_rfc3339
from ha_ingestor_core.filters.event_filter import EventFilter, EventFilteredError, FilterRule
from ha_ingestor_store.points import EventPoint
from ha_ingestor_store.questions import RecentEvents
from ha_ingestor_store.store import StoreReader
from ha_ingestor_store.time_range import TimeRange
from msgspec import Struct, field, structs

from admin_api.events.views import event_view
from admin_api.http.views import View

MOST_EVENTS = 10_000
"""Maximum number of checked events; reading them takes up to a few seconds on InfluxDB."""
_PAGE = 1_000
_NAMES = 10
_EXAMPLES = 3


class Dropped(Struct):
    """The events that a rule would drop: number, names, and newest examples."""

    count: int = 0
    names: Counter[str] = field(default_factory=Counter)
    friendly_names: dict[str, str] = field(default_factory=dict)
    examples: list[EventPoint] = []

    @property
    def busiest(self) -> list[tuple[str, int]]:
        """The names with the most events, sorted by number."""
        return sorted(self.names.items(), key=lambda each: (-each[1], each[0]))[:_NAMES]


class Preview(Struct):
    """The result; if it is not complete, `start_ns` is the time of the oldest checked event."""

    start_ns: int
    is_complete: bool = True
    events: int = 0
    dropped: dict[FilterRule, Dropped] = field(default_factory=lambda: defaultdict(Dropped))

    @property
    def kept(self) -> int:
        """The number of events that would be kept."""
        return self.events - sum(dropped.count for dropped in self.dropped.values())


async def preview(
    reader: StoreReader, event_filter: EventFilter, time_range: TimeRange, most: int = MOST_EVENTS
) -> Preview:
    """Check the newest events of a range, at most `most`."""
    outcome = Preview(start_ns=time_range.start_ns)
    question = RecentEvents(time_range, limit=min(_PAGE, most))
    while True:
        page = await reader.recent_events(question)
        for point in page.events:
            _judge(event_filter, point, outcome)
        if page.next_cursor is None:
            return outcome
        if outcome.events >= most:
            outcome.start_ns, outcome.is_complete = page.events[-1].time_ns, False
            return outcome
        limit = min(_PAGE, most - outcome.events)
        question = structs.replace(question, cursor=page.next_cursor, limit=limit)


def _judge(event_filter: EventFilter, point: EventPoint, outcome: Preview) -> None:
    outcome.events += 1
    name = point.event_type
    try:
        event_filter.check_event_type(point.event_type)
        if point.entity_id is not None:
            name = point.entity_id
            event_filter.check_entity(point.entity_id)
    except EventFilteredError as err:
        dropped = outcome.dropped[err.rule]
        dropped.count += 1
        dropped.names[name] += 1
        if point.friendly_name is not None:
            dropped.friendly_names.setdefault(name, point.friendly_name)  # events are sorted newest first
        if len(dropped.examples) < _EXAMPLES:
            dropped.examples.append(point)


def preview_view(preview: Preview) -> View:
    """Return the JSON form of a preview, with rules sorted by number of events."""
    dropped = sorted(preview.dropped.items(), key=lambda each: (-each[1].count, each[0]))
    return {
        "start": ns_to_rfc3339(preview.start_ns),
        "complete": preview.is_complete,
        "events": preview.events,
        "kept": preview.kept,
        "dropped": [
            {
                "rule": rule,
                "count": found.count,
                "busiest": [
                    {"name": name, "friendly_name": found.friendly_names.get(name), "count": count}
                    for name, count in found.busiest
                ],
                "examples": [event_view(point) for point in found.examples],
            }
            for rule, found in dropped
        ],
    }
