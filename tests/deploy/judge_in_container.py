"""Compare what a home sent with what InfluxDB has, event by event.

`python -m tests.deploy.judge_in_container FIRED TOKEN_FILE`: prints what is wrong, a line each, as JSON.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from pathlib import Path

from ha_ingestor_store import Store
from ha_ingestor_store.factory import DIALECTS
from ha_ingestor_store.influx.settings import InfluxSettings
from ha_ingestor_store.influx.store import InfluxStore
from ha_ingestor_store.periods import DAY_NS, TimeRange
from ha_ingestor_store.points import EventPoint
from ha_ingestor_store.questions import RecentEvents

from tests.faults.home import Fired
from tests.faults.oracle import judge

_PAGE = 1000


async def main(fired_file: Path, token_file: Path) -> None:
    """Print the verdict."""
    fired = [Fired(line, 0.0) for line in fired_file.read_bytes().splitlines()]
    settings = InfluxSettings(url="http://influxdb:8086", token=token_file.read_text(encoding="ascii").strip())
    store = InfluxStore(settings, DIALECTS, writes_events=False)
    try:
        points = await _all_events(store)
    finally:
        await store.close()
    verdict = judge(fired, points, [], lambda _: None)
    kinds = sorted({str(point.origin_kind) for point in points})
    result = {"sent": len(fired), "found": verdict.found, "wrong": verdict.wrong[:50], "kinds": kinds}
    sys.stdout.write(json.dumps(result | {"wrong_in_all": len(verdict.wrong)}) + "\n")


async def _all_events(store: Store) -> list[EventPoint]:
    now_ns = time.time_ns()
    whole = TimeRange(now_ns - DAY_NS, now_ns + DAY_NS)
    points: list[EventPoint] = []
    question = RecentEvents(whole, limit=_PAGE)
    while True:
        page = await store.recent_events(question)
        points += page.events
        if page.next_cursor is None:
            return points
        question = RecentEvents(whole, limit=_PAGE, cursor=page.next_cursor)


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), Path(sys.argv[2])))
