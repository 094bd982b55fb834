"""`ha-ingestor backfill`: fills a time range from Home Assistant's history."""

from __future__ import annotations

import asyncio
import time
from contextlib import AsyncExitStack
from typing import Annotated

import typer
from admin_api.settings import Settings as AdminApiSettings
from ha_ingestor_core.calls.backfill import Backfill, RemoteBackfill, backfill_range
from ha_ingestor_core.http.client import InternalClient
from ha_ingestor_core.settings.loading import load_settings
from ha_ingestor_core.times import EXPECTED_TIME, parse_time
from rich.markup import escape
from rich.progress import Progress, TextColumn

from ha_ingestor.api_client.address import admin_api_token, admin_api_url
from ha_ingestor.backfill_progress import AdminApiBackfill, FirstThatAnswers, follow
from ha_ingestor.console.invalid_settings import stop_for_invalid_settings
from ha_ingestor.console.output import is_json, out, show


def backfill(
    from_: Annotated[str, typer.Option("--from", metavar="TIME", help=f"Start of the time range: {EXPECTED_TIME}")],
    to: Annotated[str | None, typer.Option(metavar="TIME", help="End of the time range; default: now")] = None,
) -> None:
    """Fill a time range from Home Assistant's history, through the running instance. Stored events are kept.

    Gaps are found and filled automatically. Use this command for the time before HA Ingestor was installed, as far back
    as Home Assistant's recorder keeps it.
    """
    stop_for_invalid_settings()
    now_ns = time.time_ns()
    start_ns = parse_time(from_, field="--from", now_ns=now_ns, zone=None)
    end_ns = parse_time(to, field="--to", now_ns=now_ns, zone=None) if to else now_ns
    backfill_range(start_ns, end_ns, now_ns)
    asyncio.run(_backfill(start_ns, end_ns))


async def _backfill(start_ns: int, end_ns: int) -> None:
    """Run a backfill with a progress bar and print its result."""
    settings = load_settings(AdminApiSettings)
    token = settings.service.internal_token
    async with AsyncExitStack() as stack:
        ways: list[Backfill] = [AdminApiBackfill(admin_api_url(settings), admin_api_token(settings))]
        if token:
            client = InternalClient(settings.admin_api.websocket_ingestion_url, token.get_secret_value())
            stack.push_async_callback(client.close)
            ways.append(RemoteBackfill(client))
        columns = (*Progress.get_default_columns(), TextColumn("{task.fields[changes]} changes recovered"))
        with Progress(*columns, console=out, disable=is_json()) as bar:
            task = bar.add_task("history", total=100, changes="0")
            done = await follow(
                FirstThatAnswers(ways),
                start_ns,
                end_ns,
                lambda at: bar.update(task, completed=at.done_percent, changes=f"{at.gap.recovered:,}"),
            )
    gap = done.gap
    show(
        {"recovered": gap.recovered, "known": gap.known, "entities": gap.entities, "lost": gap.lost},
        f"{gap.recovered:,} changes recovered, {gap.known:,} were already stored; {gap.entities:,} entities queried",
        *(f"Not recovered: {escape(sentence)}" for sentence in gap.lost),
    )
