"""The latest registries, on disk: events have names right after a restart, and missed renames are found."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Protocol

import msgspec
import structlog
from ha_ingestor_core.events import OriginKind, Registries
from ha_ingestor_core.files.durable_file import make_folder, read_state, write_durably
from ha_ingestor_core.tasks import supervised

from websocket_ingestion.registries.renames import Rename, missed_renames, rename_event
from websocket_ingestion.spool.intake import Intake

_log = structlog.get_logger()

_decoder = msgspec.json.Decoder(Registries)


class CapturedUntil(Protocol):
    """The gaps of the home, as far as renames are concerned."""

    @property
    def captured_until_ns(self) -> int | None:
        """Up to when everything was captured before this connection, in Home Assistant's time; None if never."""
        ...

    @property
    def renames(self) -> Sequence[Rename]:
        """All renames that are known, in the order of their times."""
        ...

    def add_renames(self, renames: Iterable[Rename]) -> list[Rename]:
        """Add renames for which there was no event; return those that were not known yet."""
        ...


class RegistryCache:
    """Passes new registries on, saves them, and adds an event for each rename that happened while disconnected."""

    def __init__(
        self,
        path: Path,
        *,
        intake: Intake,
        gaps: CapturedUntil,
        connected_ns: Callable[[], int | None],
        use: Callable[[Registries | None], None],
    ) -> None:
        self._path = path
        self._intake = intake
        self._gaps = gaps
        self._connected_ns = connected_ns
        self._use = use
        self._latest: Registries | None = None
        self._compared_ns: int | None = None
        self._has_new_renames = False
        self._to_save = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    @property
    def latest(self) -> Registries | None:
        """The registries of this connection or an earlier one; None where there are none."""
        return self._latest

    def load(self) -> Registries | None:
        """Return what an earlier process saved; None where there is nothing readable."""
        try:
            make_folder(self._path.parent)
            self._latest = read_state(self._path, _decoder.decode, then="they are requested again")
        except OSError as err:
            _log.warning("registries_unreadable", path=str(self._path), error=str(err))
        return self._latest

    async def start(self) -> None:
        """Begin to save new registries."""
        self._task = supervised(self._run, name="known registries")

    async def stop(self) -> None:
        """Save what is new, and stop."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
            self._task = None
            await self._save()

    def use(self, registries: Registries | None) -> None:
        """Use the registries of a connection; None: there is no connection to wait for."""
        if registries is not None:
            connected_ns = self._connected_ns()
            if self._latest is not None and connected_ns != self._compared_ns:
                self._add_missed_renames(self._latest, registries)
            self._compared_ns = connected_ns
            self._latest = registries
            self._to_save.set()
        self._use(registries)

    def _add_missed_renames(self, before: Registries, now: Registries) -> None:
        """Find the renames before a connection by comparing registries; during one, Home Assistant sends events.

        The old ids were valid up to the time up to which everything is captured: later renames have an event.
        """
        since_ns = self._gaps.captured_until_ns
        if since_ns is None:
            return
        renames = self._gaps.add_renames(missed_renames(before, now, since_ns, self._gaps.renames))
        if renames:
            _log.info("renames_found", renames=len(renames))
            self._intake.take([rename_event(rename) for rename in renames], OriginKind.BACKFILL)
            self._has_new_renames = True

    async def _run(self) -> None:
        while True:
            await self._to_save.wait()
            if self._has_new_renames:  # until they are durable, the next process has to find them again after a kill
                self._has_new_renames = False
                await self._intake.spool.wait_until_durable()
            await self._save()

    async def _save(self) -> None:
        if not self._to_save.is_set():
            return
        self._to_save.clear()
        try:
            await asyncio.to_thread(write_durably, self._path, msgspec.json.encode(self._latest))
        except OSError as err:
            _log.warning("registries_not_saved", path=str(self._path), error=str(err))
