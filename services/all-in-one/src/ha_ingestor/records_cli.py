"""`ha-ingestor rejected …` and `ha-ingestor gaps`: they read DATA_DIR and the store, also while the ingestor runs.

A replay is the running ingestor's, by its Admin API: one process writes events.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Annotated, Any, TypeVar

import typer
from admin_api.parameters import time_of
from enrichment_pipeline.rejected_file import FILE_NAME as REJECTED_FILE
from enrichment_pipeline.rejected_file import RejectedFile
from enrichment_pipeline.settings import Settings as PipelineSettings
from ha_ingestor_core.clock import SystemClock
from ha_ingestor_core.delivery import ReplayOutcome
from ha_ingestor_core.errors import IngestorError, NotFoundError, ServiceUnavailableError, TerminalError
from ha_ingestor_core.settings import load_settings
from ha_ingestor_store import Store, open_store
from ha_ingestor_store.embedded.store_file import FILE_NAME
from ha_ingestor_store.periods import ALWAYS, DAY_NS, TimeRange, parse_period
from ha_ingestor_store.questions import RecentGaps, RecentRejected
from ha_ingestor_store.settings import StoreSettings
from rich.console import Console
from rich.markup import escape
from websocket_ingestion.main import configured_homes
from websocket_ingestion.settings import Settings as WebsocketIngestionSettings

from ha_ingestor.admin_api_address import admin_api_client
from ha_ingestor.records import (
    ReplayEnd,
    every_rejected,
    export_rejected,
    gaps_table,
    rejected_fields,
    rejected_table,
    replay_all,
)

rejected_app = typer.Typer(no_args_is_help=True, help="The events that were not stored: why, and once more.")
_out = Console(highlight=False, soft_wrap=True)
_err = Console(stderr=True, highlight=False, soft_wrap=True)

T = TypeVar("T")

Home = Annotated[str | None, typer.Option(help="Of this home only")]
Service = Annotated[str | None, typer.Option(help="Rejected by this service only")]
Key = Annotated[str | None, typer.Option(help="Rejected for this reason only, such as missing_field")]
Start = Annotated[str | None, typer.Option(help="From this time on: RFC 3339 with offset, or a period such as 24h")]
End = Annotated[str | None, typer.Option(help="Before this time: RFC 3339 with offset, or a period such as 1h")]
Limit = Annotated[int, typer.Option(min=1, max=1_000_000, help="So many at most, the newest")]


@rejected_app.command("list")
def list_rejected(
    home: Home = None, service: Service = None, key: Key = None, start: Start = None, end: End = None, limit: Limit = 50
) -> None:
    """List rejected events, newest first, and how many there are by reason."""
    question = _ended(_question(home, service, key, start, end, limit))

    async def show() -> None:
        async with _rejected() as rejected:
            page = await rejected.rejected_events(question)
            counts = await rejected.rejected_counts(question)
        if not page.events:
            _out.print("No events were rejected.")
            return
        _out.print(rejected_table(page.events))
        reasons = ", ".join(f"{key} {count:,}" for key, count in sorted(counts.items(), key=lambda each: -each[1]))
        _out.print(f"\n{len(page.events):,} of {sum(counts.values()):,}: {escape(reasons)}")

    _ended(show())


@rejected_app.command("show")
def show_rejected(rejected_id: Annotated[str, typer.Argument(metavar="ID", help="As `list` tells it")]) -> None:
    """Show one rejected event with the JSON that came."""

    async def show() -> None:
        async with _rejected() as rejected:
            event = await rejected.rejected_event(rejected_id)
        if event is None:
            raise NotFoundError(f"There is no rejected event {rejected_id}")
        for name, value in rejected_fields(event).items():
            _out.print(f"[bold]{name:12}[/bold]{escape('-' if value is None else str(value))}")

    _ended(show())


@rejected_app.command("export")
def export(
    to: Annotated[Path | None, typer.Argument(help="A file; nothing or -: standard output")] = None,
    home: Home = None,
    service: Service = None,
    key: Key = None,
    start: Start = None,
    end: End = None,
    limit: Limit = 1_000_000,
) -> None:
    """Write rejected events as lines of JSON, newest first, each with its payload."""
    question = _ended(_question(home, service, key, start, end, limit))

    async def write() -> None:
        async with _rejected() as rejected:
            if to is None or str(to) == "-":
                await export_rejected(rejected, question, sys.stdout)
                return
            try:
                with to.open("w", encoding="utf-8") as file:
                    count = await export_rejected(rejected, question, file)
            except OSError as err:
                raise TerminalError(f"{to}: {err.strerror}") from err
            _err.print(f"{count:,} rejected events in {escape(str(to))}")

    _ended(write())


@rejected_app.command("replay")
def replay(
    ids: Annotated[list[str] | None, typer.Argument(metavar="[ID]...", help="As `list` tells them")] = None,
    all_: Annotated[bool, typer.Option("--all", help="All that match and were not replayed yet")] = False,
    home: Home = None,
    service: Service = None,
    key: Key = None,
    start: Start = None,
    end: End = None,
    limit: Limit = 1_000_000,
) -> None:
    """Deliver rejected events once more, by the ingestor that runs; exit 1 if any was rejected again."""
    if bool(ids) == all_:
        raise typer.BadParameter("should be given, or --all with filters, and not both", param_hint="ID")
    question = _ended(_question(home, service, key, start, end, limit))

    async def deliver() -> int:
        chosen = ids or await _unfinished(question)
        client = admin_api_client()
        try:
            ends = await replay_all(client, chosen, _print_end)
        finally:
            await client.close()
        _out.print(", ".join(f"{count:,} {outcome}" for outcome, count in ends.items()) or "Nothing to replay.")
        return ends[ReplayOutcome.REJECTED]

    if _ended(deliver()):
        raise typer.Exit(1)


def gaps(home: Home = None, start: Start = None, end: End = None, limit: Limit = 50) -> None:
    """List when nothing was captured, newest first, and what of it was recovered from Home Assistant's history."""
    time_range = _ended(_range(start, end))

    async def show() -> None:
        async with _store() as store:
            page = await store.gaps(RecentGaps(time_range, home, limit))
        if page.gaps:
            _out.print(gaps_table(page.gaps))
        else:
            _out.print("No gaps are known.")
        if page.open:
            _out.print(f"\n{page.open:,} still open")

    _ended(show())


