"""A home in a container: sends a hundred events per second, records each, and answers as Home Assistant does.

`python -m tests.deploy.home_in_container FOLDER`: SIGUSR1 ends the events, and writes all sent events to FOLDER.
"""

from __future__ import annotations

import asyncio
import itertools
import signal
import sys
import time
from contextlib import suppress
from pathlib import Path
from random import Random

from tests.faults.home import QUICK_COMMIT_S, ScriptedHome

PORT = 8123
EVENTS_PER_S = 100
ENTITIES = 50
FIRED = "fired.jsonl"
DONE = "done"


async def fire(home: ScriptedHome, ending: asyncio.Event) -> None:
    """Change one entity after the other on a fixed schedule, once there is a subscriber."""
    while not home.has_subscriber:  # noqa: ASYNC110
        await asyncio.sleep(0.05)
    begin = time.monotonic()
    for number in itertools.count():
        if ending.is_set():
            return
        home.set_state(f"sensor.load{number % ENTITIES}", str(number), {"friendly_name": f"Load {number % ENTITIES}"})
        await asyncio.sleep(max(0.0, begin + (number + 1) / EVENTS_PER_S - time.monotonic()))


async def pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, target: int) -> None:
    """Forward connections to the home, which listens only on loopback."""
    with suppress(OSError):
        other_reader, other_writer = await asyncio.open_connection("127.0.0.1", target)
        await asyncio.gather(_copy(reader, other_writer), _copy(other_reader, writer))


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while data := await reader.read(64 * 1024):
            writer.write(data)
            await writer.drain()
    writer.close()


async def main(folder: Path) -> None:
    """Run until SIGTERM."""
    ending, stopping = asyncio.Event(), asyncio.Event()
    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGUSR1, ending.set)
    loop.add_signal_handler(signal.SIGTERM, stopping.set)
    home = ScriptedHome(Random(1), commit_s=QUICK_COMMIT_S)
    await home.start()
    inner = int(home.server.url.rpartition(":")[2])
    server = await asyncio.start_server(lambda r, w: pass_on(r, w, inner), "0.0.0.0", PORT)
    await fire(home, ending)
    (folder / FIRED).write_bytes(b"".join(fired.body + b"\n" for fired in home.fired))
    (folder / DONE).touch()
    await stopping.wait()
    server.close()
    await home.stop()


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1])))
