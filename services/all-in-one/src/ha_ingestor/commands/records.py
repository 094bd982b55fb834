"""`ha-ingestor rejected …` and `ha-ingestor gaps`: they read DATA_DIR and the store, also while the ingestor runs.

Where the services run apart, rejected events are asked of the enrichment-pipeline, unless its file is in DATA_DIR.

A replay is the running ingestor's, by its Admin API: one process writes events.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator, Coroutine, Iterable
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Annotated, Any, TypeVar

import typer
from admin_api.peers.rejected import HttpRejected
from admin_api.settings import Settings as AdminApiSettings
from enrichment_pipeline.main import SERVICE as ENRICHMENT_PIPELINE
from enrichment_pipeline.rejected.rejected_file import FILE_NAME as REJECTED_FILE
from enrichment_pipeline.rejected.rejected_file import RejectedFile
from enrichment_pipeline.settings import Settings as PipelineSettings
from ha_ingestor_core.clock import SystemClock
from ha_ingestor_core.delivery import ReplayOutcome
from ha_ingestor_core.errors import InvalidInputError, NotFoundError, TerminalError
from ha_ingestor_core.http.client import InternalClient
from ha_ingestor_core.logging.setup import configure_logging
from ha_ingestor_core.settings.loading import load_settings
from ha_ingestor_core.settings.service import LogLevel, LogSettings
from ha_ingestor_core.times import EXPECTED_TIME, parse_time
from ha_ingestor_store import Store, open_store
from ha_ingestor_store.embedded.file.store_file import FILE_NAME
from ha_ingestor_store.questions import RecentGaps, RecentRejected
from ha_ingestor_store.settings import StoreSettings
from ha_ingestor_store.store import RejectedReader
from ha_ingestor_store.time_range import ALWAYS, DAY_NS, TimeRange
from msgspec import structs
from rich.markup import escape
from websocket_ingestion.configured_homes import configured_homes
from websocket_ingestion.settings import Settings as WebsocketIngestionSettings

from ha_ingestor.api_client.address import admin_api_client
from ha_ingestor.console.output import ExitCode, note, show
from ha_ingestor.data_formats import check_data
from ha_ingestor.record_tables import (
    ReplayEnd,
    export_rejected,
    gap_fields,
    gaps_table,
    rejected_fields,
    rejected_table,
    replay_all,
    unfinished_oldest_first,
)

rejected_app = typer.Typer(no_args_is_help=True, help="The events that were not stored: why, and once more.")

T = TypeVar("T")
_PAGE = 1_000

Home = Annotated[str | None, typer.Option(help="Of this home only")]
Service = Annotated[str | None, typer.Option(help="Rejected by this service only")]
Key = Annotated[str | None, typer.Option(help="Rejected for this reason only, such as missing_field")]
Start = Annotated[str | None, typer.Option(metavar="TIME", help=f"From this time on: {EXPECTED_TIME}")]
End = Annotated[str | None, typer.Option(metavar="TIME", help="Before this time")]
Limit = Annotated[int, typer.Option(min=1, max=1_000_000, help="So many at most, the newest")]


@rejected_app.command("list")
def list_rejected(
    home: Home = None, service: Service = None, key: Key = None, start: Start = None, end: End = None, limit: Limit = 50
) -> None:
    """List rejected events, newest first, and how many there are by reason."""
    question = _question(home, service, key, start, end, limit)

    async def list_() -> None:
        async with _rejected() as rejected:
            page = await rejected.rejected_events(question)
            counts = await rejected.rejected_counts(question)
        reasons = ", ".join(f"{key} {count:,}" for key, count in sorted(counts.items(), key=lambda each: -each[1]))
        summary = f"\n{len(page.events):,} of {sum(counts.values()):,}: {escape(reasons)}"
        lines = [rejected_table(page.events), summary] if page.events else ["No events were rejected."]
        show({"rejected": list(map(rejected_fields, page.events)), "counts": counts}, *lines)

    _run(list_())


@rejected_app.command("show")
def show_rejected(rejected_id: Annotated[str, typer.Argument(metavar="ID", help="As `list` tells it")]) -> None:
    """Show one rejected event with the JSON that came."""

    async def find() -> None:
        async with _rejected() as rejected:
            event = await rejected.rejected_event(rejected_id)
        if event is None:
            raise NotFoundError(f"There is no rejected event {rejected_id}")
        fields = rejected_fields(event)
        lines = [f"[bold]{name:12}[/bold]{escape('-' if it is None else str(it))}" for name, it in fields.items()]
        show(fields, *lines)

    _run(find())


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
    question = _question(home, service, key, start, end, limit)

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
            note(f"{count:,} rejected events in {escape(str(to))}")

    _run(write())


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
    """Deliver rejected events once more, by the ingestor that runs; exit 4 if any was rejected again."""
    if bool(ids) == all_:
        raise typer.BadParameter("Give an ID, or --all with filters, but not both", param_hint="ID")
    question = _question(home, service, key, start, end, limit)

    async def deliver() -> int:
        async with AsyncExitStack() as stack:
            client = admin_api_client()
            stack.push_async_callback(client.close)
            rejected = None if ids else await stack.enter_async_context(_rejected())
            chosen = unfinished_oldest_first(rejected, question) if rejected else _each(ids or [])
            ends = await replay_all(client, chosen, _print_end)
        show(ends, ", ".join(f"{count:,} {outcome}" for outcome, count in ends.items()) or "Nothing to replay.")
        return ends[ReplayOutcome.REJECTED]

    if _run(deliver()):
        raise typer.Exit(ExitCode.FINDING)


@rejected_app.command("discard")
def discard(
    ids: Annotated[list[str] | None, typer.Argument(metavar="[ID]...", help="As `list` tells them")] = None,
    all_: Annotated[bool, typer.Option("--all", help="All that match")] = False,
    home: Home = None,
    service: Service = None,
    key: Key = None,
    start: Start = None,
    end: End = None,
) -> None:
    """Delete rejected events for good, such as make room in a full file; `export` keeps a copy."""
    if bool(ids) == all_:
        raise typer.BadParameter("Give an ID, or --all with filters, but not both", param_hint="ID")
    question = structs.replace(_question(home, service, key, start, end, _PAGE), with_payloads=False)

    async def delete() -> None:
        async with _rejected_file() as rejected:
            count = await rejected.discard(ids or [])
            while all_ and (page := (await rejected.rejected_events(question)).events):
                count += await rejected.discard([event.id for event in page])
        show({"discarded": count}, f"{count:,} discarded")

    _run(delete())


def gaps(home: Home = None, start: Start = None, end: End = None, limit: Limit = 50) -> None:
    """List when nothing was captured, newest first, and what of it was recovered from Home Assistant's history."""
    time_range = _range(start, end)

    async def list_() -> None:
        async with _store() as store:
            page = await store.reader.gaps(RecentGaps(time_range, home, limit))
        still_open = [f"\n{page.open:,} still open"] if page.open else []
        table = gaps_table(page.gaps) if page.gaps else "No gaps are known."
        show({"gaps": list(map(gap_fields, page.gaps)), "open": page.open}, table, *still_open)

    _run(list_())


