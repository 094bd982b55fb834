"""The measurements in InfluxDB: the fixed ones beside each other, rollups in a bucket of their own."""

from __future__ import annotations

from enum import StrEnum

from ha_ingestor_core.clock import NS_PER_S
from ha_ingestor_core.service_metrics import LATENCY_BUCKETS, LATENCY_SUM, Counter, Level

from ha_ingestor_store.service_windows import HIGHEST_LEVELS
from ha_ingestor_store.time_range import DAY_NS, HOUR_NS, MINUTE_NS

EVENTS = "home_assistant_events"
SERVICE_METRICS = "service_metrics"
WEATHER = "weather"
GAPS = "gaps"
ALERTS = "alerts"
PROGRESS = "rollup_progress"
ALIVE = "alive"
ENTITIES = "entities"
"""With the events: what rarely changes about an entity, a point for each distinct set, named by its hash."""
RENAMES = "renames"
"""With the rollups, where no retention takes them; `state` is the new id."""

SEEN = "seen_ns"
"""The field of `alive`: the exact time of the newest sign of life of an hour, whose start is the point's time."""

HOLDS = "holds_ns"
"""The field of `weather` that says how long an observation holds; the usual time where it is absent."""

SECOND_NS = NS_PER_S
SECONDS_KEPT_NS = 3 * DAY_NS
"""How far back events are rolled up by the second: raw points answer the rest of a minute that is older."""

EVENT_ROLLUPS = {SECOND_NS: "events_1s", MINUTE_NS: "events_1m", HOUR_NS: "events_1h", DAY_NS: "events_1d"}
ENTITY_ROLLUPS = {HOUR_NS: "entities_1h", DAY_NS: "entities_1d"}
SERVICE_ROLLUPS = {HOUR_NS: "services_1h", DAY_NS: "services_1d"}

WITH_THE_EVENTS = frozenset({EVENTS, SERVICE_METRICS, EVENT_ROLLUPS[SECOND_NS]})
"""What lies where the events are, and expires with them; all other rollups are apart."""

COUNT = "count"
"""The one field that every event has, 1.0: counts are taken over it, and rollups hold its sums."""

FACTS_HASH = "facts"
"""The field of an event, and of the point of `entities` that it names."""

ABSENT = "absent"
"""The field that names, with commas between, the optional fields that an event does not have after all.

A write adds its fields to those of the version that is stored, so a better version says which of them are not its own.
"""

OWN_TEXTS = (
    "state", "old_state", "data", "context_id", "context_parent_id", "context_user_id", "origin", "attributes",
)  # fmt: skip
"""The optional fields of an event that are texts; `attributes` are among the facts where they repeat."""

USUAL_ORIGIN = "LOCAL"
"""What an event without the field `origin` has."""

EVENT_TAGS = ("home", "event_type", "domain", "entity_id")
GROUP_TAGS = ("home", "event_type", "domain")
INSTANCE_TAGS = ("service", "instance")

SUMMED_METRICS: tuple[str, ...] = (*(c.value for c in Counter), *LATENCY_BUCKETS, LATENCY_SUM)
LEVEL_METRICS: tuple[str, ...] = tuple(level.value for level in Level)

ROLLED_UP_METRICS: tuple[str, ...] = (*SUMMED_METRICS, *HIGHEST_LEVELS)
"""What the rollups of services hold: sums, and the highest of some levels."""

MIN_TIME_NS = -9_214_560_000 * 1_000_000_000
"""1678-01-01: what InfluxDB can hold begins a little before."""
MAX_TIME_NS = 9_214_646_400 * 1_000_000_000
"""2262-01-01: what InfluxDB can hold ends a little after."""

FACTS_TIME_NS = PROGRESS_TIME_NS = 4_102_444_800 * 1_000_000_000
"""2100-01-01: `rollup_progress` and `entities` lie where no retention ever reaches them."""


class Family(StrEnum):
    """Rollups that advance together: events with their entities, or service_metrics."""

    EVENTS = "events"
    SERVICES = "services"


GRAINS: dict[Family, tuple[int, ...]] = {
    Family.EVENTS: tuple(EVENT_ROLLUPS),
    Family.SERVICES: tuple(SERVICE_ROLLUPS),
}
