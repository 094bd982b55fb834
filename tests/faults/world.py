"""Everything that a fault can affect: home, processes, store, disk and connections."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from contextlib import AsyncExitStack, contextmanager
from pathlib import Path
from random import Random

from ha_ingestor.runner import Part

from tests.faults.absence import Absences
from tests.faults.clock import MachineClock
from tests.faults.disk import small_disk
from tests.faults.home import QUICK_COMMIT_S, TOKEN, USUAL_COMMIT_S, ScriptedHome
from tests.faults.http_proxy import HttpProxy
from tests.faults.ingestor import Ingestor
from tests.faults.line import Line
from tests.faults.load import Load
from tests.faults.oracle import Key
from tests.faults.setups import FileStore, ServerStore, Setup
from tests.ports import free_port

INTERNAL_TOKEN = "internal-token-of-the-torture"
START_LIMIT_S = 60.0
ROLES_APART = ("enrichment-pipeline", "websocket-ingestion", "admin-api")


class World:
    """The world of one run; `stop` ends it in any state."""

    def __init__(self, setup: Setup, seed: int, folder: Path, *, is_long: bool = False) -> None:
        self.setup = setup
        self.rng = Random(seed)
        self.is_long = is_long
        """Whether to include faults that take as long as the longest timeout."""
        self.data_dir = folder / "data"
        self.home = ScriptedHome(Random(seed), commit_s=USUAL_COMMIT_S if is_long else QUICK_COMMIT_S)
        self.load = Load(self.home, Random(seed))
        self.clock = MachineClock(folder)
        self.absences = Absences()
        self.damaged: set[Key] = set()
        """Events that were durable and then lost by the disk."""
        self.damaged_odd: set[bytes] = set()
        self.damaged_records = 0
        self.store = ServerStore(setup.influxdb(_made(folder / "influxdb"))) if setup.influxdb else None
        self.embedded = None if setup.influxdb else FileStore(self.data_dir)
        self.ports = {role: free_port() for role in ROLES_APART}
        self.line: Line
        self.link: HttpProxy | None = None
        self.ingestor: Ingestor
        self.no_small_disk: str | None = None
        self._folder = folder
        self._undo = AsyncExitStack()

    @property
    def any_store(self) -> FileStore | ServerStore:
        """The store."""
        found = self.store or self.embedded
        assert found is not None
        return found

    @property
    def spool(self) -> Path:
        """The folder of the spool."""
        return self.data_dir / "spool" / "home"

    @property
    def admin_url(self) -> str:
        """The URL of the Admin API."""
        return f"http://127.0.0.1:{self.ports['admin-api']}"

    @property
    def capture_url(self) -> str:
        """The URL of the capture's metrics."""
        return f"http://127.0.0.1:{self.ports['websocket-ingestion']}" if self.setup.is_apart else self.admin_url

    async def start(self) -> None:
        """Start; return when all of it runs. Events before the first subscription are not part of the check."""
        self.no_small_disk = self._undo.enter_context(small_disk(self.data_dir))
        await self._start(self.any_store)
        await self._start(self.home)
        self.line = Line(int(self.home.server.url.rpartition(":")[2]))
        await self._start(self.line)
        if self.setup.is_apart:
            self.link = HttpProxy(f"http://127.0.0.1:{self.ports['enrichment-pipeline']}")
            await self._start(self.link)
        self.absences.watch(lambda: self.line.is_flowing and self.home.has_subscriber)
        self._undo.push_async_callback(self.absences.stop)
        roles = ROLES_APART if self.setup.is_apart else ("all",)
        self.ingestor = Ingestor(*roles, folder=self._folder, environment=self._environment())
        await self._start(self.ingestor)
        await self.until_subscribed()
        await self._start(self.load)

    async def stop(self) -> None:
        """Stop everything, regardless of errors."""
        await self._undo.aclose()

    async def until_subscribed(self) -> None:
        """Return when the home has a subscriber."""
        try:
            async with asyncio.timeout(START_LIMIT_S):
                while not self.home.has_subscriber:  # noqa: ASYNC110
                    await asyncio.sleep(0.05)
        except TimeoutError:
            raise AssertionError(f"nobody subscribed within {START_LIMIT_S:g} s: {self.ingestor.deaths}") from None

    async def pause(self, shortest_s: float, longest_s: float) -> None:
        """Wait for a random time."""
        await asyncio.sleep(self.rng.uniform(shortest_s, longest_s))

    @contextmanager
    def nothing_durable(self) -> Iterator[None]:
        """Inside the block nothing can be written to the disk, so events may be lost by a kill."""
        begin = time.monotonic()
        try:
            yield
        finally:
            self.absences.add(begin, time.monotonic())

    async def _start(self, part: Part) -> None:
        self._undo.push_async_callback(part.stop)
        await part.start()

    def _environment(self) -> dict[str, str]:
        link = self.link.url if self.link else ""
        return {
            "HA_URL": self.line.url,
            "HA_TOKEN": TOKEN,
            "DATA_DIR": str(self.data_dir),
            "INTERNAL_TOKEN": INTERNAL_TOKEN,
            "INSTANCE": "torture",
            "LOG_FORMAT": "json",
            "STATE_CHECK_S": "10",
            "GAP_FILLING_SETTLE_S": f"{2 * self.home.recorder.commit_s:g}",
            "ADMIN_API_PORT": str(self.ports["admin-api"]),
            "WEBSOCKET_INGESTION_PORT": str(self.ports["websocket-ingestion"]),
            "ENRICHMENT_PIPELINE_PORT": str(self.ports["enrichment-pipeline"]),
            "WEBSOCKET_INGESTION_URL": f"http://127.0.0.1:{self.ports['websocket-ingestion']}",
            **({"ENRICHMENT_PIPELINE_URL": link} if link else {}),
            **self.any_store.variables,
            **self.clock.variables,
        }


def _made(folder: Path) -> Path:
    folder.mkdir()
    return folder
