"""`ha-ingestor run`, `demo-home`, `check-config`, `doctor`, `copy` and `backfill`: the commands about the whole."""

from __future__ import annotations

import asyncio
import time
from contextlib import AsyncExitStack
from typing import Annotated

import typer
from admin_api.settings import Settings as AdminApiSettings
from enrichment_pipeline.settings import Settings as EnrichmentPipelineSettings
from ha_ingestor_core.backfill import Backfill, RemoteBackfill, backfill_range
from ha_ingestor_core.errors import IngestorError, InvalidSettingsError
from ha_ingestor_core.internal_http import InternalClient
from ha_ingestor_core.log import configure_logging
from ha_ingestor_core.process_setup import make_private, raise_descriptor_limit
from ha_ingestor_core.settings import LogLevel, LogSettings, ServiceSettings, load_settings
from ha_ingestor_core.times import EXPECTED_TIME, parse_time
from ha_ingestor_store.checkup import Finding, Status
from ha_ingestor_store.settings import StoreSettings
from rich.markup import escape
from rich.progress import Progress, TextColumn
from rich.table import Table
from websocket_ingestion.configured_homes import configured_homes
from websocket_ingestion.settings import Settings as WebsocketIngestionSettings

from ha_ingestor.access_checkup import check_access
from ha_ingestor.admin_api_address import admin_api_token, admin_api_url
from ha_ingestor.backfilling import AdminApiBackfill, FirstThatAnswers, follow
from ha_ingestor.copy_command import StoreName, copy_store
from ha_ingestor.data_formats import check_data
from ha_ingestor.doctor import as_data, as_row, examine, summary
from ha_ingestor.output import ExitCode, err, is_json, note, out, show
from ha_ingestor.restoring import complete_interrupted, decided, in_use
from ha_ingestor.roles import DEMO, ROLES, SERVICES, Role, run_demo_home
from ha_ingestor.runner import Build, run_until_signalled
from ha_ingestor.settings_reference import current_settings, env_example, find_problems
from ha_ingestor.settings_remarks import log_remarks, settings_remarks
from ha_ingestor.wrong_settings import print_problems, stop_for_wrong_settings


def run(
    role: Annotated[Role, typer.Argument(help="all: everything in one process; or one service")] = Role.ALL,
) -> None:
    """Run every service in one process ([b]all[/b]), or one of them, until Ctrl-C or SIGTERM."""
    _run(ROLES[role], *SERVICES[role])


def check_config(
    describe: Annotated[
        bool, typer.Option("--describe", help="Print every setting with its meaning and default, as a file for .env")
    ] = False,
) -> None:
    """List every wrong setting at once, by environment variable, with what was expected; exit 4 if there is any."""
    if describe:
        out.print(env_example(), markup=False, end="")
        return
    if problems := find_problems():
        print_problems(InvalidSettingsError("wrong settings", problems=problems))
        raise typer.Exit(ExitCode.FINDING)
    table = Table("Variable", "Value", box=None, header_style="bold", pad_edge=False)
    settings, remarks = list(current_settings()), list(settings_remarks())
    for variable, value in settings:
        table.add_row(variable, escape(value) or "[dim]-[/dim]")
    show(
        {
            "settings": dict(settings),
            "remarks": [{"variable": remark.variable, "message": remark.message} for remark in remarks],
        },
        table,
        *(f"[yellow]![/yellow] {remark.variable} {escape(remark.message)}" for remark in remarks),
        "\nEvery setting is fine. ha-ingestor check-config --describe says what each one means.",
    )


def check_data_of(
    role: Annotated[Role, typer.Argument(help="all: everything in one process; or one service of the four")],
) -> None:
    """Check that this release can read DATA_DIR; exit 1 with `data_dir_newer` where it cannot. Nothing is changed."""
    store = StoreSettings.model_validate({})
    check_data(decided(store.data_dir), *SERVICES[role], with_store=store.influxdb_url is None)
    note(f"This release can read {store.data_dir}.")


def doctor(
    create: Annotated[
        bool,
        typer.Option(
            help="Create what is missing on InfluxDB, and try a point there and back; --no-create changes nothing"
        ),
    ] = True,
    demo: Annotated[bool, typer.Option("--demo", help="Look at the demo home's store, not at yours")] = False,
) -> None:
    """Check the store, Home Assistant and access, and say what to do about each problem; exit 4 if there is any."""
    stop_for_wrong_settings()
    if asyncio.run(_examine(create=create, demo=demo)):
        raise typer.Exit(ExitCode.FINDING)


