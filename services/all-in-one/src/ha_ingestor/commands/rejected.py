"""`ha-ingestor rejected`: lists, exports, replays and discards rejected events, also while HA Ingestor runs.

A replay is performed by the running instance, through its Admin API, since only one process may write events.
"""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator, Iterable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Annotated

import typer
from ha_ingestor_core.delivery import ReplayOutcome
from ha_ingestor_core.errors import NotFoundError, TerminalError
from ha_ingestor_store.questions import RecentRejected
from msgspec import structs
from rich.markup import escape

from ha_ingestor.api_client.address import admin_api_client
from ha_ingestor.console.output import ExitCode, note, show
from ha_ingestor.console.quiet_logging import run_quietly
from ha_ingestor.console.record_options import End, Home, Limit, Start, selected_range
from ha_ingestor.local_data import open_rejected_events, open_rejected_file
from ha_ingestor.record_tables import rejected_fields, rejected_table
from ha_ingestor.rejected_events import ReplayEnd, export_rejected, replay_all, unfinished_oldest_first

app = typer.Typer(no_args_is_help=True, help="Rejected events: list, export, replay or discard them.")

_PAGE = 1_000

Service = Annotated[str | None, typer.Option(help="Only rejected by this service")]
Key = Annotated[str | None, typer.Option(help="Only with this reason, such as missing_field")]


@app.command("list")
def list_rejected(
    home: Home = None, service: Service = None, key: Key = None, start: Start = None, end: End = None, limit: Limit = 50
) -> None:
    """List rejected events, newest first, with counts by reason."""
    question = _question(home, service, key, start, end, limit)

    async def list_() -> None:
        async with open_rejected_events() as rejected:
            page = await rejected.rejected_events(question)
            counts = await rejected.rejected_counts(question)
        reasons = ", ".join(f"{key} {count:,}" for key, count in sorted(counts.items(), key=lambda each: -each[1]))
        summary = f"\n{len(page.events):,} of {sum(counts.values()):,}: {escape(reasons)}"
        lines = [rejected_table(page.events), summary] if page.events else ["No rejected events."]
        show({"rejected": list(map(rejected_fields, page.events)), "counts": counts}, *lines)

    run_quietly(list_())


@app.command("show")
def show_rejected(rejected_id: Annotated[str, typer.Argument(metavar="ID", help="ID from `list`")]) -> None:
    """Show a rejected event with its payload."""

    async def find() -> None:
        async with open_rejected_events() as rejected:
            event = await rejected.rejected_event(rejected_id)
        if event is None:
            raise NotFoundError(f"There is no rejected event {rejected_id}")
        fields = rejected_fields(event)
        lines = [f"[bold]{name:12}[/bold]{escape('-' if it is None else str(it))}" for name, it in fields.items()]
        show(fields, *lines)

    run_quietly(find())


@app.command("export")
def export(
    to: Annotated[Path | None, typer.Argument(help="File to write; default or -: standard output")] = None,
    home: Home = None,
    service: Service = None,
    key: Key = None,
    start: Start = None,
    end: End = None,
    limit: Limit = 1_000_000,
) -> None:
    """Export rejected events with their payloads as lines of JSON, newest first."""
    question = _question(home, service, key, start, end, limit)

    async def write() -> None:
        async with open_rejected_events() as rejected:
            if to is None or str(to) == "-":
                await export_rejected(rejected, question, sys.stdout)
                return
            try:
                with to.open("w", encoding="utf-8") as file:
                    count = await export_rejected(rejected, question, file)
            except OSError as err:
                raise TerminalError(f"{to}: {err.strerror}") from err
            note(f"{count:,} rejected events in {escape(str(to))}")

    run_quietly(write())


@app.command("replay")
def replay(
    ids: Annotated[list[str] | None, typer.Argument(metavar="[ID]...", help="IDs from `list`")] = None,
    all_: Annotated[bool, typer.Option("--all", help="All matching events that have not been replayed")] = False,
    home: Home = None,
    service: Service = None,
    key: Key = None,
    start: Start = None,
    end: End = None,
    limit: Limit = 1_000_000,
) -> None:
    """Replay rejected events through the running instance; exit code 4 if any is rejected again."""
    if bool(ids) == all_:
        raise typer.BadParameter("Give IDs, or --all with filters, but not both", param_hint="ID")
    question = _question(home, service, key, start, end, limit)

    async def deliver() -> int:
        async with AsyncExitStack() as stack:
            client = admin_api_client()
            stack.push_async_callback(client.close)
            rejected = None if ids else await stack.enter_async_context(open_rejected_events())
            chosen = unfinished_oldest_first(rejected, question) if rejected else _each(ids or [])
            ends = await replay_all(client, chosen, _print_end)
        show(ends, ", ".join(f"{count:,} {outcome}" for outcome, count in ends.items()) or "No events to replay.")
        return ends[ReplayOutcome.REJECTED]

    if run_quietly(deliver()):
        raise typer.Exit(ExitCode.FINDING)


@app.command("discard")
def discard(
    ids: Annotated[list[str] | None, typer.Argument(metavar="[ID]...", help="IDs from `list`")] = None,
    all_: Annotated[bool, typer.Option("--all", help="All matching events")] = False,
    home: Home = None,
    service: Service = None,
    key: Key = None,
    start: Start = None,
    end: End = None,
) -> None:
    """Delete rejected events permanently, for example to free space in a full file; `export` saves a copy first."""
    if bool(ids) == all_:
        raise typer.BadParameter("Give IDs, or --all with filters, but not both", param_hint="ID")
    question = structs.replace(_question(home, service, key, start, end, _PAGE), with_payloads=False)

    async def delete() -> None:
        async with open_rejected_file() as rejected:
            count = await rejected.discard(ids or [])
            while all_ and (page := (await rejected.rejected_events(question)).events):
                count += await rejected.discard([event.id for event in page])
        show({"discarded": count}, f"{count:,} discarded")

    run_quietly(delete())


def _print_end(rejected_id: str, end: ReplayEnd) -> None:
    reason = f": {end.key}: {end.message}" if end.key else ""
    note(f"{escape(rejected_id)}  {end.outcome}{escape(reason)}")


async def _each(ids: Iterable[str]) -> AsyncIterator[str]:
    for each in ids:
        yield each


def _question(
    home: str | None, service: str | None, key: str | None, start: str | None, end: str | None, limit: int
) -> RecentRejected:
    return RecentRejected(selected_range(start, end), home, service, key, limit)
