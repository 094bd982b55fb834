"""A process exits with a stack trace if its event loop is blocked, and only then."""

from __future__ import annotations

import subprocess
import sys

PROGRAM = """
import asyncio, time
from ha_ingestor.watchdog import Watchdog

def hang():
    time.sleep(60)

async def main():
    watchdog = Watchdog({limit_s})
    await watchdog.start()
    await asyncio.sleep({works_s})
    print("worked", flush=True)
    if {stops}:
        await watchdog.stop()
        time.sleep({works_s})
    else:
        hang()

asyncio.run(main())
print("ended by itself")
"""


def run(*, limit_s: float, works_s: float, stops: bool) -> subprocess.CompletedProcess[str]:
    program = PROGRAM.format(limit_s=limit_s, works_s=works_s, stops=stops)
    return subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=50)


def test_a_process_that_hangs_ends_with_the_place_where_it_hangs() -> None:
    ran = run(limit_s=0.5, works_s=1.0, stops=False)
    assert (ran.returncode, ran.stdout) == (1, "worked\n")
    assert "in hang" in ran.stderr


def test_a_watchdog_that_was_stopped_ends_nothing() -> None:
    ran = run(limit_s=0.5, works_s=1.0, stops=True)
    assert (ran.returncode, ran.stdout) == (0, "worked\nended by itself\n")


def test_without_a_limit_nothing_is_watched() -> None:
    ran = run(limit_s=0, works_s=0.1, stops=True)
    assert ran.stdout == "worked\nended by itself\n"