def copy(
    from_: Annotated[StoreName, typer.Option("--from", help="The store to read")],
    to: Annotated[StoreName, typer.Option("--to", help="The store to write; what is there already stays")],
    demo: Annotated[bool, typer.Option("--demo", help="Copy the demo home's store, not yours")] = False,
    force: Annotated[bool, typer.Option("--force", help="Copy although an ingestor seems to run")] = False,
) -> None:
    """Copy all events, service_metrics, weather, gaps and alerts from one store to another, and compare both.

    [b]Stop the ingestor first.[/b] A copy that was stopped goes on where it was; repeating one changes nothing. Exit 4
    where the target lacks something.
    """
    if from_ is to:
        raise typer.BadParameter("should be another store than --from", param_hint="--to")
    stop_for_wrong_settings()
    settings = load_settings(EnrichmentPipelineSettings).store
    # Its lines would run into the bar of progress: only what goes wrong is logged.
    configure_logging(LogSettings(level=LogLevel.WARNING))  # type: ignore[call-arg]  # the format is the environment's
    try:
        is_complete = asyncio.run(copy_store(settings.for_demo(DEMO) if demo else settings, from_, to, force=force))
    except IngestorError:
        err.print("What was copied stays; the same command goes on where it was.")
        raise
    if not is_complete:
        raise typer.Exit(ExitCode.FINDING)


def backfill(
    from_: Annotated[str, typer.Option("--from", metavar="TIME", help=f"Where to begin: {EXPECTED_TIME}")],
    to: Annotated[str | None, typer.Option(metavar="TIME", help="Where to end; now when left out")] = None,
) -> None:
    """Fill a stretch of time from Home Assistant's history, by the ingestor that runs; what is stored already stays.

    Gaps are found and filled without this. It is for what was there before the ingestor, as far as the recorder keeps.
    """
    stop_for_wrong_settings()
    now_ns = time.time_ns()
    start_ns = parse_time(from_, field="--from", now_ns=now_ns, zone=None)
    end_ns = parse_time(to, field="--to", now_ns=now_ns, zone=None) if to else now_ns
    backfill_range(start_ns, end_ns, now_ns)
    asyncio.run(_backfill(start_ns, end_ns))


def demo_home(
    port: Annotated[int, typer.Option(help="Port on 127.0.0.1; any free one when left out")] = 0,
) -> None:
    """Run the simulated Home Assistant alone, and print what to set as HA_URL and HA_TOKEN."""
    _run(run_demo_home(port))


async def _backfill(start_ns: int, end_ns: int) -> None:
    """Follow a backfill with a progress bar, and say what came of it."""
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
        f"{gap.recovered:,} changes recovered, {gap.known:,} were stored already; {gap.entities:,} entities asked",
        *(f"Not recovered: {escape(sentence)}" for sentence in gap.lost),
    )


async def _examine(*, create: bool, demo: bool) -> bool:
    """Print every finding as it is made; whether there is a problem."""
    settings = load_settings(WebsocketIngestionSettings)
    store = settings.store.for_demo(DEMO) if demo else settings.store
    findings: list[Finding] = []
    homes = configured_homes(settings.home_assistant, settings.homes)
    is_alone = settings.service.internal_token is not None and store.influxdb_url is not None
    async for finding in examine(store, homes, create=create, is_alone=is_alone):
        findings.append(finding)
        if not is_json():
            out.print(as_row(finding))
    findings.append(check_access(load_settings(AdminApiSettings)))
    show({"findings": list(map(as_data, findings))}, as_row(findings[-1]), f"\n{summary(findings)}")
    return any(finding.status is Status.PROBLEM for finding in findings)


def _run(build: Build, *services: str) -> None:
    stop_for_wrong_settings()
    configure_logging(LogSettings())  # type: ignore[call-arg]  # its fields come from the environment
    log_remarks()
    store = StoreSettings.model_validate({})
    folders = [settings.data_dir for settings in (store, store.for_demo(DEMO))]
    for folder in folders:
        check_data(decided(folder), *services, with_store=store.influxdb_url is None)
    raise_descriptor_limit()
    make_private(store.data_dir)
    for folder in folders:
        complete_interrupted(folder)
    service = ServiceSettings()  # type: ignore[call-arg]  # likewise
    with in_use(store.data_dir):
        run_until_signalled(build, announce=note, hang_limit_s=service.hang_limit_s)
