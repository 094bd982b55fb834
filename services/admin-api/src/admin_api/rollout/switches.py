"""The effective switches of the rollout: saved in DATA_DIR, shared by all instances, limited by the environment.

At run time the values of the environment can be lowered, but not exceeded.
"""

from __future__ import annotations

import asyncio
import contextlib
from pathlib import Path

import msgspec
import structlog
from ha_ingestor_core.errors import FixedByEnvironmentError, TerminalError
from ha_ingestor_core.files.durable_file import read_state, write_durably
from ha_ingestor_core.files.file_lock import locked
from ha_ingestor_core.tasks import supervised

from admin_api.rollout.settings import StatsSettings
from admin_api.rollout.source_choice import LOWERABLE, Limit, SourceChoice, limited, limits_of

FILE = "stats-source.json"
LOOK_INTERVAL_S = 1.0

_log = structlog.get_logger()


class ChoiceKeeper:
    """Saves and watches the switches; `current` are the effective values."""

    def __init__(self, settings: StatsSettings, data_dir: Path, *, look_interval_s: float = LOOK_INTERVAL_S) -> None:
        self._path = data_dir / FILE
        self.environment = settings.fixed
        self._names = settings.variables
        self._look_interval_s = look_interval_s
        self._stamp: tuple[int, int] | None = None
        self._turn = asyncio.Lock()
        self._watching: asyncio.Task[None] | None = None
        self.variables = [self._names[name] for name in self.environment]
        self._kept = SourceChoice()
        self.current = limited(self._kept, self.environment)

    @property
    def limited_by(self) -> dict[str, Limit | None]:
        """What limits each switch below its maximum; None if nothing does."""
        return limits_of(self._kept, self.environment)

    async def start(self) -> None:
        """Load the saved values, and watch for changes by other instances."""
        await self.look()
        self._watching = supervised(self._watch, name="watch stats source")

    async def stop(self) -> None:
        """Stop watching."""
        if self._watching is not None:
            self._watching.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._watching

    async def change(self, **changes: bool | int | None) -> SourceChoice:
        """Apply and save new values; None leaves a switch unchanged.

        Raises FixedByEnvironmentError, with the variables, for a value beyond the environment, and TerminalError if
        the values cannot be saved.
        """
        wanted = {name: value for name, value in changes.items() if value is not None}
        if refused := [name for name, value in wanted.items() if self._exceeds(name, value)]:
            limits = ", ".join(f"{self._names[name]}={str(self.environment[name]).lower()}" for name in refused)
            raise FixedByEnvironmentError(
                f"{', '.join(refused)} is limited by the environment ({limits}). Change the variable and restart",
                variables=[self._names[name] for name in refused],
            )
        async with self._turn:
            await self.look()
            try:
                await asyncio.to_thread(_change, self._path, wanted, self._kept)
            except OSError as err:
                raise TerminalError(f"Cannot save the stats source to {self._path}: {err.strerror}") from err
            await self.look()
        return self.current

    async def look(self) -> None:
        """Load the file if it has changed."""
        found = await asyncio.to_thread(_read_if_changed, self._path, self._stamp, self._kept)
        if found is None:
            return
        self._stamp, self._kept = found
        choice = limited(self._kept, self.environment)
        if choice != self.current:
            _log.info("stats_source_changed", before=_plain(self.current), after=_plain(choice))
        self.current = choice

    async def _watch(self) -> None:
        while True:
            await asyncio.sleep(self._look_interval_s)
            await self.look()

    def _exceeds(self, name: str, value: bool | int) -> bool:
        if name not in self.environment:
            return False
        limit = self.environment[name]
        return value > limit if name in LOWERABLE else value != limit


_Stamp = tuple[int, int]


def _read_if_changed(path: Path, stamp: _Stamp | None, kept: SourceChoice) -> tuple[_Stamp | None, SourceChoice] | None:
    """Return the content of the file with its stamp; None if it is unchanged."""
    found = _stamp(path)
    if found == stamp:
        return None
    if found is None:
        return None, SourceChoice()
    choice = read_state(path, _decoded, then="the values are unchanged")
    if choice is None:
        with contextlib.suppress(OSError):
            _change(path, {}, kept)
        return _stamp(path), kept
    return found, choice


def _change(path: Path, wanted: dict[str, bool | int], kept: SourceChoice) -> None:
    """Apply changes to the current content of the file under a lock."""
    with locked(path.with_suffix(".lock")):
        found = read_state(path, _decoded, then="the values are unchanged") or kept
        write_durably(path, msgspec.json.encode(msgspec.structs.replace(found, **wanted)))


def _stamp(path: Path) -> _Stamp | None:
    try:
        status = path.stat()
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError:  # such as a circular link
        status = path.lstat()
    return status.st_mtime_ns, status.st_ino  # every change writes a new file


def _decoded(data: bytes) -> SourceChoice:
    return _checked(msgspec.json.decode(data, type=SourceChoice))


def _checked(choice: SourceChoice) -> SourceChoice:
    if not 0 <= choice.influxdb_rollout_percent <= 100:
        raise ValueError("influxdb_rollout_percent must be a number from 0 to 100")
    return choice


def _plain(choice: SourceChoice) -> dict[str, bool | int]:
    plain: dict[str, bool | int] = msgspec.to_builtins(choice)
    return plain
