"""Rejected events and gaps as tables for a terminal, and as JSON-ready fields."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ha_ingestor_core.clock import ns_to_datetime, ns_to_rfc3339
from ha_ingestor_core.gaps import Gap
from ha_ingestor_store.points import RejectedEvent
from rich.markup import escape
from rich.table import Table

_ID_WIDTH = 33


def rejected_fields(event: RejectedEvent) -> dict[str, Any]:
    """Return the fields of a rejected event for export; the payload is text, since it may not be JSON."""
    return {
        "id": event.id,
        "time": _time(event.time_ns),
        "home": event.home,
        "service": event.service,
        "key": event.key,
        "message": event.message,
        "origin_kind": event.origin_kind,
        "replayed": _time(event.replayed_ns),
        "outcome": event.outcome,
        "payload": event.payload,
    }


def gap_fields(gap: Gap) -> dict[str, Any]:
    """Return the fields of a gap for export."""
    return {
        "home": gap.home,
        "start": _time(gap.start_ns),
        "end": _time(gap.end_ns),
        "reason": gap.reason,
        "status": gap.status,
        "recovered": gap.recovered,
        "lost": gap.lost,
    }


def rejected_table(events: Iterable[RejectedEvent]) -> Table:
    """Format rejected events as a table."""
    table = _table("ID", "Time (UTC)", "Home", "Reason", "Replayed", "Message")
    for event in events:
        row = (event.id, _moment(event.time_ns), event.home, event.key, event.outcome or "-", event.message)
        table.add_row(*map(escape, row))
    return table


def gaps_table(gaps: Iterable[Gap]) -> Table:
    """Format gaps as a table."""
    table = _table("From (UTC)", "To (UTC)", "Home", "Reason", "Status", "Recovered", "Not recovered")
    for gap in gaps:
        times = (_moment(gap.start_ns), _moment(gap.end_ns))
        row = (*times, gap.home, gap.reason, gap.status, f"{gap.recovered:,}", "; ".join(gap.lost) or "-")
        table.add_row(*map(escape, row))
    return table


def _table(*columns: str) -> Table:
    """Return a table that wraps on narrow terminals, except IDs, which users copy."""
    table = Table(box=None, header_style="bold", pad_edge=False)
    for column in columns:
        table.add_column(column, overflow="fold", min_width=_ID_WIDTH if column == "ID" else None)
    return table


def _moment(time_ns: int) -> str:
    return f"{ns_to_datetime(time_ns):%Y-%m-%d %H:%M:%S}"


def _time(time_ns: int | None) -> str | None:
    return None if time_ns is None else ns_to_rfc3339(time_ns)
