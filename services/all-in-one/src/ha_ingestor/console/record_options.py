"""Options of the commands that list records, and the time range that they select."""

from __future__ import annotations

from typing import Annotated

import typer
from ha_ingestor_core.clock import SystemClock
from ha_ingestor_core.errors import InvalidInputError
from ha_ingestor_core.times import EXPECTED_TIME, parse_time
from ha_ingestor_store.time_range import ALWAYS, DAY_NS, TimeRange

Home = Annotated[str | None, typer.Option(help="Only of this home")]
Start = Annotated[str | None, typer.Option(metavar="TIME", help=f"Start of the time range: {EXPECTED_TIME}")]
End = Annotated[str | None, typer.Option(metavar="TIME", help="End of the time range (exclusive)")]
Limit = Annotated[int, typer.Option(min=1, max=1_000_000, help="Maximum number, newest first")]


def selected_range(start: str | None, end: str | None) -> TimeRange:
    """Return the time range of --start and --end, by default everything until one day from now."""
    now_ns = SystemClock().now_ns()
    start_ns = parse_time(start, field="--start", now_ns=now_ns, zone=None) if start else ALWAYS.start_ns
    end_ns = parse_time(end, field="--end", now_ns=now_ns, zone=None) if end else max(now_ns + DAY_NS, start_ns + 1)
    if start_ns >= end_ns:
        raise InvalidInputError("--start must be a time before --end")
    return TimeRange(start_ns, end_ns)
