"""Compares the events sent by a home with those in InfluxDB.

`python -m tests.deploy.judge_in_container FIRED TOKEN_FILE`: prints the errors, one per line, as JSON.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections import Counter
from pathlib import Path

from ha_ingestor_core.clock import NS_PER_S
from ha_ingestor_store import Store
from ha_ingestor_store.influx.settings import InfluxSettings
from ha_ingestor_store.influx.store import InfluxStore
from ha_ingestor_store.points import EventPoint
from ha_ingestor_store.questions import RecentEvents
from ha_ingestor_store.time_range import DAY_NS, TimeRange

from tests.faults.home import Fired
from tests.faults.oracle import judge, key_in

_WINDOW_NS = 20 * NS_PER_S
_PAGE = 50_000
"""More than a window can have."""


async def main(fired_file: Path, token_file: Path) -> None:
    """Print the result."""
    fired = [Fired(line, 0.0) for line in fired_file.read_bytes().splitlines()]
    token = token_file.read_text(encoding="ascii").strip()
    settings = InfluxSettings(url="http://influxdb:8086", token=token, timeout_s=300)
    store = InfluxStore(settings, writes_events=False)
    try:
        times_ns = [key_in(each.body)[2] for each in fired]
        points = await _events(store, min(times_ns), max(times_ns) + 1)
        in_all = (await store.reader.event_statistics(TimeRange(0, time.time_ns() + DAY_NS))).total
    finally:
        await store.close()
    verdict = judge(fired, points, [], lambda _: None)
    result = {
        "sent": len(fired),
        "found": in_all,
        "wrong": verdict.wrong[:50],
        "wrong_in_all": len(verdict.wrong),
        "kinds": Counter(str(point.origin_kind) for point in points),
    }
    sys.stdout.write(json.dumps(result) + "\n")


async def _events(store: Store, start_ns: int, end_ns: int) -> list[EventPoint]:
    points: list[EventPoint] = []
    for window_ns in range(start_ns, end_ns, _WINDOW_NS):
        window = TimeRange(window_ns, min(window_ns + _WINDOW_NS, end_ns))
        points += (await store.reader.recent_events(RecentEvents(window, limit=_PAGE))).events
    return points


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), Path(sys.argv[2])))
