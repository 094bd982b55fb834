"""Every question that the Flux dialect builds, with usual values and with hostile ones."""

from __future__ import annotations

from collections.abc import Callable

from ha_ingestor_store.influx.reading.language import Entity, EventFilter, Part
from ha_ingestor_store.influx.schema import SUMMED_METRICS
from ha_ingestor_store.influx_flux import administration, exports
from ha_ingestor_store.influx_flux.queries import Queries
from ha_ingestor_store.questions import Homes
from ha_ingestor_store.time_range import HOUR_NS, MINUTE_NS

START, END = 1_795_478_400_123_456_789, 1_795_482_000_000_000_001

HOSTILE = (
    "sensor.a",
    'say "x"',
    "back\\slash\\",
    "${string(v: 1)}",
    '$"',
    "$${string(v: 1)}$\\",
    '$") |> drop(columns: ["_value"]) //',
    '") |> drop(columns: ["_value"]) //',
    "line\nbreak\r\t\x00\x7f",
    "/ // /* */",
    "%0A%",
    "küche.客厅 😀",
    "[a-z]+(?i)^$|{2}",
)

RAW, ROLLUP = Part("home_assistant_events", False, START, END), Part("events_1h", True, 0, HOUR_NS)

Builder = Callable[[Queries, str], str]

OTHERS: list[Callable[[str], str]] = [
    lambda text: administration.any_point(text),
    lambda text: administration.marked(text, text, START),
    lambda text: exports.sizes(text, "service_metrics", START, END),
]
"""What is asked beside the questions, over one text."""

BUILDERS: dict[str, list[Builder]] = {
    "counts": [
        lambda q, text: q.counts([RAW], ()),
        lambda q, text: q.counts([ROLLUP, RAW], ("event_type", "domain")),
    ],
    "window_counts": [lambda q, text: q.window_counts([ROLLUP, RAW], 5 * MINUTE_NS)],
    "window_sums": [
        lambda q, text: q.window_sums(RAW, HOUR_NS, ("home", "entity_id"), ("count",)),
        lambda q, text: q.window_sums(
            Part("service_metrics", False, START, END), HOUR_NS, ("service",), SUMMED_METRICS
        ),
    ],
    "event_counts": [lambda q, text: q.event_counts(EventFilter(text, text, text), [(START, END), (0, START)])],
    "event_times": [
        lambda q, text: q.event_times(EventFilter(f"*{text}?", None, None), START, END),
        lambda q, text: q.event_times(EventFilter("*", None, None), START, END),
        lambda q, text: q.event_times(EventFilter(area=text), START, END),
    ],
    "events": [
        lambda q, text: q.events(EventFilter(), START, END),
        lambda q, text: q.events(EventFilter(text, text, text), START, END),
    ],
    "states": [
        lambda q, text: q.states(Entity(text), START, END, 101),
        lambda q, text: q.states(Entity(text), START, END, 1, newest_first=True),
    ],
    "last_unit": [lambda q, text: q.last_unit(Entity(text), START, END)],
    "known_entities": [
        lambda q, text: q.known_entities(None, Homes(), START, END),
        lambda q, text: q.known_entities(text, Homes(only=text), START, END),
    ],
    "heads": [lambda q, text: q.heads(START, END)],
    "keys": [
        lambda q, text: q.keys(None, START, END),
        lambda q, text: q.keys([text, "sensor.b"], START, END),
    ],
    "entity_heads": [
        lambda q, text: q.entity_heads(START, END, None),
        lambda q, text: q.entity_heads(START, END, [text, "light.a"]),
    ],
    "last_windows": [lambda q, text: q.last_windows(ROLLUP)],
    "changed_windows": [lambda q, text: q.changed_windows([RAW, ROLLUP], [text, "light.a"], HOUR_NS)],
    "last_signs": [lambda q, text: q.last_signs(START, END)],
    "signs": [lambda q, text: q.signs([text, "light.a"], START, END)],
    "renames": [lambda q, text: q.renames()],
    "service_sums": [
        lambda q, text: q.service_sums([ROLLUP, RAW], ("events_received", text), None),
        lambda q, text: q.service_sums([RAW], ("write_errors",), text),
    ],
    "level_means": [lambda q, text: q.level_means(text, START, END)],
    "service_windows": [
        lambda q, text: q.service_windows(text, "queue_depth", [RAW], MINUTE_NS, is_summed=False),
        lambda q, text: q.service_windows(text, "events_received", [ROLLUP, RAW], HOUR_NS, is_summed=True),
    ],
    "newest_reports": [
        lambda q, text: q.newest_reports(START, END, None),
        lambda q, text: q.newest_reports(START, END, text),
    ],
    "gaps": [
        lambda q, text: q.gaps(START, END, None, None),
        lambda q, text: q.gaps(START, END, text, START),
    ],
    "open_gaps": [lambda q, text: q.open_gaps(None), lambda q, text: q.open_gaps(text)],
    "alerts": [
        lambda q, text: q.alerts(START, END, None, None),
        lambda q, text: q.alerts(START, END, text, START),
    ],
    "weather": [lambda q, text: q.weather(START, END, 100)],
    "progress": [lambda q, text: q.progress()],
    "first": [
        lambda q, text: q.first("home_assistant_events", START, END),
        lambda q, text: q.first("weather", START, END),
    ],
    "nothing": [lambda q, text: q.nothing()],
}
