"""The gaps that are open, on disk: what was found and how far it is filled outlives this process."""

from __future__ import annotations

import os
from pathlib import Path

import msgspec
from ha_ingestor_core.files.durable_file import read_state, write_durably
from ha_ingestor_core.gaps import Gap
from msgspec import Struct

from websocket_ingestion.gaps.known_entities import KnownEntities


class OpenGap(Struct):
    """A gap that is being filled: `done_ns` is the Home Assistant time up to which all was asked and acknowledged.

    `tried_window_ns` is the length of a stretch that was begun and has not ended: its answer may have been too much.
    `asked` counts the entities whose history of that stretch was read.
    `unseen` are entities that changed in it, and when, of which the history has not told; None before that is known.
    `only` are the entities to ask for; None: all. `stamps` are those of the attempts at the stretch that has not ended.
    `home_started_ns` is when Home Assistant was started, where that was in the gap.
    """

    gap: Gap
    done_ns: int | None = None
    tried_window_ns: int | None = None
    asked: int = 0
    unseen: dict[str, int] | None = None
    only: list[str] | None = None
    stamps: list[int] = []
    home_started_ns: int | None = None


class Entries(KnownEntities):
    """What the journal holds: what is known of the home's entities, and open gaps, oldest first."""

    gaps: list[OpenGap] = msgspec.field(default_factory=list)


class Journal:
    """The file of one home; all of it blocks."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def read(self) -> Entries | None:
        """What was written last; nothing where there is no file, None where it was damaged and is set aside."""
        is_there = os.path.lexists(self._path)
        entries = read_state(self._path, msgspec.json.Decoder(Entries).decode, then="the history of a day is requested")
        return None if entries is None and is_there else entries or Entries()

    def write(self, entries: Entries) -> None:
        """Keep the entries: the old ones or the new ones, whatever happens. Raises OSError."""
        self.write_encoded(msgspec.json.encode(entries))

    def write_encoded(self, entries: bytes) -> None:
        """The same, for entries that may change while they are written."""
        write_durably(self._path, entries)
