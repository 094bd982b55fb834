"""The names of tables and columns that are used in several places; `migrations` creates the tables."""

from __future__ import annotations

from ha_ingestor_core.service_metrics import LATENCY_BUCKETS, LATENCY_SUM, Counter, Level

from ha_ingestor_store.points import FACTS
from ha_ingestor_store.service_windows import HIGHEST_LEVELS
from ha_ingestor_store.time_range import DAY_NS, HOUR_NS, MINUTE_NS

EVENT_ROLLUPS = {MINUTE_NS: "event_minutes", HOUR_NS: "event_hours", DAY_NS: "event_days"}
ENTITY_ROLLUPS = {HOUR_NS: "entity_hours", DAY_NS: "entity_days"}
SERVICE_ROLLUPS = {HOUR_NS: "service_hours", DAY_NS: "service_days"}

SUMMED_METRICS: tuple[str, ...] = (*(c.value for c in Counter), *LATENCY_BUCKETS, LATENCY_SUM)
LEVEL_METRICS: tuple[str, ...] = tuple(level.value for level in Level)

ROLLED_UP_METRICS: tuple[str, ...] = (*SUMMED_METRICS, *HIGHEST_LEVELS)
"""What the hours and days of a service contain: sums, and the highest value of some levels."""


EVENT_COLUMNS = (
    "series", "time_ns", "rank", "facts", "state", "value", "old_state", "data", "removed",
    "context_id", "context_parent_id", "context_user_id", "origin", "weather",
)  # fmt: skip
FACTS_COLUMNS = ("id", "hash", *FACTS)
WEATHER_COLUMNS = (
    "condition", "temperature_c", "humidity_percent", "pressure_hpa", "wind_speed_kmh", "wind_bearing_deg",
)  # fmt: skip
GAP_COLUMNS = (
    "home", "start_ns", "reason", "end_ns", "status", "entities", "recovered", "known", "lost", "found_ns", "closed_ns",
)  # fmt: skip
ALERT_COLUMNS = (
    "rule", "service", "level", "message", "since_ns", "raised_ns", "cleared_ns", "acknowledged_ns", "acknowledged_by",
)  # fmt: skip
SERVICE_COLUMNS = ("service", "time_ns", "instance", *SUMMED_METRICS, *LEVEL_METRICS)