def _print_end(rejected_id: str, end: ReplayEnd) -> None:
    reason = f": {end.key}: {end.message}" if end.key else ""
    _out.print(f"{escape(rejected_id)}  {end.outcome}{escape(reason)}")


async def _unfinished(question: RecentRejected) -> list[str]:
    """The ids of those that were never replayed, the oldest first, as they came.

    What was rejected again stands beside its first entry as one of its own, which is the one to be replayed.
    """
    async with _rejected() as rejected:
        found = [event async for event in every_rejected(rejected, question)]
    return [event.id for event in reversed(found) if event.outcome is None]


async def _question(
    home: str | None, service: str | None, key: str | None, start: str | None, end: str | None, limit: int
) -> RecentRejected:
    return RecentRejected(await _range(start, end), home, service, key, limit)


async def _range(start: str | None, end: str | None) -> TimeRange:
    start_ns = _time(start, "--start") if start else ALWAYS.start_ns
    end_ns = _time(end, "--end") if end else max(SystemClock().now_ns() + DAY_NS, start_ns + 1)
    if start_ns >= end_ns:
        raise TerminalError("--start should be a time before --end")
    return TimeRange(start_ns, end_ns)


def _time(given: str, option: str) -> int:
    if given[:1].isdigit() and given[-1:] in "mhdwy":
        return SystemClock().now_ns() - parse_period(given, field=option)
    return time_of(given, option)


@asynccontextmanager
async def _store() -> AsyncIterator[Store]:
    """The store that `run` uses, the demo home's where no Home Assistant is set; an embedded one is never made here."""
    settings = _store_settings()
    if settings.influxdb_url is None and not (settings.data_dir / FILE_NAME).exists():
        raise TerminalError(f"{settings.data_dir} holds no store yet: start the ingestor, or set DATA_DIR")
    store = await open_store(settings)
    try:
        yield store
    finally:
        await store.close()


@asynccontextmanager
async def _rejected() -> AsyncIterator[RejectedFile]:
    """The file of rejected events in DATA_DIR; it is never made here."""
    data_dir = _store_settings().data_dir
    if not (data_dir / REJECTED_FILE).exists():
        raise TerminalError(
            f"{data_dir} holds no {REJECTED_FILE}: start the ingestor, or set DATA_DIR to its enrichment-pipeline's"
        )
    rejected = RejectedFile(data_dir, limit_bytes=load_settings(PipelineSettings).pipeline.rejected_limit_bytes)
    await rejected.open()
    try:
        yield rejected
    finally:
        await rejected.close()


def _store_settings() -> StoreSettings:
    settings = load_settings(WebsocketIngestionSettings)
    is_demo = not configured_homes(settings.home_assistant, settings.homes)
    demo = settings.store.for_demo("demo")
    if is_demo and (settings.store.influxdb_url is not None or (demo.data_dir / FILE_NAME).exists()):
        return demo
    return settings.store


def _ended(call: Coroutine[Any, Any, T]) -> T:
    """What a call returns; an error of ours ends the command with its message."""
    try:
        return asyncio.run(call)
    except IngestorError as err:
        _err.print(f"[red]{err.key}[/red]: {escape(err.message)}")
        if isinstance(err, ServiceUnavailableError):
            _err.print("Is the ingestor running, and are ADMIN_API_HOST and ADMIN_API_PORT its address?")
        raise typer.Exit(1) from err
