"""The numbers of the formats in DATA_DIR: a release leaves files alone whose format is later than it knows.

A service raises its number when it writes files that the release before cannot read. What that release can read, such
as a further member of a JSON file, needs no other number.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import msgspec

from ha_ingestor_core.errors import TerminalError
from ha_ingestor_core.files.durable_file import read_state, write_durably
from ha_ingestor_core.files.file_lock import locked

FILE = "format"
"""JSON: the number of the format by service. A service that is not named has the first one."""

FIRST = 1
_decoder = msgspec.json.Decoder(dict[str, int])


class LaterDataError(TerminalError):
    """DATA_DIR holds files of a later release, which this one leaves as they are."""

    key = "data_dir_newer"


def later_data(what: str, found: int, known: int) -> LaterDataError:
    """Return the error for a format that is later than the known one."""
    return LaterDataError(
        f"{what} has format {found}, and this release reads {known} at most. Nothing was changed. Start the later "
        "release, or restore a backup of this one (runbook data_dir_newer)"
    )


def format_in(data_dir: Path, service: str) -> int:
    """Return the format of a service's files in a folder; the first one where nothing says another."""
    try:
        return _decoder.decode((data_dir / FILE).read_bytes()).get(service, FIRST)
    except (OSError, msgspec.MsgspecError, UnicodeDecodeError):  # `keep_formats` sets it aside
        return FIRST


def check_formats(data_dir: Path, known: Mapping[str, int]) -> None:
    """Raise LaterDataError where a service's files are of a later format than the known one. Nothing is written."""
    for service, number in known.items():
        if (found := format_in(data_dir, service)) > number:
            raise later_data(f"The data of {service} in {data_dir}", found, number)


def keep_formats(data_dir: Path, known: Mapping[str, int]) -> None:
    """Write down the formats that are written from now on; raises LaterDataError as `check_formats`, and OSError."""
    with locked(data_dir / f"{FILE}.lock"):
        check_formats(data_dir, known)
        path = data_dir / FILE
        found = read_state(path, _decoder.decode, then="it begins anew") or {}
        if (formats := {**found, **known}) != found:
            write_durably(path, msgspec.json.encode(formats))
