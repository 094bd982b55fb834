"""kill -9 in the middle of writing: a real process, real files, every event that it had called durable."""

from __future__ import annotations

import asyncio
import random
import re
import subprocess
import sys
import time
from pathlib import Path

import msgspec
import pytest
from ha_ingestor_core.clock import SystemClock
from ha_ingestor_core.delivery import Receipt
from prometheus_client import CollectorRegistry
from websocket_ingestion.metrics import IngestionMetrics
from websocket_ingestion.spool.limits import SpoolLimits
from websocket_ingestion.spool.spool import Spool

LIMITS = "SpoolLimits(disk_bytes=64 * 20_000, memory_bytes=100_000)"

WRITER = f"""
import asyncio, sys
from pathlib import Path
from ha_ingestor_core.clock import SystemClock
from ha_ingestor_core.delivery import Receipt
from ha_ingestor_core.events import RawEvent
from msgspec import Raw
from prometheus_client import CollectorRegistry
from websocket_ingestion.metrics import IngestionMetrics
from websocket_ingestion.spool.limits import SpoolLimits
from websocket_ingestion.spool.spool import Spool

class Reporter:
    durable = 0
    def count_received(self, kind, events):
        self.durable += events
        sys.stdout.write(f"durable {{self.durable}}\\n")
        sys.stdout.flush()
    def count(self, change):
        assert not change.failed

async def main():
    metrics = IngestionMetrics(CollectorRegistry())
    spool = Spool(Path(sys.argv[1]), clock=SystemClock(), metrics=metrics, limits={LIMITS})
    spool.ledger = Reporter()
    await spool.start()
    async def store():
        done = 0
        while True:
            taken = await spool.take(50, 100_000)
            sys.stdout.write(f"stored {{done + len(taken.events)}}\\n")
            sys.stdout.flush()
            done += len(taken.events)
            spool.acknowledge(taken, Receipt(written=len(taken.events)))
            await asyncio.sleep(0.004)
    storing = asyncio.create_task(store())
    number = 0
    while True:
        for _ in range(7):
            number += 1
            spool.put([RawEvent(Raw(b'{{"n":%d,"x":"%b"}}' % (number, b"x" * (number % 997))), number)])
        await spool.wait_for_room()
        await asyncio.sleep(0)

asyncio.run(main())
"""


def numbers_after(folder: Path) -> tuple[list[int], int]:
    """What is in the spool, by number, and how many it ever received."""

    async def take_all() -> tuple[list[int], int]:
        spool = Spool(
            folder,
            clock=SystemClock(),
            metrics=IngestionMetrics(CollectorRegistry()),
            limits=SpoolLimits(disk_bytes=64 * 20_000, memory_bytes=100_000),
        )
        await spool.start()
        assert spool.status()["damaged_files"] == 0
        found = []
        while spool.depth:
            taken = await spool.take(1000, 1 << 20)
            for event in taken.events:
                body = msgspec.json.decode(event.event)
                assert len(body["x"]) == body["n"] % 997
                assert event.received_ns == body["n"]
                found.append(body["n"])
            spool.acknowledge(taken, Receipt(written=len(taken.events)))
        await spool.wait_until_empty()
        totals = spool.totals
        # Every number was received once and ended once, by this process or by the one that was killed.
        assert (totals.written, totals.failed) == (totals.received, 0)
        await spool.stop()
        return found, totals.received

    return asyncio.run(take_all())


def last_number(word: str, lines: list[str]) -> int:
    """The last number that a word was said with; so short a line goes through the pipe as a whole."""
    numbers = [int(line.split()[1]) for line in lines if re.fullmatch(rf"{word} \d+", line)]
    return max(numbers, default=0)


@pytest.mark.parametrize("seed", range(5))
def test_kill_9_loses_nothing_that_was_durable(tmp_path: Path, seed: int) -> None:
    folder = tmp_path / "home"
    process = subprocess.Popen([sys.executable, "-c", WRITER, str(folder)], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    first = process.stdout.readline()
    time.sleep(random.Random(seed).uniform(0.05, 0.6))
    process.kill()
    lines = [first.strip(), *process.stdout.read().splitlines()]
    process.wait()
    process.stdout.close()
    said = {word: last_number(word, lines) for word in ("durable", "stored")}
    found, received = numbers_after(folder)
    acknowledged = received - len(found)
    assert found == list(range(acknowledged + 1, received + 1))
    assert received >= said["durable"]
    assert acknowledged <= said["stored"]
