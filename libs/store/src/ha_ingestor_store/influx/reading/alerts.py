"""The question about alerts in InfluxDB."""

from __future__ import annotations

from functools import partial

from ha_ingestor_core.alerts import Alert

from ha_ingestor_store import answers
from ha_ingestor_store.influx.database import Database
from ha_ingestor_store.influx.reading.newest_spans import SortKey, newest_spans
from ha_ingestor_store.questions import AlertCursor, RecentAlerts


async def recent_alerts(database: Database, question: RecentAlerts) -> answers.AlertPage:
    """Return alerts that were active in a range, newest first."""
    cursor = question.cursor
    after = (-cursor.since_ns, cursor.rule, cursor.service) if cursor else None
    ask = partial(database.alerts, rule=question.rule)
    page, more = await newest_spans(ask, question.time_range, question.limit, key=_sort_key, after=after)
    return answers.AlertPage(page, AlertCursor(page[-1].since_ns, page[-1].rule, page[-1].service) if more else None)


def _sort_key(alert: Alert) -> SortKey:
    return (-alert.since_ns, alert.rule, alert.service)
