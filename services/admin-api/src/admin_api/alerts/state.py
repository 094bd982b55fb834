"""What alerts keep in DATA_DIR: which are active, what has still to be written and told, and what people said of them.

`alerts/state.json` is the evaluating replica's, `alerts/marks.json` is written by whichever replica was asked, under a
lock. Both are replaced durably, so each is either the old one or the new one.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import msgspec
import structlog
from ha_ingestor_core.alerts import Alert
from ha_ingestor_core.durable_file import locked, make_folder, make_usable, read_state, write_durably
from msgspec import Struct

MOST_UNWRITTEN = 1_000
"""Alerts that wait for the store, each in its last version; beyond that the oldest are given up."""
MOST_UNTOLD = 100
"""Alerts that wait for one address."""

_log = structlog.get_logger()

T = TypeVar("T", bound=Struct)


class State(Struct):
    """What the evaluating replica knows: `untold` by target."""

    active: list[Alert] = []
    unwritten: list[Alert] = []
    untold: dict[str, list[Alert]] = {}


class Mark(Struct, frozen=True):
    """What people said of alerts of one rule about one service; an acknowledgement is of one alert, by its id."""

    acknowledged: str | None = None
    acknowledged_ns: int | None = None
    acknowledged_by: str | None = None
    silenced_until_ns: int | None = None


class Marks(Struct):
    """Marks by `rule service`."""

    marks: dict[str, Mark] = {}


class Lease:
    """Held by one process at a time: the one that evaluates and tells. It ends with the process, however that ends."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._fd: int | None = None

    def take(self) -> bool:
        """Whether this process holds it from now on. Blocks; raises OSError."""
        if self._fd is None:
            fd = _open_lock(self._path)
            try:
                fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                os.close(fd)
                return False
            self._fd = fd
        return True

    def release(self) -> None:
        """Let another process take it."""
        if self._fd is not None:
            os.close(self._fd)
            self._fd = None


class StateFile:
    """The state of the evaluating replica. Everything here blocks, and raises OSError."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / "state.json"

    def read(self) -> State:
        """The state; an empty one where there is none, or none that can be understood."""
        return _read(self._path, State)

    def write(self, state: State) -> None:
        """Keep a state, cut to what is bounded; it is on the disk when this returns."""
        state.unwritten = bounded(state.unwritten, MOST_UNWRITTEN, "written")
        state.untold = {target: bounded(alerts, MOST_UNTOLD, "told") for target, alerts in state.untold.items()}
        write_durably(self._path, msgspec.json.encode(state))


class MarksFile:
    """The marks. Everything here blocks, and raises OSError."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / "marks.json"

    def read(self) -> dict[str, Mark]:
        """The marks by `mark_key`."""
        return _read(self._path, Marks).marks

    def change(self, key: str, change: Callable[[Mark], Mark], *, now_ns: int) -> dict[str, Mark]:
        """Change one mark, whoever else does; the marks afterwards, without those that mean nothing any more."""
        make_folder(self._path.parent)
        with locked(self._path.with_suffix(".lock")):
            marks = self.read()
            marks[key] = change(marks.get(key, Mark()))
            marks = {key: mark for key, mark in marks.items() if _means_something(mark, now_ns)}
            write_durably(self._path, msgspec.json.encode(Marks(marks)))
        return marks


def mark_key(rule: str, service: str) -> str:
    """What marks are kept by: a rule's name has no space in it."""
    return f"{rule} {service}"


def bounded(alerts: list[Alert], most: int, what: str) -> list[Alert]:
    """Each alert in its last version, in the order in which they came; of too many the newest."""
    last = {(alert.since_ns, alert.rule, alert.service): alert for alert in alerts}
    kept = list(last.values())
    if len(kept) > most:
        _log.error("alerts_given_up", alerts=len(kept) - most, never=what)
    return kept[-most:]


def _means_something(mark: Mark, now_ns: int) -> bool:
    return mark.acknowledged is not None or (mark.silenced_until_ns or 0) > now_ns


def _read(path: Path, type_: type[T]) -> T:
    return read_state(path, msgspec.json.Decoder(type_).decode, then="it begins anew") or type_()


def _open_lock(path: Path) -> int:
    make_folder(path.parent)
    make_usable(path, then="a new lock takes its place")
    return os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
