"""Format numbers of the files in DATA_DIR: a release refuses files of a later format, and leaves them unchanged.

The number of a service is increased when the previous release cannot read its new files. A compatible change, such as
an additional member of a JSON object, does not increase it.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import msgspec

from ha_ingestor_core.errors import TerminalError
from ha_ingestor_core.files.durable_file import read_state, write_durably
from ha_ingestor_core.files.file_lock import locked

FILE = "format"
"""JSON: the format number by service. The default is the first one."""

FIRST = 1
_decoder = msgspec.json.Decoder(dict[str, int])


class LaterDataError(TerminalError):
    """DATA_DIR has files of a later release."""

    key = "data_dir_newer"


def later_data(what: str, found: int, known: int) -> LaterDataError:
    """Return the error for a format that is later than the known one."""
    return LaterDataError(
        f"{what} has format {found}; this release supports up to {known}. Nothing was changed. Start the later "
        "release, or restore a backup of this one (runbook data_dir_newer)"
    )


def format_in(data_dir: Path, service: str) -> int:
    """Return the format number of a service's files in a folder."""
    try:
        return _decoder.decode((data_dir / FILE).read_bytes()).get(service, FIRST)
    except (OSError, msgspec.MsgspecError, UnicodeDecodeError):  # set aside by `keep_formats`
        return FIRST


def check_formats(data_dir: Path, known: Mapping[str, int]) -> None:
    """Raise LaterDataError where a service's files have a later format than the known one. Nothing is written."""
    for service, number in known.items():
        if (found := format_in(data_dir, service)) > number:
            raise later_data(f"The data of {service} in {data_dir}", found, number)


def keep_formats(data_dir: Path, known: Mapping[str, int]) -> None:
    """Store the formats of the files that are written from now on; raises LaterDataError and OSError."""
    with locked(data_dir / f"{FILE}.lock"):
        check_formats(data_dir, known)
        path = data_dir / FILE
        found = read_state(path, _decoder.decode, then="all formats count as the first one") or {}
        if (formats := {**found, **known}) != found:
            write_durably(path, msgspec.json.encode(formats))
