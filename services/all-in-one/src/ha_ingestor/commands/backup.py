"""`ha-ingestor backup`, `restore` and `compact`."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import Annotated

import typer
from ha_ingestor_core.clock import ns_to_rfc3339
from ha_ingestor_core.errors import TerminalError
from ha_ingestor_store.embedded.file.store_file import FILE_NAME
from ha_ingestor_store.settings import StoreSettings
from rich.markup import escape

from ha_ingestor.archive.backup import make_backup, stream_backup
from ha_ingestor.archive.restore import compact as compact_store
from ha_ingestor.archive.restore import restore as restore_archive
from ha_ingestor.archive.restore import restore_empty
from ha_ingestor.console.output import show

Demo = Annotated[bool, typer.Option("--demo", help="Use the data of the demo home")]


def backup(
    file: Annotated[Path, typer.Argument(help="The archive to write, - for standard output; it contains tokens")],
    demo: Demo = False,
) -> None:
    """Back up DATA_DIR while HA Ingestor runs: the embedded store and the state of the services.

    The archive contains a consistent copy of the store, filters, alerts, tokens, the audit log, rejected events and
    checkpoints. It does not contain the spool: state changes that waited there are fetched from Home Assistant's
    history after a restore. If INFLUXDB_URL is set, it does not contain the store: use InfluxDB's own backup.
    """
    settings = _store_settings(demo)
    with_store = settings.influxdb_url is None
    if str(file) == "-":
        stream_backup(settings.data_dir, sys.stdout.buffer, time.time_ns(), with_store=with_store)
        return
    manifest = make_backup(settings.data_dir, file, time.time_ns(), with_store=with_store)
    until = {home: ns_to_rfc3339(until_ns) for home, until_ns in manifest.until_ns.items()}
    size = file.stat().st_size
    show(
        {"file": str(file), "bytes": size, "files": len(manifest.files), "events_until": until},
        *(f"{escape(home)}: events until {time}" for home, time in until.items()),
        f"{len(manifest.files)} files, {size / 1024**2:.1f} MiB in {escape(str(file))}",
    )


def restore(
    file: Annotated[Path | None, typer.Argument(help="An archive of `ha-ingestor backup`")] = None,
    empty: Annotated[bool, typer.Option("--empty", help="Start with an empty store instead of a damaged one")] = False,
    replace: Annotated[bool, typer.Option("--replace", help="Replace existing data, which is moved aside")] = False,
    demo: Demo = False,
) -> None:
    """Restore a backup, or start with an empty embedded store. [b]Stop HA Ingestor first.[/b]

    Existing files are moved into a separate folder; nothing is deleted. The spool is kept: its events are delivered
    at the next start, and state changes since the backup are fetched from Home Assistant's history. If a restore is
    killed, it has either changed nothing, or the next start completes it.
    """
    if (file is None) != empty:
        raise typer.BadParameter("Give an archive or --empty", param_hint="FILE")
    settings = _store_settings(demo)
    if file is None:
        files, aside = 0, restore_empty(_embedded(settings))
        line = "The store is empty. `ha-ingestor backfill --from 10d` fetches what Home Assistant's recorder keeps."
    else:
        with_store = settings.influxdb_url is None
        manifest, aside = restore_archive(settings.data_dir, file, replace=replace, with_store=with_store)
        files, line = len(manifest.files), f"of {ns_to_rfc3339(manifest.created_ns)}."
        line = f"Restored {files} files {line}"
    before = [f"The previous files are in {escape(str(aside))}."] if aside is not None else []
    show({"files": files, "before": None if aside is None else str(aside)}, line, *before)


def compact(demo: Demo = False) -> None:
    """Free the disk space of deleted events in the embedded store. [b]Stop HA Ingestor first.[/b]

    New events reuse this space, so the command is useful after the retention was shortened. It temporarily needs twice
    the size of the remaining events in DATA_DIR.
    """
    data_dir = _embedded(_store_settings(demo))
    store = data_dir / FILE_NAME
    before = store.stat().st_size if store.exists() else 0
    compact_store(data_dir)
    now = store.stat().st_size
    show({"bytes_before": before, "bytes_now": now}, f"{before / 1024**2:.1f} MiB before, {now / 1024**2:.1f} MiB now.")


def _store_settings(demo: bool) -> StoreSettings:
    settings = StoreSettings.model_validate({})
    return settings.for_demo("demo") if demo else settings


def _embedded(settings: StoreSettings) -> Path:
    if settings.influxdb_url is not None:
        raise TerminalError("INFLUXDB_URL is set, so there is no embedded store")
    return settings.data_dir
