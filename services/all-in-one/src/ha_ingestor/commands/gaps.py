"""`ha-ingestor gaps`: lists the gaps of the capture."""

from __future__ import annotations

from ha_ingestor_store.questions import RecentGaps

from ha_ingestor.console.output import show
from ha_ingestor.console.quiet_logging import run_quietly
from ha_ingestor.console.record_options import End, Home, Limit, Start, selected_range
from ha_ingestor.local_data import open_local_store
from ha_ingestor.record_tables import gap_fields, gaps_table


def gaps(home: Home = None, start: Start = None, end: End = None, limit: Limit = 50) -> None:
    """List gaps, newest first, and the number of changes recovered from Home Assistant's history."""
    time_range = selected_range(start, end)

    async def list_() -> None:
        async with open_local_store() as store:
            page = await store.reader.gaps(RecentGaps(time_range, home, limit))
        still_open = [f"\n{page.open:,} still open"] if page.open else []
        table = gaps_table(page.gaps) if page.gaps else "There are no gaps."
        show({"gaps": list(map(gap_fields, page.gaps)), "open": page.open}, table, *still_open)

    run_quietly(list_())