def _print_end(rejected_id: str, end: ReplayEnd) -> None:
    reason = f": {end.key}: {end.message}" if end.key else ""
    note(f"{escape(rejected_id)}  {end.outcome}{escape(reason)}")


async def _each(ids: Iterable[str]) -> AsyncIterator[str]:
    for each in ids:
        yield each


def _question(
    home: str | None, service: str | None, key: str | None, start: str | None, end: str | None, limit: int
) -> RecentRejected:
    return RecentRejected(_range(start, end), home, service, key, limit)


def _range(start: str | None, end: str | None) -> TimeRange:
    now_ns = SystemClock().now_ns()
    start_ns = parse_time(start, field="--start", now_ns=now_ns, zone=None) if start else ALWAYS.start_ns
    end_ns = parse_time(end, field="--end", now_ns=now_ns, zone=None) if end else max(now_ns + DAY_NS, start_ns + 1)
    if start_ns >= end_ns:
        raise InvalidInputError("--start must be a time before --end")
    return TimeRange(start_ns, end_ns)


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
async def _rejected() -> AsyncIterator[RejectedReader]:
    """The rejected events in DATA_DIR, or those of the pipeline that runs in another place."""
    api = load_settings(AdminApiSettings)
    token = api.service.internal_token
    if token is None or (_store_settings().data_dir / REJECTED_FILE).exists():
        async with _rejected_file() as rejected:
            yield rejected
        return
    client = InternalClient(api.admin_api.enrichment_pipeline_url, token.get_secret_value())
    try:
        yield HttpRejected(client)
    finally:
        await client.close()


@asynccontextmanager
async def _rejected_file() -> AsyncIterator[RejectedFile]:
    """The file of rejected events in DATA_DIR; it is never made here."""
    data_dir = _store_settings().data_dir
    if not (data_dir / REJECTED_FILE).exists():
        raise TerminalError(
            f"{data_dir} holds no {REJECTED_FILE}: start the ingestor, or set DATA_DIR to its enrichment-pipeline's"
        )
    check_data(data_dir, ENRICHMENT_PIPELINE, with_store=False)
    rejected = RejectedFile(data_dir, limit_bytes=load_settings(PipelineSettings).pipeline.rejected_limit_bytes)
    await rejected.open()
    try:
        yield rejected
    finally:
        await rejected.close()


def _store_settings() -> StoreSettings:
    """Those of the ingestor that runs here: of the demo home, where `run all` shows it; no service alone does."""
    settings = load_settings(WebsocketIngestionSettings)
    is_alone = settings.service.internal_token is not None and settings.store.influxdb_url is not None
    if is_alone or configured_homes(settings.home_assistant, settings.homes):
        return settings.store
    demo = settings.store.for_demo("demo")
    return demo if settings.store.influxdb_url or (demo.data_dir / FILE_NAME).exists() else settings.store


def _run(call: Coroutine[Any, Any, T]) -> T:
    configure_logging(LogSettings(level=LogLevel.WARNING))  # type: ignore[call-arg]  # the format is the environment's
    return asyncio.run(call)
