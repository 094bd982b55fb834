"""Points, gaps, alerts and the like as rows of their tables."""

from __future__ import annotations

from typing import Any

import msgspec
from ha_ingestor_core.alerts import Alert
from ha_ingestor_core.alive import Alive
from ha_ingestor_core.events import STATE_CHANGED, OriginKind
from ha_ingestor_core.gaps import Gap
from ha_ingestor_core.service_metrics import ServiceMetricsPoint

from ha_ingestor_store.embedded.file.schema import ALERT_COLUMNS, LEVEL_METRICS, SUMMED_METRICS
from ha_ingestor_store.points import EventPoint, Facts, SeriesKey, Weather
from ha_ingestor_store.renames import Rename
from ha_ingestor_store.time_range import HOUR_NS

_RANK = {kind: kind.rank for kind in OriginKind}


def event_row(
    point: EventPoint, series: dict[SeriesKey, int], facts: dict[Facts, int], weathers: dict[Weather, int]
) -> tuple[Any, ...]:
    """Return the values of EVENT_COLUMNS."""
    return (
        series[(point.home, point.event_type, point.domain, point.entity_id)],
        point.time_ns,
        _RANK[point.origin_kind],
        facts[point.facts],
        point.state,
        point.value,
        point.old_state,
        point.data,
        point.removed,
        point.context_id,
        point.context_parent_id,
        point.context_user_id,
        point.origin,
        None if point.weather is None else weathers[point.weather],
    )


def gap_row(gap: Gap) -> tuple[Any, ...]:
    """Return the values of GAP_COLUMNS."""
    lost = msgspec.json.encode(gap.lost).decode()
    counts = (gap.entities, gap.recovered, gap.known)
    return (gap.home, gap.start_ns, gap.reason, gap.end_ns, gap.status, *counts, lost, gap.found_ns, gap.closed_ns)


def alert_row(alert: Alert) -> tuple[Any, ...]:
    """Return the values of ALERT_COLUMNS."""
    return tuple(getattr(alert, column) for column in ALERT_COLUMNS)


def rename_row(rename: Rename) -> tuple[Any, ...]:
    """Return the values of `insert_rename`."""
    return (rename.home, rename.time_ns, rename.old_id, rename.new_id)


def alive_row(sign: Alive) -> tuple[Any, ...]:
    """Return the values of `insert_alive`."""
    return (sign.time_ns // HOUR_NS, sign.time_ns, sign.home, STATE_CHANGED, sign.entity_id)


def service_row(point: ServiceMetricsPoint) -> tuple[Any, ...]:
    """Return the values of SERVICE_COLUMNS."""
    values = {**point.counters, **point.levels}
    return (
        point.service,
        point.time_ns,
        point.instance,
        *(values.get(name) for name in SUMMED_METRICS),
        *(values.get(name) for name in LEVEL_METRICS),
    )
