"""A home in a container: it sends a hundred events a second, remembers each, and answers as Home Assistant does.

`python -m tests.deploy.home_in_container FOLDER`: SIGUSR1 ends the events, and writes all that were sent into FOLDER.
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
    """Change one entity after the other, by a schedule that does not slip, once somebody listens."""
    while not home.has_subscriber:  # noqa: ASYNC110
        await asyncio.sleep(0.05)
    begin = time.monotonic()
    for number in itertools.count():
        if ending.is_set():
            return
        home.set_state(f"sensor.load{number % ENTITIES}", str(number), {"friendly_name": f"Load {number % ENTITIES}"})
        await asyncio.sleep(max(0.0, begin + (number + 1) / EVENTS_PER_S - time.monotonic()))


async def pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, target: int) -> None:
    """Hand what comes to the home, which listens on loopback alone, and what it answers back."""
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
