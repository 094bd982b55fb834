"""The open gaps on disk, and how far each is filled."""

from __future__ import annotations

import os
from pathlib import Path

import msgspec
from ha_ingestor_core.files.durable_file import read_state, write_durably
from ha_ingestor_core.gaps import Gap
from msgspec import Struct

from websocket_ingestion.gaps.known_entities import KnownEntities


class OpenGap(Struct):
    """A gap that is being filled; all up to `done_ns`, by Home Assistant's clock, was requested and acknowledged.

    `tried_window_ns` is the length of a window that was begun and has not ended: its answer may have been too large.
    `entities_done` counts the entities whose history of that window was read.
    `unseen` are entities that changed in the gap, and when, and that the history lacks so far; None: not known yet.
    `only` are the entities to request; None: all. `stamps` are those of the attempts at the window that has not ended.
    `home_started_ns` is when Home Assistant was started, where that was in the gap.
    """

    gap: Gap
    done_ns: int | None = None
    tried_window_ns: int | None = None
    entities_done: int = msgspec.field(default=0, name="asked")  # its name in existing files
    unseen: dict[str, int] | None = None
    only: list[str] | None = None
    stamps: list[int] = []
    home_started_ns: int | None = None


class Entries(KnownEntities):
    """The content of the journal: what is known of the home's entities, and the open gaps, oldest first."""

    gaps: list[OpenGap] = msgspec.field(default_factory=list)


class Journal:
    """The file of one home. Everything blocks."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def read(self) -> Entries | None:
        """Return what was written last; empty where there is no file, None where it was damaged and is set aside."""
        is_there = os.path.lexists(self._path)
        entries = read_state(self._path, msgspec.json.Decoder(Entries).decode, then="the history of a day is requested")
        return None if entries is None and is_there else entries or Entries()

    def write(self, entries: Entries) -> None:
        """Replace the entries atomically; raises OSError."""
        self.write_encoded(msgspec.json.encode(entries))

    def write_encoded(self, entries: bytes) -> None:
        """The same, for entries that may change while they are written."""
        write_durably(self._path, entries)
