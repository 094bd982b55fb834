"""The handover of streams: a stopping instance saves which events it has sent, so that another can send the rest.

A time is not sufficient: late events are stored before it, and would be sent twice or never.
"""

from __future__ import annotations

from pathlib import Path

import msgspec
import structlog
from ha_ingestor_core.files.durable_file import read_state, write_durably
from msgspec import Struct

from admin_api.stream.new_events import Seen

FOLDER = "stream"
_KEPT = 4
"""Number of files of stopped instances that are kept; each is useful for a minute."""

_log = structlog.get_logger()


class Handover(Struct, frozen=True):
    """The events that a run of the stream has sent, up to its last message."""

    run: str
    last: int
    at_ns: int
    seen: Seen


class Handovers:
    """The handovers in DATA_DIR. All methods block on the disk."""

    def __init__(self, data_dir: Path) -> None:
        self._folder = data_dir / FOLDER

    def write(self, handover: Handover) -> None:
        """Save a handover; if that fails, its listeners receive `missed`."""
        try:
            write_durably(self._folder / f"{handover.run}.json", msgspec.json.encode(handover))
            for path in sorted(self._folder.glob("*.json"), key=_age)[:-_KEPT]:
                path.unlink(missing_ok=True)
        except OSError as err:
            _log.warning("stream_handover_failed", error=str(err))

    def read(self, run: str) -> Handover | None:
        """Return the handover of a run; None without one. The caller validates `run`, which is part of a file name."""
        try:
            return read_state(self._folder / f"{run}.json", _decode, then="its listeners have missed events")
        except OSError:
            return None


_decode = msgspec.json.Decoder(Handover).decode


def _age(path: Path) -> int:
    return path.stat().st_mtime_ns
