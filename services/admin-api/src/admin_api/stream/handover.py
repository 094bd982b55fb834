"""What an instance that stops has sent its listeners, in a file by which another instance sends them the rest.

A time would not do: what is stored late lies behind it, and would be sent twice or never.
"""

from __future__ import annotations

from pathlib import Path

import msgspec
import structlog
from ha_ingestor_core.durable_file import read_state, write_durably
from msgspec import Struct

from admin_api.stream.new_events import Seen

FOLDER = "stream"
_KEPT = 4
"""Files of instances that stopped, the newest; each is of use for a minute."""

_log = structlog.get_logger()


class Handover(Struct, frozen=True):
    """The events that a run of the stream has sent, up to its last message."""

    run: str
    last: int
    at_ns: int
    seen: Seen


class Handovers:
    """The handovers in DATA_DIR. Everything here blocks."""

    def __init__(self, data_dir: Path) -> None:
        self._folder = data_dir / FOLDER

    def write(self, handover: Handover) -> None:
        """Keep what a run has sent; where that fails, its listeners are told that they missed events."""
        try:
            write_durably(self._folder / f"{handover.run}.json", msgspec.json.encode(handover))
            for path in sorted(self._folder.glob("*.json"), key=_age)[:-_KEPT]:
                path.unlink(missing_ok=True)
        except OSError as err:
            _log.warning("stream_not_handed_over", error=str(err))

    def read(self, run: str) -> Handover | None:
        """Return what a run has sent; None where it left nothing. A run's name is a file's: it was checked before."""
        try:
            return read_state(self._folder / f"{run}.json", _decode, then="its listeners have missed events")
        except OSError:
            return None


_decode = msgspec.json.Decoder(Handover).decode


def _age(path: Path) -> int:
    return path.stat().st_mtime_ns
