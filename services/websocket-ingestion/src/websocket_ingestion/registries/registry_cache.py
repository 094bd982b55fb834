"""The registries that were known last: kept on disk, so names outlive a restart, and missed renames are found."""

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
    """What gaps know of renames."""

    @property
    def captured_until_ns(self) -> int | None:
        """Up to when everything was captured before this connection, in Home Assistant's time; None if never."""
        ...

    @property
    def renames(self) -> Sequence[Rename]:
        """All that are known, in the order of their times."""
        ...

    def add_renames(self, renames: Iterable[Rename]) -> list[Rename]:
        """There are renames that nobody was told of; those of them that were not known yet."""
        ...


class RegistryCache:
    """Hands new registries on, keeps them, and tells of entities that were renamed while nobody listened."""

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
        self._known: Registries | None = None
        self._compared_ns: int | None = None
        self._has_told = False
        self._to_save = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    @property
    def known(self) -> Registries | None:
        """Return the latest registries, of this connection or an earlier one; None where there are none."""
        return self._known

    def load(self) -> Registries | None:
        """What an earlier process knew; None where there is nothing, or nothing that can be read."""
        try:
            make_folder(self._path.parent)
            self._known = read_state(self._path, _decoder.decode, then="they are requested again")
        except OSError as err:
            _log.warning("known_registries_unreadable", path=str(self._path), error=str(err))
        return self._known

    async def start(self) -> None:
        """Begin to keep them."""
        self._task = supervised(self._run, name="known registries")

    async def stop(self) -> None:
        """Write down what is new, and end."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
            self._task = None
            await self._save()

    def use(self, registries: Registries | None) -> None:
        """Take over what a connection found; None: it is not known now, which ends what could be followed."""
        if registries is not None:
            connected_ns = self._connected_ns()
            if self._known is not None and connected_ns != self._compared_ns:
                self._tell_renames(self._known, registries)
            self._compared_ns = connected_ns
            self._known = registries
            self._to_save.set()
        self._use(registries)

    def _tell_renames(self, before: Registries, now: Registries) -> None:
        """While a connection lasts Home Assistant tells of renames itself; those before it are found by comparing.

        Up to where everything is captured the old ids were right: else there would have been an event.
        """
        since_ns = self._gaps.captured_until_ns
        if since_ns is None:
            return
        renames = self._gaps.add_renames(missed_renames(before, now, since_ns, self._gaps.renames))
        if renames:
            _log.info("renames_found", renames=len(renames))
            self._intake.take([rename_event(rename) for rename in renames], OriginKind.BACKFILL)
            self._has_told = True

    async def _run(self) -> None:
        while True:
            await self._to_save.wait()
            if self._has_told:  # killed before they are on the disk, the next process has to find the renames again
                self._has_told = False
                await self._intake.spool.wait_until_durable()
            await self._save()

    async def _save(self) -> None:
        if not self._to_save.is_set():
            return
        self._to_save.clear()
        try:
            await asyncio.to_thread(write_durably, self._path, msgspec.json.encode(self._known))
        except OSError as err:
            _log.warning("registries_not_kept", path=str(self._path), error=str(err))
