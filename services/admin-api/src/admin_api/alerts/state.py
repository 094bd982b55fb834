"""The state of alerts in DATA_DIR: active alerts, alerts to be written and sent, acknowledgements and silences.

`alerts/state.json` is written by the evaluating instance, `alerts/marks.json` by any instance under a lock. Both are
replaced atomically and durably.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import msgspec
import structlog
from ha_ingestor_core.alerts import Alert
from ha_ingestor_core.files.durable_file import make_folder, read_state, write_durably
from ha_ingestor_core.files.file_lock import FileLock, locked
from msgspec import Struct, field

MOST_UNWRITTEN = 1_000
"""Maximum number of alerts queued for the store, each in its latest version; the oldest are dropped."""
MOST_UNSENT = 100
"""Maximum number of alerts queued for an address."""

_log = structlog.get_logger()

T = TypeVar("T", bound=Struct)


class State(Struct):
    """The state of the evaluating instance; `unsent` are the unsent alerts by target."""

    active: list[Alert] = []
    unwritten: list[Alert] = []
    unsent: dict[str, list[Alert]] = field(default_factory=dict, name="untold")  # its name in existing files


class Mark(Struct, frozen=True):
    """Acknowledgement (of an alert, by its id) and silence of a rule for a service."""

    acknowledged: str | None = None
    acknowledged_ns: int | None = None
    acknowledged_by: str | None = None
    silenced_until_ns: int | None = None


class Marks(Struct):
    """Marks by `rule service`."""

    marks: dict[str, Mark] = {}


class Lease(FileLock):
    """A lock held by the instance that evaluates; released when its process ends in any way."""

    def take(self) -> bool:
        """Try to take the lease; return whether this process holds it. Blocks; raises OSError."""
        make_folder(self.path.parent)
        return self.acquire()


class StateFile:
    """The file of the state. All methods block and raise OSError."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / "state.json"

    def read(self) -> State:
        """Return the state; empty if the file is missing or damaged."""
        return _read(self._path, State)

    def write(self, state: State) -> None:
        """Save a state, bounded, synced to disk on return."""
        state.unwritten = bounded(state.unwritten, MOST_UNWRITTEN, "written")
        state.unsent = {target: bounded(alerts, MOST_UNSENT, "sent") for target, alerts in state.unsent.items()}
        write_durably(self._path, msgspec.json.encode(state))


class MarksFile:
    """The file of the marks. All methods block and raise OSError."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / "marks.json"

    def read(self) -> dict[str, Mark]:
        """Return the marks by `mark_key`."""
        return _read(self._path, Marks).marks

    def change(self, key: str, change: Callable[[Mark], Mark], *, now_ns: int) -> dict[str, Mark]:
        """Change a mark under a lock; return all marks without expired ones."""
        make_folder(self._path.parent)
        with locked(self._path.with_suffix(".lock")):
            marks = self.read()
            marks[key] = change(marks.get(key, Mark()))
            marks = {key: mark for key, mark in marks.items() if _means_something(mark, now_ns)}
            write_durably(self._path, msgspec.json.encode(Marks(marks)))
        return marks


def mark_key(rule: str, service: str) -> str:
    """Return the key of a mark; unambiguous, since names of rules have no spaces."""
    return f"{rule} {service}"


def bounded(alerts: list[Alert], most: int, what: str) -> list[Alert]:
    """Return each alert in its latest version, oldest first, at most the newest `most`."""
    last = {(alert.since_ns, alert.rule, alert.service): alert for alert in alerts}
    kept = list(last.values())
    if len(kept) > most:
        _log.error("alerts_dropped", alerts=len(kept) - most, never=what)
    return kept[-most:]


def _means_something(mark: Mark, now_ns: int) -> bool:
    return mark.acknowledged is not None or (mark.silenced_until_ns or 0) > now_ns


def _read(path: Path, type_: type[T]) -> T:
    return read_state(path, msgspec.json.Decoder(type_).decode, then="it starts empty") or type_()
