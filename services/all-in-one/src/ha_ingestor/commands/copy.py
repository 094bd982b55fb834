"""`ha-ingestor copy`: copies one store to another with a progress bar, and reports differences."""

from __future__ import annotations

from contextlib import AsyncExitStack
from enum import StrEnum
from hashlib import blake2b
from typing import Annotated

import typer
from enrichment_pipeline.settings import Settings as EnrichmentPipelineSettings
from ha_ingestor_core.clock import SystemClock
from ha_ingestor_core.errors import IngestorError, TerminalError
from ha_ingestor_core.settings.loading import load_settings
from ha_ingestor_store import Store, open_store
from ha_ingestor_store.settings import StoreSettings
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeRemainingColumn

from ha_ingestor.console.invalid_settings import stop_for_invalid_settings
from ha_ingestor.console.output import ExitCode, err, is_json, out, show
from ha_ingestor.console.quiet_logging import run_quietly
from ha_ingestor.roles import DEMO
from ha_ingestor.store_copy import (
    EVER,
    EXPIRED,
    WRITER,
    Copying,
    Difference,
    Kind,
    Part,
    Position,
    StateFile,
    differences,
    seems_in_use,
)

_MOST_DIFFERENCES = 31


class StoreName(StrEnum):
    """The stores that can be copied."""

    EMBEDDED = "embedded"
    INFLUXDB = "influxdb"


async def copy_store(settings: StoreSettings, from_: StoreName, to: StoreName, *, force: bool = False) -> bool:
    """Copy and compare; return whether the target is complete. Raises IngestorError."""
    async with AsyncExitStack() as stack:
        source, target = [await _opened(stack, settings, name) for name in (from_, to)]
        if not force:
            await _refuse_while_in_use({from_: source, to: target})
        state = StateFile(settings.data_dir / f"copy-{from_}-{to}.json", _between(settings))
        with _bars() as bars:
            position = await _copy(source, target, state, bars)
            comparing = bars.add_task("comparing", total=None)
            found = await differences(source, target, position)
            bars.update(comparing, total=1, completed=1)
        state.remove()
    return _report(position, found, from_, to)


async def _copy(source: Store, target: Store, state: StateFile, bars: Progress) -> Position:
    total = (await source.reader.event_count(EVER)).total
    tasks = {kind: bars.add_task(kind, total=total if kind is Kind.EVENTS else None, start=False) for kind in Kind}

    def show(kind: Kind, part: Part) -> None:
        bars.start_task(tasks[kind])
        bars.update(tasks[kind], completed=part.copied, total=part.copied if part.is_complete else None)

    copying = Copying(source, target, state, on_page=show)
    if copied := copying.position.part(Kind.EVENTS).copied:
        bars.print(f"Continuing after {copied:,} events that were copied before.")
    await copying.run()
    if not target.capabilities.transactional_rollups:
        rolling_up = bars.add_task("rolling up", total=None)
        await target.administrator.roll_up()
        bars.update(rolling_up, total=1, completed=1)
    return copying.position


def _bars() -> Progress:
    return Progress(
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=out,
        disable=is_json(),
    )


def _report(position: Position, found: list[Difference], from_: StoreName, to: StoreName) -> bool:
    """Print the result; return whether the target is complete."""
    lines = []
    for kind in Kind:
        part = position.part(kind)
        new = f", {part.written:,} of them new" if kind is Kind.EVENTS else ""
        lines.append(f"{part.copied:,} {kind} copied{new}")
    refused = [(kind, key, number) for kind in Kind for key, number in position.part(kind).refused.items()]
    for kind, key, number in refused:
        advice = ""
        if key == EXPIRED:
            advice = ": older than its retention. To copy them, raise the retention and copy again"
        lines.append(f"[red]{number:,} {kind} were not accepted by {to}[/red] ({escape(key)}){advice}")
    missing = [each for each in found if each.is_missing]
    lines += [
        f"[red]{escape(each.what)}[/red]: {each.source:,} in {from_}, {each.target:,} in {to}"
        for each in missing[:_MOST_DIFFERENCES]
    ]
    if len(missing) > _MOST_DIFFERENCES:
        lines.append(f"[red]and {len(missing) - _MOST_DIFFERENCES} more[/red]")
    if more := len(found) - len(missing):
        lines.append(f"[yellow]{more} counts are higher in {to}[/yellow], which has other events as well")
    if missing:
        lines.append(
            "The target is incomplete. Check that HA Ingestor is stopped, and copy again; existing data is not changed."
        )
    elif not refused:
        lines.append(f"Compared by day and by service: {to} is complete.")
    data = {
        "copied": {kind: position.part(kind).copied for kind in Kind},
        "refused": [{"kind": kind, "key": key, "number": number} for kind, key, number in refused],
        "missing": missing,
    }
    show(data, *lines)
    return not missing and not refused


async def _opened(stack: AsyncExitStack, settings: StoreSettings, name: StoreName) -> Store:
    if name is StoreName.EMBEDDED:
        settings = settings.model_copy(update={"influxdb_url": None})
    elif settings.influxdb_url is None:
        raise TerminalError("INFLUXDB_URL is not set. Set it to the address of the InfluxDB to copy to or from")
    store = await open_store(settings, writes_events=True, rolls_up=False)
    stack.push_async_callback(store.close)
    return store


async def _refuse_while_in_use(stores: dict[StoreName, Store]) -> None:
    """Refuse to copy while a pipeline writes: its rollups would conflict, and a growing source cannot be compared."""
    clock = SystemClock()
    for name, store in stores.items():
        if await seems_in_use(store, clock):
            raise TerminalError(
                f"An {WRITER} has reported to {name} within the last 30 seconds. Stop HA Ingestor, wait 30 seconds, "
                "and try again (or add --force)"
            )


def _between(settings: StoreSettings) -> str:
    """Return a hash that identifies both stores, since their addresses may contain a password."""
    influxdb = (settings.influxdb_url or "", settings.influxdb_org, settings.influxdb_bucket)
    named = "\n".join([*influxdb, str(settings.data_dir.absolute())])
    return blake2b(named.encode(), digest_size=16).hexdigest()


def copy(
    from_: Annotated[StoreName, typer.Option("--from", help="The store to read")],
    to: Annotated[StoreName, typer.Option("--to", help="The store to write; existing data is kept")],
    demo: Annotated[bool, typer.Option("--demo", help="Copy the store of the demo home")] = False,
    force: Annotated[bool, typer.Option("--force", help="Copy even if HA Ingestor seems to be running")] = False,
) -> None:
    """Copy all events, service_metrics, weather, gaps and alerts from one store to another, and compare both.

    [b]Stop HA Ingestor first.[/b] An interrupted copy continues where it stopped; repeating a copy changes nothing.
    Exit code 4 if the target is incomplete.
    """
    if from_ is to:
        raise typer.BadParameter("must differ from --from", param_hint="--to")
    stop_for_invalid_settings()
    settings = load_settings(EnrichmentPipelineSettings).store
    try:
        is_complete = run_quietly(copy_store(settings.for_demo(DEMO) if demo else settings, from_, to, force=force))
    except IngestorError:
        err.print("The copied data is kept. Run the same command again to continue.")
        raise
    if not is_complete:
        raise typer.Exit(ExitCode.FINDING)
